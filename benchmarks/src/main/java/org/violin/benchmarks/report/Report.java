package org.violin.benchmarks.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;

/** Writes all files of a report, and prints the one table. */
public final class Report {
    /** Makes the report of one kind of run. */
    @FunctionalInterface
    public interface Kind {
        Markdown of(Setup setup, Environment environment, Results results);
    }

    private final Setup setup;
    private final Environment environment;
    private final Results results;
    private final Markdown markdown;

    public Report(Setup setup, Environment environment, Results results, Kind kind) {
        this.setup = setup;
        this.environment = environment;
        this.results = results;
        markdown = kind.of(setup, environment, results);
    }

    public void write(PrintStream out) throws IOException {
        Files.writeString(setup.output().resolve("results.json"),
            ResultsJson.write(setup, environment, results));
        Files.writeString(setup.output().resolve("report.md"), markdown.render(plots(out)));
        out.println();
        out.print(markdown.summary());
        out.println();
        results.failures().forEach(failure -> out.printf("FAILED %s, %s: %s%n", failure.side(), failure.what(),
            failure.why()));
        results.skipped().forEach((side, why) -> out.printf("skipped %s: %s%n", side, why));
        out.println("report: " + setup.output().resolve("report.md"));
    }

    /** Fonts may be missing on a server; the figures are there without plots as well. */
    private List<String> plots(PrintStream out) throws IOException {
        try {
            return markdown.plots().write();
        } catch (LinkageError | InternalError e) {
            out.println("no plots: " + e.getMessage() + " (the packages libfontconfig1 and fonts-dejavu-core help)");
            return List.of();
        }
    }
}
