package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code report.md}. */
final class Markdown {
    private final Settings settings;
    private final Environment environment;
    private final Results results;
    private final StringBuilder text = new StringBuilder();

    Markdown(Settings settings, Environment environment, Results results) {
        this.settings = settings;
        this.environment = environment;
        this.results = results;
    }

    String render() {
        text.setLength(0);
        text.append("# ").append(settings.question()).append("\n\nWritten by `").append(settings.commandLine())
            .append("`.\n\n").append(summary());
        failures();
        section("Environment");
        table(List.of("what", "value"), environment.facts().entrySet().stream()
            .map(fact -> List.of(fact.getKey(), fact.getValue())).toList());
        versions();
        return text.toString();
    }

    /** The one table: each side's medians and, behind them, the lowest and the highest round. */
    String summary() {
        List<String> head = new ArrayList<>(List.of("side"));
        List<Metric> metrics = new ArrayList<>(results.metrics());
        metrics.forEach(metric -> head.add(metric.title() + ", " + metric.unit()));
        List<List<String>> rows = new ArrayList<>();
        for (Side side : results.sides()) {
            List<String> row = new ArrayList<>(List.of(side.name()));
            metrics.forEach(metric -> row.add(figure(results.spread(side, metric))));
            rows.add(row);
        }
        return Tables.markdown(head, rows);
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

    private void versions() {
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

    /** Median (lowest..highest); three significant digits say all there is. */
    static String figure(Spread spread) {
        return spread.isEmpty() ? "-" : number(spread.median())
            + (spread.count() == 1 ? "" : " (" + number(spread.min()) + ".." + number(spread.max()) + ")");
    }

    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
