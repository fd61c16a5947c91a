package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;

/** Writes all files of a report: {@code report.md}, {@code results.json}, plots; prints the one table. */
final class Report {
    private final Settings settings;
    private final Environment environment;
    private final Results results;

    Report(Settings settings, Environment environment, Results results) {
        this.settings = settings;
        this.environment = environment;
        this.results = results;
    }

    void write(PrintStream out) throws IOException {
        Files.writeString(settings.output().resolve("results.json"),
            ResultsJson.write(settings, environment, results));
        Markdown markdown = new Markdown(settings, environment, results);
        Files.writeString(settings.output().resolve("report.md"), markdown.render());
        out.println();
        out.print(markdown.summary());
        results.failures().forEach(failure -> out.printf("FAILED %s, %s: %s%n", failure.side(), failure.what(),
            failure.why()));
        results.skipped().forEach((side, why) -> out.printf("skipped %s: %s%n", side, why));
        out.println("report: " + settings.output().resolve("report.md"));
    }
}
