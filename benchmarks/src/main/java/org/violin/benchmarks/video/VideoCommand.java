package org.violin.benchmarks.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Programs;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.ReportCommand;
import org.violin.benchmarks.report.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code violin bench video}. */
@Command(name = "video", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Streams a video from one domain to three others over paths that lose packets: by multicast in a"
        + " network of Violin's, without and with error correction, and by the relays of an application-level overlay."
        + " Compares each frame that viewers see with what it was. Writes a report.",
        "Needs root and ffmpeg: the domains are network namespaces, which are removed at the end."},
    footer = {"", "Examples:",
        "  violin bench video --install-peers                             # ffmpeg first; five minutes",
        "  violin bench video --loss 3 --rounds 1                         # a quick look"})
public final class VideoCommand extends ReportCommand {
    private static final int ROUNDS = 2;
    private static final int SECONDS = 8;
    private static final int SECONDS_MIN = 2;
    private static final int SECONDS_MAX = 60;
    private static final String FFMPEG = "ffmpeg";

    @Option(names = "--sides", split = ",", paramLabel = "NAME",
        description = "Which ways to stream to compare (default: all).")
    private List<String> names = List.of();

    @Option(names = "--loss", split = ",", defaultValue = "1,3", paramLabel = "PERCENT",
        description = "How many packets each path loses (default: ${DEFAULT-VALUE}).")
    private List<Double> losses;

    @Option(names = "--rtt", defaultValue = "20", paramLabel = "MILLISECONDS",
        description = "The paths' round trip (default: ${DEFAULT-VALUE}).")
    private double roundTrip;

    @Option(names = "--rate", defaultValue = "50", paramLabel = "MBIT/S",
        description = "The paths' rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N",
        description = "Of all losses (default: ${DEFAULT-VALUE}).")
    private long seed;

    /** The command with its defaults. */
    public VideoCommand() {
        super("video", ROUNDS, SECONDS);
    }

    @Override
    public Integer call() {
        checkOptions(1);
        if (seconds() < SECONDS_MIN || seconds() > SECONDS_MAX) {
            throw mistake("--seconds must be " + SECONDS_MIN + " to " + SECONDS_MAX);
        }
        VideoSetup setup = new VideoSetup(root(), outputDirectory(), question(), commandLine(), sides(), paths(),
            rounds(), seconds(), seed);
        prepare(Programs.find(FFMPEG).isPresent() ? List.of() : List.of(FFMPEG));
        if (Programs.find(FFMPEG).isEmpty()) {
            throw new BenchException("missing: install with: apt-get install --no-install-recommends " + FFMPEG
                + ", or --install-peers");
        }
        return execute(setup);
    }

    private List<Side> sides() {
        List<String> all = Side.ALL.stream().map(Side::name).toList();
        names.stream().filter(name -> !all.contains(name)).findFirst().ifPresent(name -> {
            throw mistake("--sides: there is no " + name + "; there are " + String.join(", ", all));
        });
        return Side.ALL.stream().filter(side -> names.isEmpty() || names.contains(side.name())).toList();
    }

    private List<WanPath> paths() {
        if (!(rate > 0)) {
            throw mistake("--rate: a path has one");
        }
        try {
            List<WanPath> paths = losses.stream().map(loss -> new WanPath(rate, roundTrip, loss, 0)).toList();
            paths.forEach(path -> path.impairment(seed));
            return paths;
        } catch (IllegalArgumentException e) {
            throw mistake(e.getMessage());
        }
    }

    private static int execute(VideoSetup setup) {
        System.out.printf("%d sides, %d paths, %d rounds: about %s%n", setup.sides().size(), setup.paths().size(),
            setup.rounds(), Progress.clock(VideoRun.estimateSeconds(setup)));
        try (VideoRun run = new VideoRun(setup, System.out)) {
            Files.createDirectories(setup.output());
            Environment environment = Environment.read(setup.root(), versions(setup));
            Results results;
            try (RawFile raw = new RawFile(setup.output())) {
                results = run.measure(raw);
            }
            new Report(setup, environment, results, (given, machine, figures) ->
                new VideoMarkdown(setup, machine, figures, run)).write(System.out);
            return results.failures().isEmpty() ? 0 : FAILED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, List<String>> versions(VideoSetup setup) {
        List<String> violin = List.of(setup.root().resolve("scripts/violin").toString(), "version");
        return setup.sides().stream().collect(Collectors.toMap(Side::name,
            side -> side.isRelayed() ? List.of(FFMPEG, "-version") : violin, (one, other) -> one,
            LinkedHashMap::new));
    }
}
