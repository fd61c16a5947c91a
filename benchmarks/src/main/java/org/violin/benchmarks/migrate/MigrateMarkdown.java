package org.violin.benchmarks.migrate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Tables;

/** The report of {@code violin bench migrate}. */
final class MigrateMarkdown extends Markdown {
    /** What the product promises on an idle machine. */
    private static final int PROMISED_MILLIS = 200;
    private static final String PLOT = "gaps";

    /** A column of the table of rounds, and bars of the plot. */
    private record Column(Phase phase, Metric metric) {
        private String title() {
            return phase.name() + ": " + metric.title();
        }
    }

    private static final List<Column> COLUMNS = List.of(new Column(Phase.MOVING, Phase.MEDIAN),
        new Column(Phase.MOVING, Phase.LONGEST), new Column(Phase.STILL, Phase.MEDIAN),
        new Column(Phase.STILL, Phase.LONGEST), new Column(Phase.MOVING, Phase.CHANGED));

    private final MigrateSetup setup;

    MigrateMarkdown(MigrateSetup setup, Environment environment, Results results) {
        super(setup, environment, results);
        this.setup = setup;
    }

    @Override
    protected String method() {
        return String.format(Locale.ROOT, """
            For how long does a switch that moves keep frames from passing? One with %d ports, TAPs on three hosts that
            are namespaces of this machine, moves %d times. Each port sends a frame to its partner on another host every
            %d ms; a stream's figure is the longest time in which none of its frames came, to a millisecond or two: that
            while nothing moves is no gap at all. Longest of all: %s ms. At most %d ms are promised, on an idle machine.
            """, setup.ports(), setup.rounds(), Streams.PERIOD_MILLIS,
            number(spread(new Column(Phase.MOVING, Phase.LONGEST)).max()), PROMISED_MILLIS);
    }

    private Spread spread(Column column) {
        return results().spread(column.phase(), column.metric());
    }

    @Override
    protected String summary() {
        List<List<String>> rows = new ArrayList<>();
        for (Column column : COLUMNS) {
            Spread spread = spread(column);
            rows.add(List.of(column.title(), number(spread.median()), number(spread.min()), number(spread.max()),
                number(spread.mad())));
        }
        return Tables.markdown(List.of("ms", "median", "least", "most", "MAD"), rows);
    }

    @Override
    protected void sections() {
        section("Rounds");
        plot(PLOT);
        List<String> head = new ArrayList<>(List.of("round"));
        COLUMNS.forEach(column -> head.add(column.title()));
        List<List<String>> rows = new ArrayList<>();
        for (int round = 0; round < setup.rounds(); round++) {
            List<String> row = new ArrayList<>(List.of(Integer.toString(round + 1)));
            for (Column column : COLUMNS) {
                row.add(number(results().rounds(column.phase(), column.metric()).get(round)));
            }
            rows.add(row);
        }
        table(head, rows);
    }

    @Override
    protected Plots plots() {
        return new Gaps(setup.output());
    }

    private final class Gaps extends Plots {
        private Gaps(Path directory) {
            super(directory);
        }

        @Override
        protected void draw() throws IOException {
            Map<String, List<Double>> series = new LinkedHashMap<>();
            COLUMNS.stream().filter(column -> column.metric() != Phase.CHANGED)
                .forEach(column -> series.put(column.title(), results().rounds(column.phase(), column.metric())));
            bars(PLOT, "Longest time without a frame, " + setup.ports() + " ports", "ms",
                IntStream.rangeClosed(1, setup.rounds()).mapToObj(Integer::toString).toList(), series);
        }
    }
}
