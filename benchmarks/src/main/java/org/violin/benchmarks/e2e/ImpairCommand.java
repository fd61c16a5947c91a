package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.ReportCommand;
import org.violin.dataplane.Impairment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code violin bench impair}. */
@Command(name = "impair", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Measures how exactly link emulation does what it is asked for: delay, loss and rate. Writes a"
        + " report.",
        "Needs root: the line is between two network namespaces, which are removed at the end."},
    footer = {"", "Examples:",
        "  violin bench impair --delay 30 --loss 2 --rate 5 --rounds 3    # a line of interest",
        "  violin bench impair                                            # the whole table"})
final class ImpairCommand extends ReportCommand {
    private static final int ROUNDS = 5;
    private static final int SECONDS = 3;
    private static final int MTU = 1500;

    @Option(names = "--delay", split = ",", defaultValue = "0.5,1,5,10,20,50,100", paramLabel = "MILLISECONDS",
        description = "Delays one way (default: ${DEFAULT-VALUE}).")
    private List<Double> delays;

    @Option(names = "--loss", split = ",", defaultValue = "0.1,1,5,20", paramLabel = "PERCENT",
        description = "How many packets get lost (default: ${DEFAULT-VALUE}).")
    private List<Double> losses;

    @Option(names = "--burst", split = ",", defaultValue = "0,3", paramLabel = "PACKETS",
        description = "How many get lost in a row, in the mean; 0: as chance has it (default: ${DEFAULT-VALUE}).")
    private List<Double> bursts;

    @Option(names = "--rate", split = ",", defaultValue = "1,10,100,500", paramLabel = "MBIT/S",
        description = "Rates (default: ${DEFAULT-VALUE}).")
    private List<Double> rates;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N",
        description = "Of all losses (default: ${DEFAULT-VALUE}).")
    private long seed;

    ImpairCommand() {
        super("impair", ROUNDS, SECONDS);
    }

    /**
     * What is asked for.
     *
     * @param losses with a burst each
     */
    record Asked(List<Double> delays, List<Loss> losses, List<Double> rates) {
        /** @param burst 0: as chance has it */
        record Loss(double percent, double burst) {
        }
    }

    @Override
    public Integer call() {
        checkOptions(1);
        Asked asked = new Asked(delays, losses.stream().flatMap(loss -> bursts.stream()
            .map(burst -> new Asked.Loss(loss, burst))).toList(), rates);
        check(asked);
        prepare(List.of());
        try (Wan wan = new Wan(Impairment.NONE)) {
            List<Measurement> cells = new ArrayList<>();
            asked.delays().forEach(delay -> cells.add(new DelayCell(wan, delay, seconds())));
            asked.losses().forEach(loss -> cells.add(new LossCell(wan, loss.percent(), loss.burst(), seconds(), seed)));
            asked.rates().forEach(rate -> cells.add(new RateCell(wan, rate, seconds())));
            Settings settings = new Settings(root(), outputDirectory(), question(), commandLine(),
                List.of(Sides.path()), cells, rounds(), seconds(), wan, MTU, List.of());
            return CompareCommand.execute(settings,
                (all, environment, results) -> new ImpairMarkdown(all, environment, results, asked));
        }
    }

    private void check(Asked asked) {
        if (Stream.of(delays, losses, rates).flatMap(List::stream).anyMatch(value -> !(value > 0))) {
            throw mistake("--delay, --loss and --rate are more than nothing");
        }
        try {
            asked.delays().forEach(delay -> new WanPath(1, 2 * delay, 0, 0).impairment(seed));
            asked.losses().forEach(loss -> new WanPath(1, 0, loss.percent(), loss.burst()).impairment(seed));
            asked.rates().forEach(rate -> new WanPath(rate, 0, 0, 0).impairment(seed));
        } catch (IllegalArgumentException e) {
            throw mistake(e.getMessage());
        }
    }
}
