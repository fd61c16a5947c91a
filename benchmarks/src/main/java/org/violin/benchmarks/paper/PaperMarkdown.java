package org.violin.benchmarks.paper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.paper.Published.What;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Subject;
import org.violin.benchmarks.report.Tables;

/** The report of {@code violin bench paper}. */
final class PaperMarkdown extends Markdown {
    /** Of the physical throughput over the WAN, what Violin's plain tunnel is to keep. */
    private static final double WANTED_SHARE = 0.9;
    /** What it may add to the average latency on the LAN, ms. */
    private static final double WANTED_ADDED_MS = 0.15;
    private static final double FEW_THOUSANDTHS = 0.9995;

    private final PaperSetup setup;
    private final PaperFigures figures;

    PaperMarkdown(PaperSetup setup, Environment environment, Results results) {
        super(setup, environment, results);
        this.setup = setup;
        figures = new PaperFigures(results);
    }

    @Override
    protected Plots plots() {
        return new PaperPlots(results(), setup.output(), setup.places());
    }

    @Override
    protected String method() {
        StringBuilder text = new StringBuilder("""
            The measurements of A. Sundararaj and P. Dinda, "Towards Virtual Networks for Virtual Machine Grid
            Computing" (VM 2004, section 4.4), and of X. Jiang and D. Xu, "VIOLIN: Virtual Internetworking on Overlay
            Infrastructure" (CSD TR 03-027), repeated. A Client and its Proxy are on one LAN, a Host and another
            machine, Local, on a second one; each LAN has a router, and between the routers there is

            """);
        setup.places().forEach(place -> text.append("- ").append(place.title()).append(": ").append(place.network())
            .append(".\n"));
        text.append(String.format(Locale.ROOT, """

            All of them are namespaces of one machine, and guests are User-Mode-Linux. %d rounds. Latency is that of
            pings every %d ms for %d s; throughput is that of iperf3 with buffers and sockets of 64 KiB and CUBIC, for
            %d s each way, where the paper had ttcp and 1 GB; the verdict over the WAN is by transfers of %d s. MB are
            10^6 bytes, there from the row's first machine to the second. Tables give medians and, in brackets, the
            lowest and the highest round; every row had its turn in every round. "-": not measured, or not said by the
            paper's text, as its figures are drawings. docs/benchmarks.md says more.
            """, setup.rounds(), Ping.INTERVAL_MS, setup.seconds(), setup.seconds(),
            setup.verdictSeconds()));
        return text.toString();
    }

    @Override
    protected String summary() {
        StringBuilder text = new StringBuilder();
        List<List<String>> wanted = wanted();
        if (!wanted.isEmpty()) {
            text.append(Tables.markdown(List.of("Violin udp", "measured", "wanted", ""), wanted)).append('\n');
        }
        for (Place place : setup.places()) {
            text.append("Figures 4, 5 and 6, ").append(place.title())
                .append("; x is times the physical network:\n\n").append(overview(place)).append('\n');
        }
        return text.toString();
    }

    /** What Violin's plain tunnel is to reach, and whether it does. */
    private List<List<String>> wanted() {
        List<List<String>> rows = new ArrayList<>();
        for (Place place : setup.places()) {
            Spread spread = place.isWan() ? figures.ratio(Rows.UDP, place.transfer(Place.VERDICT + Place.BOTH))
                : figures.added(Rows.UDP, place.ping(Place.IDLE, "avg"));
            if (!spread.isEmpty()) {
                boolean met = place.isWan() ? spread.median() >= WANTED_SHARE : spread.median() < WANTED_ADDED_MS;
                rows.add(List.of(
                    place.isWan() ? "of the physical throughput, WAN" : "added to the average latency, LAN",
                    range(spread) + (place.isWan() ? "" : " ms"),
                    place.isWan() ? "at least " + WANTED_SHARE : "less than " + WANTED_ADDED_MS + " ms",
                    met ? "met" : "**not met**"));
            }
        }
        return rows;
    }

    private String overview(Place place) {
        List<String> head = List.of("row", "avg ms", "x", "paper", "x", "sd ms", "paper", "there MB/s", "back", "x",
            "paper", "x");
        List<List<String>> rows = new ArrayList<>();
        for (Subject row : results().sides()) {
            Metric average = PaperFigures.metric(place, What.AVERAGE);
            Metric deviation = PaperFigures.metric(place, What.DEVIATION);
            rows.add(List.of(title(row), digits(figures.median(row.name(), average)),
                digits(figures.ratio(row.name(), average).median()), published(place, row.name(), What.AVERAGE),
                publishedRatio(place, row.name(), What.AVERAGE), digits(figures.median(row.name(), deviation)),
                published(place, row.name(), What.DEVIATION),
                digits(figures.median(row.name(), place.transfer(Place.THERE))),
                digits(figures.median(row.name(), place.transfer(Place.BACK))),
                digits(figures.ratio(row.name(), place.transfer(Place.BOTH)).median()),
                published(place, row.name(), What.THROUGHPUT), publishedRatio(place, row.name(), What.THROUGHPUT)));
        }
        return Tables.markdown(head, rows);
    }

    @Override
    protected void sections() {
        paragraph("\n\"x\" of ours divides by Host ↔ Client of the same round; the paper's by what it compares with: of"
            + " latency the pieces' sum (below), of throughput its \"physical network equivalent\".");
        for (Place place : setup.places()) {
            section(place.title());
            for (What what : What.values()) {
                figure(place, what);
            }
            distribution(place);
        }
        explanation();
        guests();
        section("What the papers say");
        paragraph("The VNET paper's text, section 4.4; its figures 4 to 6 are drawings. The VIOLIN report has no"
            + " figures: \"more in-depth evaluation and measurement are needed\".");
        table(List.of("testbed", "row", "what", "value", "figure", "as"), Published.ALL.stream()
            .map(each -> List.of(each.place().toUpperCase(Locale.ROOT), each.row(), each.what().title(),
                WanPath.plain(each.value()) + " " + each.what().unit(), Integer.toString(each.figure()), each.said()))
            .toList());
    }

    private void figure(Place place, What what) {
        int number = switch (what) {
            case AVERAGE -> 4;
            case DEVIATION -> 5;
            case THROUGHPUT -> 6;
        };
        paragraph("\nFigure " + number + ", " + what.title() + ", " + what.unit() + ":");
        plot(PaperPlots.name(place, what));
        List<String> head = new ArrayList<>(List.of("row"));
        head.addAll(what == What.THROUGHPUT ? List.of("there", "back") : List.of("here"));
        head.addAll(List.of("times physical", "paper", "times physical"));
        List<List<String>> rows = new ArrayList<>();
        for (Subject row : results().sides()) {
            List<String> cells = new ArrayList<>(List.of(title(row)));
            if (what == What.THROUGHPUT) {
                cells.add(range(figures.spread(row.name(), place.transfer(Place.THERE))));
                cells.add(range(figures.spread(row.name(), place.transfer(Place.BACK))));
            } else {
                cells.add(range(figures.spread(row.name(), PaperFigures.metric(place, what))));
            }
            cells.add(range(figures.ratio(row.name(), PaperFigures.metric(place, what))));
            cells.add(published(place, row.name(), what));
            cells.add(publishedRatio(place, row.name(), what));
            rows.add(cells);
        }
        if (what != What.THROUGHPUT) {
            Metric metric = PaperFigures.metric(place, what);
            double pieces = figures.pieces(metric);
            rows.add(List.of("Client ↔ Proxy ↔ Host ↔ VM, added up", digits(pieces),
                digits(pieces / figures.median(Rows.HOST_CLIENT, metric)), published(place, Published.PIECES, what),
                publishedRatio(place, Published.PIECES, what)));
        }
        table(head, rows);
    }

    private void distribution(Place place) {
        paragraph("\nPings of all rounds together, ms; those lost in %:");
        plot(PaperPlots.distribution(place, Place.IDLE));
        List<List<String>> rows = new ArrayList<>();
        for (Subject row : results().sides()) {
            Histogram samples = figures.samples(row, place, Place.IDLE);
            if (samples != null) {
                rows.add(List.of(title(row), Long.toString(samples.getTotalCount()), percentile(samples, 50),
                    percentile(samples, 99), percentile(samples, 99.9),
                    digits(figures.median(row.name(), place.ping(Place.IDLE, "lost")))));
            }
        }
        table(List.of("row", "answers", "p50", "p99", "p99.9", "lost"), rows);
    }

    private static String percentile(Histogram samples, double percentile) {
        return digits(samples.getValueAtPercentile(percentile) / 1e6);
    }

    private void explanation() {
        Variation variation = new Variation(figures, setup.places());
        if (!variation.canBeTold()) {
            return;
        }
        section("Why VNET's latency varies");
        paragraph(variation.papersOwn());
        table(Variation.PAPERS_HEAD, variation.papersRows());
        paragraph("\n" + Variation.PAPERS_READING);
        for (Place place : setup.places()) {
            for (String load : List.of(Place.IDLE, Place.LOADED)) {
                List<List<String>> rows = variation.rows(place, load);
                if (!rows.isEmpty()) {
                    paragraph("\n" + place.title() + (load.equals(Place.IDLE) ? ", while nothing else passes:"
                        : ", beside a TCP transfer:"));
                    plot(load.equals(Place.LOADED) ? PaperPlots.distribution(place, load) : "");
                    table(Variation.HEAD, rows);
                }
            }
            paragraph("\n" + variation.reading(place));
        }
        paragraph(Variation.LEGEND);
    }

    /** VIOLIN's own: guests against their hosts. */
    private void guests() {
        List<Subject> rows = results().sides().stream().filter(row -> row.name().equals(Rows.HOST_CLIENT)
            || row.name().equals(Rows.VMS) || row.name().equals(Rows.VMS_SEALED)).toList();
        if (rows.size() < 2) {
            return;
        }
        section("VIOLIN: guests and their hosts");
        paragraph("Two guests in one network of Violin's, on two hosts, in the clear and sealed, and these hosts"
            + " themselves. The VIOLIN report says of its own only that it is to be measured.");
        for (Place place : setup.places()) {
            List<List<String>> cells = new ArrayList<>();
            for (Subject row : rows) {
                Metric average = PaperFigures.metric(place, What.AVERAGE);
                cells.add(List.of(title(row), range(figures.spread(row.name(), average)),
                    range(figures.ratio(row.name(), average)),
                    range(figures.spread(row.name(), place.transfer(Place.THERE))),
                    range(figures.spread(row.name(), place.transfer(Place.BACK))),
                    range(figures.ratio(row.name(), place.transfer(Place.BOTH)))));
            }
            paragraph("\n" + place.title() + ":");
            table(List.of("row", "ICMP ms", "times the hosts'", "TCP there MB/s", "back", "times the hosts'"), cells);
        }
    }

    static String title(Subject row) {
        return row instanceof Row known ? known.title() : row.name();
    }

    private static String published(Place place, String row, What what) {
        OptionalDouble value = Published.value(place.key(), row, what);
        return value.isPresent() ? WanPath.plain(value.getAsDouble()) : "-";
    }

    private static String publishedRatio(Place place, String row, What what) {
        OptionalDouble value = Published.ratio(place.key(), row, what);
        return value.isPresent() ? digits(value.getAsDouble()) : "-";
    }

    /** Three digits, as everywhere, but down to thousandths. */
    static String digits(double value) {
        return Math.abs(value) < FEW_THOUSANDTHS ? String.format(Locale.ROOT, "%.3f", value) : number(value);
    }

    /** Median (lowest..highest). */
    static String range(Spread spread) {
        return spread.isEmpty() ? "-" : digits(spread.median()) + (spread.count() == 1 ? ""
            : " (" + digits(spread.min()) + ".." + digits(spread.max()) + ")");
    }
}
