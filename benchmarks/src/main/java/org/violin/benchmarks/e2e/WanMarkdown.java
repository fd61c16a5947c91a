package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Setup;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Subject;
import org.violin.benchmarks.report.Tables;

/** The report of {@code violin bench wan}. */
final class WanMarkdown extends Markdown {

    /**
     * What error correction is to keep of a path.
     *
     * @param share of its rate, by a CUBIC stream, at least
     * @param wire  times the bytes on the wire, at most
     */
    record Target(double lossPercent, double burst, double share, double wire) {
    }

    static final List<Target> TARGETS = List.of(new Target(1, 0, 0.6, 1.3), new Target(5, 0, 0.4, 1.6),
        new Target(1, 3, 0.4, 1.3));
    /** Of what the same link without correction carries, on a path that loses nothing. */
    private static final double SHARE_WITHOUT_LOSS = 0.97;

    private final List<WanPath> paths;

    WanMarkdown(Setup setup, Environment environment, Results results, List<WanPath> paths) {
        super(setup, environment, results);
        this.paths = paths;
    }

    @Override
    protected Plots plots() {
        return new WanPlots(results(), setup().output(), paths);
    }

    @Override
    protected String method() {
        return String.format(Locale.ROOT, """
            Inner MTU %d, underlay MTU 1500: %s,
            of %s Mbit/s and a queue of 50 ms, which loses packets each way; "x3": three in a row, in the mean.
            %d rounds; TCP loads of %d s. Tables give medians and, in brackets, the lowest and the highest round. Every
            side had its turn in every round. docs/benchmarks.md says what is measured, and how.
            """, setup().mtu(), setup().network(), WanPath.plain(paths.getFirst().rateMegabits()),
            setup().rounds(), setup().seconds());
    }

    private List<Double> roundTrips() {
        return paths.stream().map(WanPath::rttMillis).distinct().toList();
    }

    private List<WanPath> paths(double rttMillis) {
        return paths.stream().filter(path -> path.rttMillis() == rttMillis).toList();
    }

    @Override
    protected String summary() {
        StringBuilder text = new StringBuilder();
        for (double rtt : roundTrips()) {
            text.append("One CUBIC stream, Mbit/s, round trip ").append(WanPath.plain(rtt)).append(" ms, by loss:\n\n")
                .append(table(rtt, WanCell::cubic, WanMarkdown::median)).append('\n');
        }
        return text.toString();
    }

    @Override
    protected void sections() {
        targets();
        for (double rtt : roundTrips()) {
            section("Round trip " + WanPath.plain(rtt) + " ms");
            WanPlots.names(rtt).forEach(this::plot);
            block(rtt, "One CUBIC stream, Mbit/s", WanCell::cubic, Markdown::figure);
            block(rtt, "One BBR stream, Mbit/s", WanCell::bbr, Markdown::figure);
            block(rtt, "Datagrams lost to the guest, of a stream at a tenth of the rate, %", WanCell::udpLoss,
                WanMarkdown::thousandths);
            block(rtt, "Round trips of the guests, p50, ms", path -> WanCell.roundTrip(path, "p50"),
                WanMarkdown::millis);
            block(rtt, "p99, ms", path -> WanCell.roundTrip(path, "p99"), WanMarkdown::millis);
            block(rtt, "Bytes that went into the path beyond those of the CUBIC stream that arrived, %",
                WanCell::cubicWire, WanMarkdown::median);
            block(rtt, "Packets that the path's queue dropped meanwhile, on top of its losses, %",
                WanCell::cubicOverflow, WanMarkdown::thousandths);
            block(rtt, "Bytes that went into the path beyond the frames of the stream of datagrams, %",
                WanCell::udpWire, WanMarkdown::median);
            block(rtt, "CPU time of the tunnel's processes, s/GB of the CUBIC stream", WanCell::cubicCpu,
                WanMarkdown::median);
        }
    }

    private static String median(Spread spread) {
        return number(spread.median());
    }

    private static String thousandths(Spread spread) {
        return spread.isEmpty() ? "-" : String.format(Locale.ROOT, "%.3f", spread.median());
    }

    private static String millis(Spread spread) {
        return number(spread.median() / 1000);
    }

    private void block(double rtt, String title, Function<WanPath, Metric> metric, Function<Spread, String> figure) {
        String table = table(rtt, metric, figure);
        if (!table.isEmpty()) {
            paragraph("\n" + title + ":");
            paragraph(table.stripTrailing());
        }
    }

    /** By side and loss; empty if there are no figures. */
    private String table(double rtt, Function<WanPath, Metric> metric, Function<Spread, String> figure) {
        List<String> head = new ArrayList<>(List.of("side"));
        paths(rtt).forEach(path -> head.add(path.loss()));
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            List<Spread> spreads = paths(rtt).stream()
                .map(path -> results().spread(side, metric.apply(path))).toList();
            if (!spreads.stream().allMatch(Spread::isEmpty)) {
                List<String> row = new ArrayList<>(List.of(side.name()));
                spreads.forEach(spread -> row.add(figure.apply(spread)));
                rows.add(row);
            }
        }
        return rows.isEmpty() ? "" : Tables.markdown(head, rows);
    }

    /** What error correction has kept, beside what it is to keep; its cost is that beyond the link without it. */
    private void targets() {
        var corrected = side(Sides.VIOLIN_FEC);
        var plain = side(Sides.VIOLIN_SEALED);
        if (corrected.isEmpty() || plain.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        for (WanPath path : paths) {
            double megabits = results().spread(corrected.get(), WanCell.cubic(path)).median();
            double wire = wire(corrected.get(), path) / wire(plain.get(), path);
            for (Target target : TARGETS) {
                if (target.lossPercent() == path.lossPercent() && target.burst() == path.burst()) {
                    rows.add(row(path, "of the path's rate", megabits / path.rateMegabits(), target.share(), true));
                    rows.add(row(path, "times the bytes on the wire", wire, target.wire(), false));
                }
            }
            if (path.lossPercent() == 0) {
                double ratio = results().ratio(corrected.get(), plain.get(), WanCell.cubic(path)).median();
                rows.add(row(path, "of the stream without it", ratio, SHARE_WITHOUT_LOSS, true));
            }
        }
        if (!rows.isEmpty()) {
            section("What error correction keeps");
            paragraph("One CUBIC stream through `" + Sides.VIOLIN_FEC + "`, beside what it is to get, and `"
                + Sides.VIOLIN_SEALED + "`.");
            table(List.of("path", "what", "measured", "wanted", "reached"), rows);
        }
    }

    /** Bytes on the wire for each that arrived. */
    private double wire(Subject side, WanPath path) {
        return 1 + results().spread(side, WanCell.cubicWire(path)).median() / 100;
    }

    private static List<String> row(WanPath path, String what, double measured, double wanted, boolean moreIsBetter) {
        boolean reached = moreIsBetter ? measured >= wanted : measured <= wanted;
        return List.of(path.title(), what, number(measured), (moreIsBetter ? "≥ " : "≤ ") + number(wanted),
            reached ? "yes" : "**no**");
    }

    private Optional<Subject> side(String name) {
        return results().sides().stream().filter(side -> side.name().equals(name)).findFirst();
    }
}
