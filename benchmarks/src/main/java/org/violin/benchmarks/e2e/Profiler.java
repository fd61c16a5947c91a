package org.violin.benchmarks.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Programs;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.profile.Cycles;
import org.violin.benchmarks.profile.FlameGraph;
import org.violin.benchmarks.profile.PerfScript;
import org.violin.benchmarks.profile.Sample;
import org.violin.benchmarks.profile.Stacks;
import org.violin.benchmarks.report.Recorder;
import org.violin.benchmarks.report.Results;
import org.violin.control.os.Command;

/**
 * Looks where the cycles of one side go while it has a load: {@code perf} notes the stacks of the whole machine about a
 * thousand times a second on each CPU, by a timer, which virtual machines have as well.
 */
final class Profiler {
    /** The file that perf finds the symbols of a JVM's code in. */
    private static final String PERF_MAP = "/tmp/perf-%d.map";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double START_SECONDS = 10;
    private static final int HEAD_BYTES = 4096;
    private static final Set<String> LOADS = Set.of("iperf3", "frames", "rtt");

    private final Settings settings;
    private final Pair pair;
    private final String side;
    /** The side's processes, and the hosts that they are on. */
    private final Map<Long, String> tunnel = new HashMap<>();

    /**
     * @param pair has been started
     * @param side as the report calls it
     */
    Profiler(Settings settings, Pair pair, String side) {
        this.settings = settings;
        this.pair = pair;
        this.side = side;
        tunnel(pair.a(), "a");
        tunnel(pair.b(), "b");
    }

    private void tunnel(End end, String name) {
        end.pids().forEach(pid -> tunnel.put(pid, name));
    }

    /** Why there can be no profiles; empty if there can. */
    static Optional<String> missing() {
        return Programs.find("perf").isPresent() ? Optional.empty()
            : Optional.of("perf is not installed; install it with: apt-get install linux-perf");
    }

    /** Gives the side the work while perf looks; writes the flame graph and the folded stacks. */
    Results.Profile profile(Measurement work, Recorder recorder) {
        Path recording = pair.a().path("perf.data");
        Path script = pair.a().path("perf.script");
        String figure = record(recording, work, recorder);
        try {
            tunnel.keySet().forEach(Profiler::nameJavaCode);
            pair.a().load("perf-script", List.of("sh", "-c", "exec perf script --no-inline -i " + recording + " -F "
                + PerfScript.FIELDS + " >" + script)).awaitSuccess(LIMIT.toSeconds());
        } finally {
            tunnel.keySet().forEach(pid -> Path.of(PERF_MAP.formatted(pid)).toFile().delete());
        }
        Stacks stacks = new Stacks();
        Cycles cycles = new Cycles();
        try {
            try (BufferedReader in = Files.newBufferedReader(script, StandardCharsets.UTF_8)) {
                PerfScript.read(in, sample -> add(sample, stacks, cycles));
            }
            String file = "profile-" + side + "-" + work.name();
            write(file, stacks, cycles, work.name() + ", " + figure);
            return new Results.Profile(side, work.name(), figure, cycles, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It runs on one of the hosts, so that it ends with them, but sees the whole machine from there. */
    private String record(Path recording, Measurement work, Recorder recorder) {
        recording.toFile().delete();
        Spawned perf = pair.a().load("perf", List.of("perf", "record", "-q", "-a", "-e", "cpu-clock", "-F", "999", "-g",
            "--no-buildid", "--no-buildid-cache", "-o", recording.toString()));
        try {
            // The processes that there are come first in its file; samples follow.
            boolean began = Deadline.await(START_SECONDS, () -> {
                perf.check();
                return recording.toFile().length() > HEAD_BYTES;
            });
            if (!began) {
                throw new BenchException("perf has recorded nothing within " + START_SECONDS + " s");
            }
            String figure = work.run(pair, recorder);
            perf.check();
            perf.terminate();
            perf.awaitEnd(LIMIT.toSeconds());
            return figure;
        } finally {
            perf.stop();
        }
    }

    private void add(Sample sample, Stacks stacks, Cycles cycles) {
        String host = tunnel.get(sample.pid());
        Cycles.Owner owner = host != null ? Cycles.Owner.TUNNEL
            : LOADS.contains(sample.thread()) ? Cycles.Owner.LOAD
            : sample.isOfKernel() ? Cycles.Owner.KERNEL : Cycles.Owner.OTHER;
        if (cycles.add(sample, owner)) {
            stacks.add(host == null ? sample.thread() : "tunnel at " + host + ": " + sample.thread(), sample.stack());
        }
    }

    private void write(String file, Stacks stacks, Cycles cycles, String what) throws IOException {
        if (cycles.busy() == 0) {
            throw new BenchException("perf has seen nothing");
        }
        String subtitle = String.format(Locale.ROOT, "%d samples: %.0f %% of the machine's time. Left out: idle time,"
            + " and other programs with %.0f %%", cycles.busy(), cycles.busyPercent(), cycles.otherPercent());
        Files.writeString(settings.output().resolve(file + ".svg"),
            FlameGraph.draw(stacks, side + ": " + what, subtitle));
        try (Writer out = new OutputStreamWriter(new GZIPOutputStream(
            Files.newOutputStream(settings.output().resolve(file + ".folded.gz"))), StandardCharsets.UTF_8)) {
            stacks.writeFolded(out);
        }
    }

    /** Has a JVM write down where its compiled code lies; of other programs their files tell. */
    private static void nameJavaCode(long pid) {
        ProcessHandle.of(pid).flatMap(process -> process.info().command()).map(Path::of)
            .filter(program -> program.endsWith("java")).ifPresent(java -> Command.run(
                List.of(java.resolveSibling("jcmd").toString(), Long.toString(pid), "Compiler.perfmap"), LIMIT)
                .orThrow());
    }
}
