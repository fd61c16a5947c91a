package org.violin.benchmarks.paper;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.paper.Published.What;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Subject;

/** The paper's Figures 4 to 6, ours and its own, and the latencies' distribution. */
final class PaperPlots extends Plots {
    private final Results results;
    private final List<Place> places;

    PaperPlots(Results results, Path directory, List<Place> places) {
        super(directory);
        this.results = results;
        this.places = places;
    }

    /** Of the plot for a figure of the paper's. */
    static String name(Place place, What what) {
        return place.key() + "-" + what.name().toLowerCase(Locale.ROOT);
    }

    /** Of the plot of a distribution. */
    static String distribution(Place place, String load) {
        return place.key() + "-" + load;
    }

    @Override
    protected void draw() throws IOException {
        for (Place place : places) {
            for (What what : List.of(What.AVERAGE, What.DEVIATION)) {
                figure(place, what, Map.of("here", PaperFigures.metric(place, what)));
            }
            Map<String, Metric> directions = new LinkedHashMap<>();
            directions.put("here, there", place.transfer(Place.THERE));
            directions.put("here, back", place.transfer(Place.BACK));
            figure(place, What.THROUGHPUT, directions);
            distribution(place, Place.IDLE, "");
            distribution(place, Place.LOADED, ", beside a TCP transfer");
        }
    }

    private void figure(Place place, What what, Map<String, Metric> metrics) throws IOException {
        List<Subject> rows = results.sides().stream().filter(row -> metrics.values().stream()
            .anyMatch(metric -> shown(results.spread(row, metric)) != null)).toList();
        Map<String, List<Double>> series = new LinkedHashMap<>();
        metrics.forEach((title, metric) -> series.put(title,
            rows.stream().map(row -> shown(results.spread(row, metric))).toList()));
        List<Double> published = new ArrayList<>();
        for (Subject row : rows) {
            OptionalDouble value = Published.value(place.key(), row.name(), what);
            published.add(value.isPresent() ? value.getAsDouble() : null);
        }
        series.put("the paper, 2004", published);
        bars(name(place, what), place.title() + ": " + what.title(), what.unit(),
            rows.stream().map(Subject::name).toList(), series);
    }

    private void distribution(Place place, String load, String beside) throws IOException {
        Map<String, Histogram> samples = new LinkedHashMap<>();
        for (Subject row : results.sides()) {
            Histogram histogram = results.histogram(row, place.samples(load));
            if (histogram != null) {
                samples.put(row.name(), histogram);
            }
        }
        percentiles(distribution(place, load), place.title() + ": pings" + beside, samples, Rows.UDP);
    }
}
