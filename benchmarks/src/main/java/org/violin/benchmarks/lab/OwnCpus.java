package org.violin.benchmarks.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Hosts that share no CPU, as two machines do not: all programs on a run on one half of the CPUs, those on b on the
 * other. Where both share all, a payload's way leads to and fro between caches, as the kernel's scheduler likes. What
 * the kernel does in soft interrupts is not bound: a packet is received on the CPU that it was sent by.
 *
 * @param underlay joins them
 * @param ofA      CPUs by number, as is {@code ofB}
 */
public record OwnCpus(Underlay underlay, List<Integer> ofA, List<Integer> ofB) implements Underlay {
    private static final String ALLOWED = "Cpus_allowed_list:";

    /** Halves the CPUs that this program may use; throws {@link BenchException} if there is but one. */
    public static OwnCpus of(Underlay underlay) {
        return of(underlay, Proc.read("/proc/self/status").orElseThrow());
    }

    static OwnCpus of(Underlay underlay, String status) {
        List<Integer> all = parse(status.lines().filter(line -> line.startsWith(ALLOWED)).findFirst().orElseThrow()
            .substring(ALLOWED.length()).strip());
        if (all.size() < 2) {
            throw new BenchException("there is one CPU alone: two hosts cannot have CPUs of their own");
        }
        int half = all.size() / 2;
        return new OwnCpus(underlay, all.subList(0, half), all.subList(all.size() - half, all.size()));
    }

    /** Such as {@code 0-3,8}. */
    private static List<Integer> parse(String ranges) {
        List<Integer> all = new ArrayList<>();
        for (String range : ranges.split(",")) {
            String[] ends = range.split("-");
            for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); cpu++) {
                all.add(cpu);
            }
        }
        return all;
    }

    @Override
    public void join(End a, End b) {
        underlay.join(a, b);
        a.bindTo(list(ofA));
        b.bindTo(list(ofB));
    }

    @Override
    public String description() {
        return underlay.description() + "; all programs of a run on CPU " + list(ofA) + ", those of b on CPU "
            + list(ofB);
    }

    private static String list(List<Integer> cpus) {
        return cpus.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
