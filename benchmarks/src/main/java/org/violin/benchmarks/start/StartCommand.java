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
import java.util.function.BooleanSupplier;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.CpuClock;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Footprint;
import org.violin.benchmarks.lab.Hosts;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Proc;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.lab.Veth;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code start}: the time from starting the program until its tunnel forwards, for every way to start it. Several
 * launchers take turns, so that what is compared are neighbours in time.
 */
@Command(name = "start", mixinStandardHelpOptions = true,
    description = "Measures how soon 'violin tunnel' forwards frames, its memory, and its CPU time while idle.")
public final class StartCommand implements Callable<Integer> {
    private static final Duration TRAINING_LIMIT = Duration.ofMinutes(2);
    private static final double LIMIT_SECONDS = 30;
    private static final double SETTLE_SECONDS = 0.5;
    /** After that, what a start leaves to be done (compiling, mostly) is over. */
    private static final double QUIET_SECONDS = 5;
    private static final int LOG_LINES = 15;

    /** How host a's end starts. That of b runs already, but for the last. */
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
    private Hosts hosts;
    private Probe left;
    private Probe right;
    private int round;

    @Override
    public Integer call() throws IOException {
        // Or else the first starts would be without their AOT cache, and beside its making.
        launchers.forEach(launcher -> org.violin.control.os.Command.run(List.of(launcher.toString(), "train"),
            TRAINING_LIMIT));
        try (Lab lab = new Lab(); Hosts made = new Hosts(lab, "start", Veth.WHOLE)) {
            hosts = made;
            measureStarts();
            if (idleSeconds > 0) {
                measureIdle();
            }
        }
        if (csv != null) {
            Files.write(csv, rows);
        }
        return 0;
    }

    private Spawned startTunnel(Path launcher, End here) {
        return start(launcher, here, "tunnel", "--insecure-plaintext", "--tap", End.OVERLAY,
            "--local", here.underlay() + ":7000", "--remote", hosts.other(here).underlay() + ":7000",
            "--address", here.overlay() + "/24");
    }

    /** As a user would, but with a state of its own. */
    private static Spawned start(Path launcher, End here, String... command) {
        return here.daemon(List.of("env", "VIOLIN_HOME=" + here.path("home"), launcher.toString()), command);
    }

    private void await(String what, BooleanSupplier condition) {
        if (!Deadline.await(LIMIT_SECONDS, condition)) {
            throw new BenchException("waited in vain for " + what + ":\n" + hosts.logTail(LOG_LINES));
        }
    }

    // ---- starts

    private void measureStarts() {
        double[][][] backMs = new double[launchers.size()][Way.values().length][rounds];
        rows.add("launcher,way,round,tap_ms,out_ms,back_ms,rss_mib");
        try (Probe leftProbe = new Probe(hosts.a().namespace(), End.OVERLAY, hosts.a().number());
            Probe rightProbe = new Probe(hosts.b().namespace(), End.OVERLAY, hosts.b().number())) {
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

    private void measureRound(int which, int index, double[][] backMs) {
        Path launcher = launchers.get(which);
        List<Spawned> ends = new ArrayList<>(List.of(startTunnel(launcher, hosts.b())));
        try {
            right.begin(++round);
            await("the TAP of b", () -> right.deviceNs() != 0);
            for (Way way : Way.values()) {
                if (way == Way.AFTER_KILL) {
                    ends.removeLast().kill();
                } else if (way != Way.FIRST) {
                    ends.removeLast().stop();
                }
                if (way == Way.BOTH) {
                    ends.removeLast().stop();
                }
                left.begin(++round);
                right.begin(round);
                long startNs = System.nanoTime();
                if (way == Way.BOTH) {
                    ends.add(startTunnel(launcher, hosts.b()));
                }
                ends.add(startTunnel(launcher, hosts.a()));
                await("frames both ways, " + way.label, () -> {
                    ends.forEach(Spawned::check);
                    return left.firstNs() != 0 && right.firstNs() != 0;
                });
                Deadline.pause(SETTLE_SECONDS);
                double out = (right.firstNs() - startNs) / 1e6;
                double back = (left.firstNs() - startNs) / 1e6;
                backMs[way.ordinal()][index] = Math.max(out, back);
                rows.add(String.format(Locale.ROOT, "%s,%s,%d,%.1f,%.1f,%.1f,%.1f", launcher, way.label, index,
                    (left.deviceNs() - startNs) / 1e6, out, back, residentMiB(ends.getLast())));
            }
        } finally {
            ends.forEach(Spawned::stop);
        }
    }

    // ---- idle

    private void measureIdle() {
        rows.add("launcher,program,seconds,cpu_percent,waits_per_second,rss_mib");
        for (Path launcher : launchers) {
            List<Spawned> ends = hosts.ends().stream().map(end -> startTunnel(launcher, end)).toList();
            try {
                ends.forEach(end -> end.awaitLog(": up,", LIMIT_SECONDS));
                watch(launcher, "tunnel", ends.getFirst());
            } finally {
                ends.forEach(Spawned::stop);
            }
            Spawned daemon = start(launcher, hosts.a(), "daemon", "--name", "idle", "--listen",
                hosts.a().underlay() + ":7001", "--insecure-plaintext");
            try {
                daemon.awaitLog(": ready,", LIMIT_SECONDS);
                watch(launcher, "daemon", daemon);
            } finally {
                daemon.stop();
            }
        }
    }

    private void watch(Path launcher, String program, Spawned process) {
        List<Long> pids = List.of(process.pid());
        Deadline.pause(QUIET_SECONDS);
        double cpuSeconds = CpuClock.processSeconds(pids);
        long waits = Proc.waits(process.pid());
        Deadline.pause(idleSeconds);
        double percent = 100 * (CpuClock.processSeconds(pids) - cpuSeconds) / idleSeconds;
        double waitsPerSecond = (Proc.waits(process.pid()) - waits) / (double) idleSeconds;
        double residentMiB = residentMiB(process);
        System.out.printf(Locale.ROOT, "%s: idle %s: %.2f %% of a core, %.0f waits/s, %.0f MiB resident%n", launcher,
            program, percent, waitsPerSecond, residentMiB);
        rows.add(String.format(Locale.ROOT, "%s,%s,%d,%.3f,%.1f,%.1f", launcher, program, idleSeconds, percent,
            waitsPerSecond, residentMiB));
    }

    private static double residentMiB(Spawned process) {
        return Footprint.of(List.of(process.pid())).map(Footprint::residentBytes).orElse(0L) / (double) (1 << 20);
    }
}
