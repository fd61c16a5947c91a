package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code violin bench wan}. */
@Command(name = "wan", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Compares transports over paths of a wide-area network: emulated ones, with a rate, a round trip and"
        + " losses, the same for all sides. Writes a report.",
        "Needs root: each tunnel runs between two network namespaces, which are removed at the end."},
    footer = {"", "Examples:",
        "  violin bench wan --loss 0,1 --burst 0 --rtt 20 --rounds 1      # a quick look",
        "  violin bench wan                                               # the whole table"})
final class WanCommand extends CompareCommand {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 5;
    /** Of one that only loses more, which none should hesitate to believe. */
    private static final int LEARN_WORSE_SECONDS = 5;

    @Option(names = "--loss", split = ",", defaultValue = "0,0.1,1,3,5", paramLabel = "PERCENT",
        description = "How many packets get lost, each way (default: ${DEFAULT-VALUE}).")
    private List<Double> losses;

    @Option(names = "--burst", split = ",", defaultValue = "0,3", paramLabel = "PACKETS",
        description = "How many get lost in a row, in the mean; 0: as chance has it (default: ${DEFAULT-VALUE}).")
    private List<Double> bursts;

    @Option(names = "--rtt", split = ",", defaultValue = "1,20,100", paramLabel = "MILLISECONDS",
        description = "The path's round trip (default: ${DEFAULT-VALUE}).")
    private List<Double> roundTrips;

    @Option(names = "--rate", defaultValue = "200", paramLabel = "MBIT/S",
        description = "The path's rate, each way (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--learn", defaultValue = "65", paramLabel = "SECONDS",
        description = "How long a thin stream tells the sides of a path that is longer or loses less than the one"
            + " before, as they may take their time to believe it (default: ${DEFAULT-VALUE}).")
    private int learnSecondsMax;

    @Option(names = "--bbr", description = "Measure a TCP stream of BBR as well.")
    private boolean bbr;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N",
        description = "Of all losses (default: ${DEFAULT-VALUE}).")
    private long seed;

    WanCommand() {
        super("wan", ROUNDS, SECONDS);
    }

    @Override
    public Integer call() {
        checkOptions(1);
        List<WanPath> paths = paths();
        if (learnSecondsMax < 1) {
            throw mistake("--learn must be at least 1");
        }
        List<Side> sides = chooseSides(withCustoms(Sides.wan(root())));
        Lab.checkRoot();
        // Or sides that adapt would first learn of a path that is not among those.
        WanPath first = new WanPath(rate, paths.getFirst().rttMillis(), 0, 0);
        try (Wan wan = new Wan(first.impairment(seed))) {
            Settings settings = new Settings(root(), outputDirectory(), question(), commandLine(), sides,
                cells(wan, paths), rounds(), seconds(), wan, mtu(), List.of());
            prepareSides(sides);
            return execute(settings,
                (all, environment, results) -> new WanMarkdown(all, environment, results, paths));
        }
    }

    /** The path before the first is the last one, of the round before. */
    private List<Measurement> cells(Wan wan, List<WanPath> paths) {
        List<Measurement> cells = new ArrayList<>();
        WanPath before = paths.getLast();
        for (WanPath path : paths) {
            int learnSeconds = path.onlyLosesMoreThan(before) ? Math.min(learnSecondsMax, LEARN_WORSE_SECONDS)
                : learnSecondsMax;
            cells.add(new WanCell(wan, path, learnSeconds, seconds(), bbr, seed));
            before = path;
        }
        return cells;
    }

    /** Without losses there are no bursts. */
    private List<WanPath> paths() {
        if (rate <= 0) {
            throw mistake("--rate: a path has one");
        }
        try {
            return roundTrips.stream().flatMap(rtt -> bursts.stream().flatMap(burst -> losses.stream()
                .flatMap(loss -> loss == 0 && burst > 0 ? Stream.empty()
                    : Stream.of(new WanPath(rate, rtt, loss, burst))))).peek(path -> path.impairment(seed)).toList();
        } catch (IllegalArgumentException e) {
            throw mistake(e.getMessage());
        }
    }
}
