package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.violin.benchmarks.lab.Hosts;

/** {@code report.md}. */
final class Markdown {

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

    private final Settings settings;
    private final Environment environment;
    private final Results results;
    private final List<String> plots;
    private final StringBuilder text = new StringBuilder();

    /** @param plots names of the plots there are, without their endings */
    Markdown(Settings settings, Environment environment, Results results, List<String> plots) {
        this.settings = settings;
        this.environment = environment;
        this.results = results;
        this.plots = plots;
    }

    String render() {
        text.setLength(0);
        text.append("# ").append(settings.question()).append("\n\nWritten by\n\n```\n").append(settings.commandLine())
            .append("\n```\n\n").append(method()).append('\n').append(summary());
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
        failures();
        sides();
        section("Environment");
        table(List.of("what", "value"), environment.facts().entrySet().stream()
            .map(fact -> List.of(fact.getKey(), fact.getValue())).toList());
        text.append("\n[results.json](results.json) has every figure of every round, [raw.jsonl.gz](raw.jsonl.gz) what"
            + " the load generators said.\n");
        return text.toString();
    }

    private String method() {
        return String.format(Locale.ROOT, """
            Inner MTU %d, underlay MTU 1500: %s. %d rounds; TCP loads of %d s, CUBIC. Tables give medians and, in
            brackets, the lowest and the highest round. Both ends and the load share this machine's cores; every side
            had its turn in every round. docs/benchmarks.md says what is measured, and how.
            """, settings.mtu(), settings.underlay() == Hosts.Underlay.VETH ? "a veth pair as it is, which carries"
            + " super-frames whole" : "a veth pair as a plain NIC, without the sender's offloads, with the receiver's"
            + " GRO", settings.rounds(), settings.seconds());
    }

    /** The one table: medians. */
    String summary() {
        if (results.sides().isEmpty()) {
            return "";
        }
        List<Column> columns = SUMMARY.stream().filter(column -> results.metrics().contains(column.metric())).toList();
        List<String> head = new ArrayList<>(List.of("side", "layer", "encryption"));
        columns.forEach(column -> head.add(column.title()));
        List<List<String>> rows = new ArrayList<>();
        for (Side side : results.sides()) {
            List<String> row = new ArrayList<>(List.of(side.name(), Integer.toString(side.layer()),
                side.encryption()));
            columns.forEach(column -> row.add(number(results.spread(side, column.metric()).median())));
            rows.add(row);
        }
        return Tables.markdown(head, rows);
    }

    /** Violin's figure divided by each other side's of the same round. */
    private void ratios() {
        var violin = results.sides().stream().filter(side -> side.name().equals(Sides.VIOLIN)).findFirst();
        if (violin.isEmpty() || results.sides().size() < 2) {
            return;
        }
        section("Violin against the others");
        text.append("Violin's figure divided by the other side's of the same round. ↑: more than 1 is better;"
            + " ↓: less is.\n\n");
        List<Column> columns = SUMMARY.stream().filter(column -> results.metrics().contains(column.metric())).toList();
        List<String> head = new ArrayList<>(List.of("against"));
        columns.forEach(column -> head.add(column.title().replaceAll(" (Gbit/s|k/s|us|s/GB|MB)$", "")
            + (column.moreIsBetter() ? " ↑" : " ↓")));
        List<List<String>> rows = new ArrayList<>();
        for (Side side : results.sides()) {
            if (side != violin.get()) {
                List<String> row = new ArrayList<>(List.of(side.name()));
                columns.forEach(column -> row.add(figure(results.ratio(violin.get(), side, column.metric()))));
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
        Set<Metric> all = results.metrics();
        List<Metric> metrics = all.stream().filter(metric -> metric.key().startsWith(prefix)
            || prefix.equals("memory.") && metric.equals(Metric.idleCpu())).toList();
        if (metrics.isEmpty()) {
            return;
        }
        section(title);
        text.append(legend).append("\n\n");
        plot(plot);
        if (secondPlot != null) {
            plot(secondPlot);
        }
        List<String> head = new ArrayList<>(List.of("side"));
        metrics.forEach(metric -> head.add(metric.title() + (metric.unit().equals("CPU s/GB") ? ", CPU" : "")));
        List<List<String>> rows = new ArrayList<>();
        for (Side side : results.sides()) {
            List<String> row = new ArrayList<>(List.of(side.name()));
            metrics.forEach(metric -> row.add(figure(results.spread(side, metric))));
            rows.add(row);
        }
        table(head, rows);
    }

    private void profiles() {
        for (Results.Profile profile : results.profiles()) {
            section("Where the cycles go: " + profile.side() + ", " + profile.load());
            text.append(String.format(Locale.ROOT, """
                %s while perf looked at each CPU 999 times a second: %d samples, %.0f %% of the machine's time. Left
                out: idle time, and other programs with %.0f %%. Per cent of the rest: all; the part in which the
                kernel copied or summed bytes; and who was running: the tunnel, the load, or the kernel alone.

                """, profile.figure(), profile.cycles().busy(), profile.cycles().busyPercent(),
                profile.cycles().otherPercent()));
            table(List.of("what", "all", "copies", "tunnel", "load", "kernel"), profile.cycles().rows().stream()
                .map(row -> List.of(row.what(), number(row.all()), number(row.copies()), number(row.tunnel()),
                    number(row.load()), number(row.kernel()))).toList());
            text.append("\n[![flame graph](FILE.svg)](FILE.svg)\n\nFolded stacks: [FILE.folded.gz](FILE.folded.gz)\n"
                .replace("FILE", profile.file()));
        }
    }

    private void plot(String name) {
        if (plots.contains(name)) {
            text.append("![").append(name).append("](").append(name).append(".png)\n\n");
        }
    }

    private void failures() {
        if (results.failures().isEmpty() && results.skipped().isEmpty()) {
            return;
        }
        section("Without figures");
        for (Results.Failure failure : results.failures()) {
            text.append("- ").append(failure.side()).append(", ").append(failure.what()).append(": ")
                .append(failure.why()).append('\n');
            if (!failure.log().isEmpty()) {
                text.append("\n```\n").append(failure.log()).append("```\n");
            }
        }
        for (Map.Entry<String, String> skip : results.skipped().entrySet()) {
            text.append("- ").append(skip.getKey()).append(": skipped, ").append(skip.getValue()).append('\n');
        }
    }

    private void sides() {
        if (results.sides().isEmpty()) {
            return;
        }
        section("Sides");
        List<List<String>> rows = new ArrayList<>();
        for (Side side : results.sides()) {
            rows.add(List.of(side.name(), side.description(), Integer.toString(side.layer()), side.encryption(),
                environment.versions().getOrDefault(side.name(), "")));
        }
        table(List.of("side", "what", "layer", "encryption", "version"), rows);
    }

    private void section(String title) {
        text.append("\n## ").append(title).append("\n\n");
    }

    private void table(List<String> head, List<List<String>> rows) {
        text.append(Tables.markdown(head, rows));
    }

    /** Median (lowest..highest). */
    static String figure(Spread spread) {
        return spread.isEmpty() ? "-" : number(spread.median())
            + (spread.count() == 1 ? "" : " (" + number(spread.min()) + ".." + number(spread.max()) + ")");
    }

    /** Three significant digits say all there is. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 99.95 ? "%.0f" : size >= 9.995 ? "%.1f" : "%.2f", value);
    }
}
