package org.violin.benchmarks.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.violin.control.os.Command.CommandException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code start}: the time from starting the program until its tunnel forwards, for every way to start it. Several
 * launchers take turns, so that what is compared are neighbours in time.
 */
@Command(name = "start", mixinStandardHelpOptions = true,
    description = "Measures how soon 'violin tunnel' forwards frames, its memory, and its CPU time while idle.")
public final class StartCommand implements Callable<Integer> {
    private static final int LEFT = 0;
    private static final int RIGHT = 1;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final Duration SETTLE = Duration.ofMillis(500);

    /** How the left end starts. The right end runs already, but for the last. */
    private enum Way {
        FIRST("first start"), AFTER_KILL("again after SIGKILL"), AFTER_TERM("again after SIGTERM"),
        BOTH("both ends at once");

        private final String label;

        Way(String label) {
            this.label = label;
        }
    }

    @Option(names = "--launcher", paramLabel = "FILE",
        description = "A scripts/violin to measure (default: this one); repeat it to compare several.")
    private List<Path> launchers = List.of(Path.of(System.getProperty("violin.root", "."), "scripts/violin"));

    @Option(names = "--rounds", defaultValue = "5", paramLabel = "N", description = "How often (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--idle", defaultValue = "0", paramLabel = "SECONDS",
        description = "Then watch an idle tunnel and an idle daemon for so long each.")
    private int idleSeconds;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write every single measurement here.")
    private Path csv;

    private final List<String> rows = new ArrayList<>();
    private Path directory;
    private Hosts hosts;
    private Probe left;
    private Probe right;
    private int round;

    @Override
    public Integer call() throws Exception {
        directory = Files.createTempDirectory("violin-start");
        try {
            measureStarts();
            if (idleSeconds > 0) {
                measureIdle();
            }
            if (csv != null) {
                Files.write(csv, rows);
            }
        } finally {
            org.violin.control.os.Command.run(List.of("rm", "-r", directory.toString()), Duration.ofSeconds(5));
        }
        return 0;
    }

    // ---- starts

    private void measureStarts() throws Exception {
        double[][][] backMs = new double[launchers.size()][Way.values().length][rounds];
        rows.add("launcher,way,round,tap_ms,out_ms,back_ms,rss_mib");
        try (Hosts made = new Hosts(directory);
            Probe leftProbe = new Probe(made.name(LEFT), Hosts.TAP, LEFT);
            Probe rightProbe = new Probe(made.name(RIGHT), Hosts.TAP, RIGHT)) {
            hosts = made;
            left = leftProbe;
            right = rightProbe;
            for (int i = 0; i < rounds; i++) {
                for (int which = 0; which < launchers.size(); which++) {
                    measureRound(which, i, backMs[which]);
                }
            }
        }
        for (int which = 0; which < launchers.size(); which++) {
            System.out.printf("%s: ms until frames pass both ways, median (min .. max) of %d%n",
                launchers.get(which), rounds);
            for (Way way : Way.values()) {
                double[] sorted = backMs[which][way.ordinal()];
                Arrays.sort(sorted);
                System.out.printf(Locale.ROOT, "  %-20s %6.0f (%.0f .. %.0f)%n", way.label, sorted[rounds / 2],
                    sorted[0], sorted[rounds - 1]);
            }
        }
    }

    private void measureRound(int which, int index, double[][] backMs) throws Exception {
        Path launcher = launchers.get(which);
        List<Process> ends = new ArrayList<>(List.of(hosts.startTunnel(launcher, RIGHT)));
        try {
            right.begin(++round);
            await("the right TAP", () -> right.deviceNs() != 0);
            for (Way way : Way.values()) {
                if (way == Way.AFTER_KILL) {
                    ends.removeLast().destroyForcibly().waitFor();
                } else if (way != Way.FIRST) {
                    end(ends.removeLast());
                }
                if (way == Way.BOTH) {
                    end(ends.removeLast());
                }
                left.begin(++round);
                right.begin(round);
                long startNs = System.nanoTime();
                if (way == Way.BOTH) {
                    ends.add(hosts.startTunnel(launcher, RIGHT));
                }
                ends.add(hosts.startTunnel(launcher, LEFT));
                await("frames both ways, " + way.label, () -> left.firstNs() != 0 && right.firstNs() != 0);
                LockSupport.parkNanos(SETTLE.toNanos());
                double out = (right.firstNs() - startNs) / 1e6;
                double back = (left.firstNs() - startNs) / 1e6;
                backMs[way.ordinal()][index] = Math.max(out, back);
                rows.add(String.format(Locale.ROOT, "%s,%s,%d,%.1f,%.1f,%.1f,%.1f", launcher, way.label, index,
                    (left.deviceNs() - startNs) / 1e6, out, back,
                    ProcessFigures.residentMiB(ends.getLast().pid())));
            }
        } finally {
            for (Process end : ends) {
                end(end);
            }
        }
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LIMIT_NS, TimeUnit.NANOSECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private void await(String what, BooleanSupplier condition) throws IOException {
        long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - beganNs > LIMIT_NS) {
                throw new CommandException("waited in vain for " + what + ":\n" + hosts.output());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    // ---- idle

    private void measureIdle() throws Exception {
        rows.add("launcher,program,seconds,cpu_percent,waits_per_second,rss_mib");
        for (Path launcher : launchers) {
            try (Hosts made = new Hosts(directory)) {
                hosts = made;
                List<Process> ends = List.of(hosts.startTunnel(launcher, RIGHT), hosts.startTunnel(launcher, LEFT));
                try {
                    await("the tunnel", () -> hosts.says(LEFT, ": up,") && hosts.says(RIGHT, ": up,"));
                    watch(launcher, "tunnel", ends.getLast());
                } finally {
                    for (Process end : ends) {
                        end(end);
                    }
                }
                Process daemon = hosts.start(LEFT, List.of(launcher.toString(), "daemon", "--name", "idle",
                    "--listen", "10.77.0.1:7001"));
                try {
                    await("the daemon", () -> hosts.says(LEFT, ": ready,"));
                    watch(launcher, "daemon", daemon);
                } finally {
                    end(daemon);
                }
            }
        }
    }

    /** Begins when what a start leaves to be done (compiling, mostly) is over. */
    private void watch(Path launcher, String program, Process process) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
        double cpuSeconds = ProcessFigures.cpuSeconds(process.pid());
        long waits = ProcessFigures.waits(process.pid());
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(idleSeconds));
        double percent = 100 * (ProcessFigures.cpuSeconds(process.pid()) - cpuSeconds) / idleSeconds;
        double waitsPerSecond = (ProcessFigures.waits(process.pid()) - waits) / (double) idleSeconds;
        double residentMiB = ProcessFigures.residentMiB(process.pid());
        System.out.printf(Locale.ROOT, "%s: idle %s: %.2f %% of a core, %.0f waits/s, %.0f MiB resident%n", launcher,
            program, percent, waitsPerSecond, residentMiB);
        rows.add(String.format(Locale.ROOT, "%s,%s,%d,%.3f,%.1f,%.1f", launcher, program, idleSeconds, percent,
            waitsPerSecond, residentMiB));
    }
}
