package org.violin.benchmarks.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a machine's busy time divides among what was done, and among those who were running when it was done. */
public final class Cycles {
    /** Who was running. Soft interrupts run in whatever they interrupt, so this alone says little of the kernel. */
    public enum Owner {
        /** The tunnel's processes. */
        TUNNEL,
        /** The programs that use it. */
        LOAD,
        /** The kernel's threads, interrupts of idle CPUs. */
        KERNEL,
        /** Programs that have nothing to do with it: they are left out. */
        OTHER
    }

    /**
     * A line of the table; per cent of that time.
     *
     * @param copies the part of {@code all} in which the kernel copied or summed bytes
     */
    public record Row(String what, double all, double copies, double tunnel, double load, double kernel) {
    }

    private static final int OWNERS = Owner.OTHER.ordinal();
    private static final List<String> JIT = List.of("C1 Compiler", "C2 Compiler");
    private static final String OURS = "org.violin.dataplane.";

    /** Samples by owner, and behind them those in copies. */
    private final Map<String, long[]> counts = new HashMap<>();
    private long busy;
    private long idle;
    private long other;

    /** Counts a sample; returns whether it is one of those that are divided: not idle, and not of another program. */
    public boolean add(Sample sample, Owner owner) {
        if (sample.isIdle()) {
            idle++;
            return false;
        }
        if (owner == Owner.OTHER) {
            other++;
            return false;
        }
        busy++;
        long[] count = counts.computeIfAbsent(what(sample, owner), key -> new long[OWNERS + 1]);
        count[owner.ordinal()]++;
        if (!sample.stack().isEmpty() && Activity.copies(sample.stack().getLast())) {
            count[OWNERS]++;
        }
        return true;
    }

    private static String what(Sample sample, Owner owner) {
        if (sample.stack().isEmpty()) {
            return "unknown";
        }
        Frame innermost = sample.stack().getLast();
        if (innermost.kind() == Frame.Kind.KERNEL) {
            return Activity.of(sample.stack(), owner).title();
        }
        return switch (owner) {
            case LOAD -> "the load's own code";
            case KERNEL, OTHER -> "unknown";
            case TUNNEL -> innermost.kind() == Frame.Kind.JAVA ? java(innermost)
                : JIT.stream().anyMatch(sample.thread()::startsWith) ? "native: the JVM's compilers" : "native";
        };
    }

    private static String java(Frame frame) {
        String name = frame.javaPackage();
        return name.startsWith(OURS) ? "Java: " + name.substring(OURS.length())
            : name.isEmpty() ? "Java: interpreter, stubs" : "Java: JDK, libraries";
    }

    /** Samples that are divided. */
    public long busy() {
        return busy;
    }

    /** The same, per cent of all. */
    public double busyPercent() {
        return percentOfAll(busy);
    }

    /** Samples of other programs, per cent of all. */
    public double otherPercent() {
        return percentOfAll(other);
    }

    private double percentOfAll(long samples) {
        return 100.0 * samples / Math.max(1, busy + idle + other);
    }

    /** Largest first; at the end their sum. */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        long[] sum = new long[OWNERS + 1];
        counts.forEach((what, count) -> {
            rows.add(row(what, count));
            for (int i = 0; i < count.length; i++) {
                sum[i] += count[i];
            }
        });
        rows.sort(Comparator.comparingDouble((Row row) -> -row.all()).thenComparing(Row::what));
        rows.add(row("all", sum));
        return rows;
    }

    private Row row(String what, long[] count) {
        double percent = 100.0 / Math.max(1, busy);
        long all = count[0] + count[1] + count[2];
        return new Row(what, all * percent, count[OWNERS] * percent, count[Owner.TUNNEL.ordinal()] * percent,
            count[Owner.LOAD.ordinal()] * percent, count[Owner.KERNEL.ordinal()] * percent);
    }
}
