package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Setup;
import org.violin.benchmarks.report.Subject;
import org.violin.benchmarks.report.Tables;

/** The report of {@code violin bench e2e}. */
final class E2eMarkdown extends Markdown {

    /**
     * A column of the summary.
     *
     * @param moreIsBetter of its ratios
     */
    private record Column(String title, Metric metric, boolean moreIsBetter) {
    }

    private static final List<Column> SUMMARY = List.of(
        new Column("TCP 1 a>b Gbit/s", Metric.gigabits("tcp1"), true),
        new Column("b>a", Metric.gigabits("tcp1-reverse"), true),
        new Column("TCP 4 a>b", Metric.gigabits("tcp4"), true),
        new Column("b>a", Metric.gigabits("tcp4-reverse"), true),
        new Column("CPU s/GB", Metric.cpu("tcp1"), false),
        new Column("UDP 64 B k/s", Metric.frames("udp64", "received"), true),
        new Column("512 B", Metric.frames("udp512", "received"), true),
        new Column("1500 B", Metric.frames("udp1500", "received"), true),
        new Column("RTT idle p50 us", Metric.roundTrip("rtt-idle", "p50"), false),
        new Column("p99", Metric.roundTrip("rtt-idle", "p99"), false),
        new Column("RTT loaded p50 us", Metric.roundTrip("rtt-loaded", "p50"), false),
        new Column("p99", Metric.roundTrip("rtt-loaded", "p99"), false),
        new Column("RSS MB", Metric.memory("rss"), false));

    E2eMarkdown(Setup setup, Environment environment, Results results) {
        super(setup, environment, results);
    }

    @Override
    protected Plots plots() {
        return new E2ePlots(results(), setup().output());
    }

    @Override
    protected void sections() {
        ratios();
        detail("TCP", "tcp", "tcp", "Gbit/s; CPU seconds of the whole machine for a gigabyte received.", "cpu");
        detail("UDP packets", "udp", "udp", "Thousands a second; loss in %; CPU microseconds of the whole machine for a"
            + " packet received.", null);
        detail("Round trips, idle", "rtt-idle.", "rtt-idle", "Microseconds; requests lost in %.", null);
        detail("Round trips beside a TCP stream", "rtt-loaded", "rtt-loaded",
            "Microseconds; requests lost in %; the stream's Gbit/s.", null);
        detail("Memory and idling", "memory.", "memory",
            "MB of both ends' processes, now and at their peak; CPU while other sides had their turn.", null);
        profiles();
    }

    @Override
    protected String method() {
        return String.format(Locale.ROOT, """
            Inner MTU %d, underlay MTU 1500: %s. %d rounds; TCP loads of %d s, CUBIC. Tables give medians and, in
            brackets, the lowest and the highest round. Both ends and the load share this machine's cores; every side
            had its turn in every round. docs/benchmarks.md says what is measured, and how.
            """, setup().mtu(), setup().network(), setup().rounds(), setup().seconds());
    }

    private List<Column> columns() {
        Set<Metric> metrics = results().metrics();
        return SUMMARY.stream().filter(column -> metrics.contains(column.metric())).toList();
    }

    @Override
    protected String summary() {
        if (results().sides().isEmpty()) {
            return "";
        }
        List<Column> columns = columns();
        List<String> head = new ArrayList<>(List.of("side", "layer", "encryption"));
        columns.forEach(column -> head.add(column.title()));
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            List<String> row = new ArrayList<>(List.of(side.name(), Integer.toString(side.layer()),
                side.encryption()));
            columns.forEach(column -> row.add(number(results().spread(side, column.metric()).median())));
            rows.add(row);
        }
        return Tables.markdown(head, rows);
    }

    /** Violin's figure divided by each other side's of the same round. */
    private void ratios() {
        var violin = results().sides().stream().filter(side -> side.name().equals(Sides.VIOLIN)).findFirst();
        if (violin.isEmpty() || results().sides().size() < 2) {
            return;
        }
        section("Violin against the others");
        paragraph("Violin's figure divided by the other side's of the same round. ↑: more than 1 is better;"
            + " ↓: less is.");
        List<Column> columns = columns();
        List<String> head = new ArrayList<>(List.of("against"));
        columns.forEach(column -> head.add(column.title().replaceAll(" (Gbit/s|k/s|us|s/GB|MB)$", "")
            + (column.moreIsBetter() ? " ↑" : " ↓")));
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            if (side != violin.get()) {
                List<String> row = new ArrayList<>(List.of(side.name()));
                columns.forEach(column -> row.add(figure(results().ratio(violin.get(), side, column.metric()))));
                rows.add(row);
            }
        }
        table(head, rows);
    }

    /**
     * A section with all metrics whose key begins with {@code prefix}.
     *
     * @param secondPlot may be null
     */
    private void detail(String title, String prefix, String plot, String legend, String secondPlot) {
        Set<Metric> all = results().metrics();
        List<Metric> metrics = all.stream().filter(metric -> metric.key().startsWith(prefix)
            || prefix.equals("memory.") && metric.equals(Metric.idleCpu())).toList();
        if (metrics.isEmpty()) {
            return;
        }
        section(title);
        paragraph(legend);
        plot(plot);
        if (secondPlot != null) {
            plot(secondPlot);
        }
        List<String> head = new ArrayList<>(List.of("side"));
        metrics.forEach(metric -> head.add(metric.title() + (metric.unit().equals("CPU s/GB") ? ", CPU" : "")));
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            List<String> row = new ArrayList<>(List.of(side.name()));
            metrics.forEach(metric -> row.add(figure(results().spread(side, metric))));
            rows.add(row);
        }
        table(head, rows);
    }

    private void profiles() {
        for (Results.Profile profile : results().profiles()) {
            section("Where the cycles go: " + profile.side() + ", " + profile.load());
            paragraph(String.format(Locale.ROOT, """
                %s while perf looked at each CPU 999 times a second: %d samples, %.0f %% of the machine's time. Left
                out: idle time, and other programs with %.0f %%. Per cent of the rest: all; the part in which the
                kernel copied or summed bytes; and who was running: the tunnel, the load, or the kernel alone.""",
                profile.figure(), profile.cycles().busy(), profile.cycles().busyPercent(),
                profile.cycles().otherPercent()));
            table(List.of("what", "all", "copies", "tunnel", "load", "kernel"), profile.cycles().rows().stream()
                .map(row -> List.of(row.what(), number(row.all()), number(row.copies()), number(row.tunnel()),
                    number(row.load()), number(row.kernel()))).toList());
            paragraph("\n[![flame graph](FILE.svg)](FILE.svg)\n\nFolded stacks: [FILE.folded.gz](FILE.folded.gz)"
                .replace("FILE", profile.file()));
        }
    }
}
