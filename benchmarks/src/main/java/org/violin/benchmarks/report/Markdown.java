package org.violin.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code report.md}: what reports of all kinds have. */
public abstract class Markdown {
    private final Setup setup;
    private final Environment environment;
    private final Results results;
    private final StringBuilder text = new StringBuilder();
    private List<String> plots = List.of();

    protected Markdown(Setup setup, Environment environment, Results results) {
        this.setup = setup;
        this.environment = environment;
        this.results = results;
    }

    protected Setup setup() {
        return setup;
    }

    protected Results results() {
        return results;
    }

    /** What the report shows. */
    protected abstract Plots plots();

    /** How the figures came about: a paragraph. */
    protected abstract String method();

    /** The one table: medians. */
    protected abstract String summary();

    /** The sections between the summary and what went wrong. */
    protected abstract void sections();

    /** @param drawn names of the plots there are, without their endings */
    String render(List<String> drawn) {
        plots = drawn;
        text.setLength(0);
        text.append("# ").append(setup.question()).append("\n\nWritten by\n\n```\n").append(setup.commandLine())
            .append("\n```\n\n").append(method()).append('\n').append(summary());
        sections();
        failures();
        sides();
        section("Environment");
        table(List.of("what", "value"), environment.facts().entrySet().stream()
            .map(fact -> List.of(fact.getKey(), fact.getValue())).toList());
        text.append("\n[results.json](results.json) has every figure of every round, [raw.jsonl.gz](raw.jsonl.gz) what"
            + " the load generators said.\n");
        return text.toString();
    }

    /** Shows a plot, if it was drawn. */
    protected void plot(String name) {
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
        for (Subject side : results.sides()) {
            rows.add(List.of(side.name(), side.description(), Integer.toString(side.layer()), side.encryption(),
                environment.versions().getOrDefault(side.name(), "")));
        }
        table(List.of("side", "what", "layer", "encryption", "version"), rows);
    }

    protected void section(String title) {
        text.append("\n## ").append(title).append("\n\n");
    }

    protected void table(List<String> head, List<List<String>> rows) {
        text.append(Tables.markdown(head, rows));
    }

    protected void paragraph(String paragraph) {
        text.append(paragraph).append("\n\n");
    }

    /** Median (lowest..highest). */
    protected static String figure(Spread spread) {
        return spread.isEmpty() ? "-" : number(spread.median())
            + (spread.count() == 1 ? "" : " (" + number(spread.min()) + ".." + number(spread.max()) + ")");
    }

    /** Three significant digits say all there is. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 99.95 ? "%.0f" : size >= 9.995 ? "%.1f" : "%.2f", value);
    }
}
