package org.violin.control.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Tuning;
import org.violin.control.tune.Advice;
import org.violin.control.tune.Figures;
import org.violin.control.tune.Measurement;
import org.violin.control.tune.RoundTrips;
import org.violin.control.tune.TrialRequest;
import org.violin.control.tune.Variant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin tune}. */
@Command(name = "tune", mixinStandardHelpOptions = true,
    description = {"Measures the way from one host of a network to another with each transport, and says which is best"
        + " for what.",
        "It sends what guests send, as fast as it can, over a link of its own. What else goes between the two hosts"
            + " goes by the transport that is being measured, and shares the path with it."},
    footer = {"",
        "  MBIT/S     one TCP stream (CUBIC)",
        "  WIRE       bytes sent through the tunnel for each that arrived",
        "  CPU-S/GB   CPU time of both daemons, for 10^9 bytes of the stream",
        "  RTT, P99   round trips with nothing beside them, ms: median, and 99 of 100; -: fewer were answered",
        "  LOADED     the same beside the stream",
        "  LOST, LATE, REORDERED   of a stream of 4 Mbit/s, %%; late: by more than 100 ms",
        "",
        "Exits with 4 if nothing passed."})
final class TuneCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "[NETWORK] FROM TO", arity = "2..3",
        description = "Two hosts, and their network if others have hosts of these names.")
    private List<String> names;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "3",
        description = "Measure each load for N seconds (default: ${DEFAULT-VALUE}). A transport takes 2N + 7 seconds.")
    private int seconds;

    @Option(names = "--transports", paramLabel = "LIST",
        description = "Of udp, udp+fec, tcp, tls; separated by commas. All of them if left out.")
    private String transports;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "Draw it.")
    private Path plot;

    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", defaultValue = "table",
        description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private HostedTable.Format format;

    /** What is printed as JSON. */
    record Result(String network, String from, String to, int seconds, List<Measurement> measurements,
        List<Advice> advice) {
    }

    @Override
    public Integer call() {
        if (names.size() > 3) {
            throw new ParameterException(spec.commandLine(), "one argument too many: '" + names.get(3) + "'");
        }
        if (seconds < 1 || seconds > TrialRequest.SECONDS_MAX) {
            throw new ParameterException(spec.commandLine(),
                "--seconds: " + seconds + ": 1 to " + TrialRequest.SECONDS_MAX);
        }
        if (plot != null && !Files.isWritable(plot.toAbsolutePath().getParent())) {
            throw new ParameterException(spec.commandLine(), "--plot: " + plot + ": its directory cannot be written");
        }
        List<Variant> variants = variants();
        String from = names.get(names.size() - 2);
        String to = names.getLast();
        Tuning tuning =
            Tuning.between(new Registry(Home.find()), names.size() == 3 ? names.getFirst() : null, from, to);
        List<Measurement> measurements =
            tuning.run(variants, seconds, new ConsoleProgress(System.err, Terminal.is(2)));
        List<Advice> advice = Advice.of(measurements, from, to);
        if (plot != null) {
            draw(measurements, tuning.network() + ", from " + from + " to " + to);
        }
        if (format == HostedTable.Format.json) {
            System.out.println(HostedJson.render(
                new Result(tuning.network(), from, to, seconds, measurements, advice)));
        } else {
            System.out.print(table(measurements) + "\n" + text(advice));
        }
        return advice.isEmpty() ? Exit.DEGRADED : Exit.OK;
    }

    private List<Variant> variants() {
        try {
            return transports == null ? List.of(Variant.values()) : Variant.parseList(transports);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--transports: " + e.getMessage());
        }
    }

    private void draw(List<Measurement> measurements, String title) {
        try {
            Files.writeString(plot, TunePlot.svg(title, measurements));
        } catch (IOException e) {
            throw new UncheckedIOException("--plot: " + plot + ": cannot be written: " + e.getMessage(), e);
        }
    }

    static String table(List<Measurement> measurements) {
        Table table = Table.of("TRANSPORT", ">MBIT/S", ">WIRE", ">CPU-S/GB", ">RTT", ">P99", ">LOADED", ">P99",
            ">LOST", ">LATE", ">REORDERED");
        for (Measurement measurement : measurements) {
            Figures figures = measurement.figures();
            if (figures == null) {
                table.row(measurement.transport().label(), "", "", "", "", "", "", "", "", "", "");
                continue;
            }
            RoundTrips alone = figures.alone();
            RoundTrips loaded = figures.loaded();
            table.row(measurement.transport().label(), Figures.text(figures.bitsPerSecond() / 1e6),
                Figures.text(figures.wireRatio()), Figures.text(figures.cpuSecondsPerGb()),
                millis(alone.p50Nanos()), millis(alone.p99Nanos()), millis(loaded.p50Nanos()),
                millis(loaded.p99Nanos()), Figures.text(100 * figures.lost()), Figures.text(100 * figures.late()),
                Figures.text(100 * figures.reordered()));
        }
        return table.render() + measurements.stream().filter(each -> each.failure() != null)
            .map(each -> each.transport().label() + ": " + each.failure() + "\n").collect(Collectors.joining());
    }

    private static String millis(long nanos) {
        return nanos < 0 ? "" : Figures.text(nanos / 1e6);
    }

    static String text(List<Advice> advice) {
        if (advice.isEmpty()) {
            return "nothing passed: there is nothing to choose from\n";
        }
        Table table = Table.of("FOR", "TRANSPORT", "WHY");
        advice.forEach(each -> table.row(each.goal().label(), each.transport().label(), each.reason()));
        StringBuilder text = new StringBuilder(table.render());
        text.append("\nIn the topology file, under tunnels:\n");
        for (Variant variant : EnumSet.copyOf(advice.stream().map(Advice::transport).toList())) {
            List<Advice> same = advice.stream().filter(each -> each.transport() == variant).toList();
            text.append("  ").append(same.getFirst().line()).append("    # ")
                .append(same.stream().map(each -> each.goal().label()).collect(Collectors.joining(", ")))
                .append('\n');
        }
        return text.toString();
    }
}
