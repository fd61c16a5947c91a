package org.violin.benchmarks.paper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.ReportCommand;
import org.violin.benchmarks.report.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code violin bench paper}. */
@Command(name = "paper", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Repeats the measurements of the two papers that Violin implements: latency, its standard deviation"
        + " and throughput of the physical network, of guests, of VNET, of SSH and of Violin, on a LAN and on a WAN."
        + " Writes a report with the paper's figures beside ours.",
        "Needs root: the machines are network namespaces, which are removed at the end, and User-Mode-Linux guests."},
    footer = {"", "Examples:",
        "  violin bench paper                                              # all of it: less than 20 minutes",
        "  violin bench paper --only lan --rounds 1                        # a quick look",
        "  violin bench paper --rows host-client,vnet,violin-udp --only wan"})
public final class PaperCommand extends ReportCommand {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 2;
    private static final int VERDICT_TIMES = 3;
    /** Sequence numbers of ping's have 16 bits. */
    private static final int SECONDS_MAX = 300;

    @Option(names = "--only", split = ",", paramLabel = "lan|wan", defaultValue = "lan,wan",
        description = "On which testbeds (default: both).")
    private List<String> only;

    @Option(names = "--rows", split = ",", paramLabel = "NAME",
        description = "Which rows to measure (default: all that can be).")
    private List<String> names = List.of();

    @Option(names = "--verdict-seconds", paramLabel = "N",
        description = "How long the transfers last over the WAN that the verdict on Violin compares: losses make short"
            + " ones a lottery (default: three times --seconds).")
    private int verdictSeconds;

    @Option(names = "--rtt", defaultValue = "37", paramLabel = "MILLISECONDS",
        description = "The WAN's round trip (default: ${DEFAULT-VALUE}, the paper's).")
    private double roundTrip;

    @Option(names = "--loss", defaultValue = "7", paramLabel = "PERCENT",
        description = "How many pings get lost on the WAN, on the way there or back (default: ${DEFAULT-VALUE}, the"
            + " paper's).")
    private double loss;

    @Option(names = "--rate", defaultValue = "100", paramLabel = "MBIT/S",
        description = "The WAN's rate, each way (default: ${DEFAULT-VALUE}, that of the paper's network adaptors).")
    private double rate;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N",
        description = "Of all losses (default: ${DEFAULT-VALUE}).")
    private long seed;

    /** The command with its defaults. */
    public PaperCommand() {
        super("paper", ROUNDS, SECONDS);
    }

    @Override
    public Integer call() {
        checkOptions(1);
        if (seconds() > SECONDS_MAX || verdictSeconds < 0) {
            throw mistake("--seconds must be at most " + SECONDS_MAX + ", and --verdict-seconds at least 1");
        }
        PaperSetup setup = new PaperSetup(root(), outputDirectory(), question(), commandLine(), rows(), places(),
            rounds(), seconds(), verdictSeconds == 0 ? VERDICT_TIMES * seconds() : verdictSeconds, seed);
        prepare(setup.rows().stream().filter(row -> row.missingProgram().isPresent())
            .flatMap(row -> row.packages().stream()).distinct().toList());
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            throw new BenchException("/dev/net/tun is missing: tunnels need it");
        }
        return execute(setup);
    }

    private List<Row> rows() {
        Map<String, Row> all = new LinkedHashMap<>();
        Rows.all().forEach(row -> all.put(row.name(), row));
        names.stream().filter(name -> !all.containsKey(name)).findFirst().ifPresent(name -> {
            throw mistake("--rows: there is no " + name + "; there are " + String.join(", ", all.keySet()));
        });
        return all.values().stream().filter(row -> names.isEmpty() || names.contains(row.name())).toList();
    }

    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        for (String name : only) {
            switch (name) {
                case Place.LAN -> places.add(Place.lan());
                case Place.WAN -> places.add(Place.wan(path()));
                default -> throw mistake("--only: there is no " + name + "; there are lan, wan");
            }
        }
        return places;
    }

    /** What a ping has to pass twice. */
    private WanPath path() {
        if (!(loss >= 0 && loss < 100) || !(rate > 0)) {
            throw mistake("--loss is 0 to less than 100, and --rate more than 0");
        }
        WanPath path = new WanPath(rate, roundTrip, 100 * (1 - Math.sqrt(1 - loss / 100)), 0);
        try {
            path.impairment(seed);
            return path;
        } catch (IllegalArgumentException e) {
            throw mistake(e.getMessage());
        }
    }

    private static int execute(PaperSetup setup) {
        System.out.printf("%d rows, %d testbeds, %d rounds: about %s%n", setup.rows().size(), setup.places().size(),
            setup.rounds(), Progress.clock(PaperRun.estimateSeconds(setup)));
        try (PaperRun run = new PaperRun(setup, System.out)) {
            Files.createDirectories(setup.output());
            Environment environment = Environment.read(setup.root(), versions(setup));
            Results results;
            try (RawFile raw = new RawFile(setup.output())) {
                results = run.measure(raw);
            }
            new Report(setup, environment, results,
                (about, machine, figures) -> new PaperMarkdown(setup, machine, figures)).write(System.out);
            return results.failures().isEmpty() ? 0 : FAILED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, List<String>> versions(PaperSetup setup) {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        for (Row row : setup.rows()) {
            if (row.kind() == Row.Kind.SSH && row.missingProgram().isEmpty()) {
                commands.put(row.name(), List.of("ssh", "-V"));
            } else if (row.kind() == Row.Kind.TUNNEL || row.kind() == Row.Kind.VNET) {
                commands.put(row.name(), List.of(setup.root().resolve("scripts/violin").toString(), "version"));
            }
        }
        return commands;
    }
}
