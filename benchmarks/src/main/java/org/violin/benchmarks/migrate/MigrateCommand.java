package org.violin.benchmarks.migrate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Recorder;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.ReportCommand;
import org.violin.benchmarks.report.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code violin bench migrate}. The switch's ports are TAPs on three hosts, and all of them send and receive all the
 * time. The longest time without a frame is taken for each stream, both while nothing moves and while the switch does.
 */
@Command(name = "migrate", mixinStandardHelpOptions = true,
    description = "Measures for how long 'violin switch migrate' keeps frames from passing, and writes a report. A"
        + " round is --seconds in which nothing moves, and a move.")
public final class MigrateCommand extends ReportCommand {
    private static final int ROUNDS = 10;
    private static final int SECONDS = 1;
    private static final String NETWORK = "bench-migrate";
    private static final List<String> HOSTS = List.of("a", "b", "c");
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Pattern CHANGED = Pattern.compile("changed in (\\d+) ms");
    private static final double FLOWING_SECONDS = 30;
    private static final double SETTLE_SECONDS = 0.5;
    /** Of the command. */
    private static final double MOVE_SECONDS = 1.5;

    @Option(names = "--ports", defaultValue = "64", paramLabel = "N",
        description = "Of the switch; an even number (default: ${DEFAULT-VALUE}).")
    private int ports;

    private Path home;

    /** The command with its defaults. */
    public MigrateCommand() {
        super("migrate", ROUNDS, SECONDS);
    }

    @Override
    public Integer call() {
        checkOptions(1);
        if (ports < 2 || ports > Streams.PORTS_MAX || ports % 2 != 0) {
            throw mistake("--ports is an even number, 2 to " + Streams.PORTS_MAX);
        }
        MigrateSetup setup =
            new MigrateSetup(outputDirectory(), question(), commandLine(), rounds(), seconds(), ports);
        Results results = new Results();
        List.of(Phase.MOVING, Phase.STILL).forEach(results::addSide);
        try (Lab lab = new Lab()) {
            home = lab.directory().resolve("home");
            Path file = Files.writeString(lab.directory().resolve("net.yaml"), topology());
            Files.createDirectories(setup.output());
            Environment environment = Environment.read(root(), Map.of());
            violin("up", file.toString());
            try (RawFile raw = new RawFile(setup.output())) {
                measure(lab, results, raw);
            } finally {
                violin("down", NETWORK);
            }
            new Report(setup, environment, results,
                (about, machine, figures) -> new MigrateMarkdown(setup, machine, figures)).write(System.out);
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String topology() {
        StringBuilder yaml = new StringBuilder("network: " + NETWORK + "\nhosts:\n");
        HOSTS.forEach(host -> yaml.append("  ").append(host).append(": { netns: true }\n"));
        yaml.append("switches:\n  lan: { host: a }\ntaps:\n");
        for (int port = 0; port < ports; port++) {
            yaml.append("  ").append(Streams.name(port)).append(": { host: ")
                .append(HOSTS.get(Streams.hostOf(port, HOSTS.size()))).append(", switch: lan }\n");
        }
        return yaml.toString();
    }

    private String violin(String... arguments) {
        List<String> argv = new ArrayList<>(List.of("env", "VIOLIN_HOME=" + home,
            root().resolve("scripts/violin").toString()));
        argv.addAll(List.of(arguments));
        return org.violin.control.os.Command.run(argv, LIMIT).orThrow().output();
    }

    private void measure(Lab lab, Results results, RawFile raw) {
        Progress progress =
            new Progress(System.out, rounds(), rounds() * (seconds() + MOVE_SECONDS + SETTLE_SECONDS));
        try (Streams streams = new Streams(
            HOSTS.stream().map(host -> "violin-" + NETWORK + "-" + host).toList(), ports)) {
            awaitFrames(streams);
            for (int round = 0; round < rounds(); round++) {
                lab.checkOpen();
                streams.begin();
                Deadline.pause(seconds());
                record(new Recorder(results, raw, Phase.STILL, round), streams.gapsMillis());
                String to = HOSTS.get((round + 1) % HOSTS.size());
                Recorder moving = new Recorder(results, raw, Phase.MOVING, round);
                streams.begin();
                String said = violin("switch", "migrate", NETWORK + "/lan", "--to", to);
                Deadline.pause(SETTLE_SECONDS);
                double[] gaps = streams.gapsMillis();
                record(moving, gaps);
                moving.keep("switch migrate", said);
                Matcher changed = CHANGED.matcher(said);
                moving.value(Phase.CHANGED, changed.find() ? Double.parseDouble(changed.group(1)) : Double.NaN);
                progress.step(round + 1, "to " + to, Phase.MOVING.name(), String.format(Locale.ROOT,
                    "median %.0f ms, longest %.0f ms", median(gaps), gaps[gaps.length - 1]));
            }
        }
    }

    private static void awaitFrames(Streams streams) {
        boolean flow = Deadline.await(FLOWING_SECONDS, () -> {
            streams.begin();
            Deadline.pause(SETTLE_SECONDS);
            double[] gaps = streams.gapsMillis();
            return gaps[gaps.length - 1] < 1000 * SETTLE_SECONDS / 2;
        });
        if (!flow) {
            throw new BenchException("frames do not pass between all TAPs, after " + FLOWING_SECONDS + " s");
        }
    }

    /** @param gaps ms, the shortest first */
    private static void record(Recorder recorder, double[] gaps) {
        recorder.value(Phase.MEDIAN, median(gaps));
        recorder.value(Phase.LONGEST, gaps[gaps.length - 1]);
        recorder.keep("gaps", Arrays.toString(gaps));
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }
}
