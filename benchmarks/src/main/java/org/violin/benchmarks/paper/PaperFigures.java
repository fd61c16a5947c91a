package org.violin.benchmarks.paper;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Subject;

/** What a run has found, as the paper's figures ask for it. */
record PaperFigures(Results results) {

    static Metric metric(Place place, Published.What what) {
        return switch (what) {
            case AVERAGE -> place.ping(Place.IDLE, "avg");
            case DEVIATION -> place.ping(Place.IDLE, "sd");
            case THROUGHPUT -> place.transfer(Place.BOTH);
        };
    }

    /** Empty if it was not among those to be run. */
    Optional<Subject> row(String name) {
        return results.sides().stream().filter(side -> side.name().equals(name)).findFirst();
    }

    /** Without rounds, if the row was not run. */
    Spread spread(String row, Metric metric) {
        return row(row).map(found -> results.spread(found, metric)).orElse(Spread.NONE);
    }

    double median(String row, Metric metric) {
        return spread(row, metric).median();
    }

    /** Divided by that of Host and Client of the same round. */
    Spread ratio(String row, Metric metric) {
        Optional<Subject> above = row(row);
        Optional<Subject> below = row(Rows.HOST_CLIENT);
        return above.isEmpty() || below.isEmpty() ? Spread.NONE : results.ratio(above.get(), below.get(), metric);
    }

    /** What a row has more than Host and Client of the same round. */
    Spread added(String row, Metric metric) {
        Optional<Subject> above = row(row);
        Optional<Subject> below = row(Rows.HOST_CLIENT);
        if (above.isEmpty() || below.isEmpty()) {
            return Spread.NONE;
        }
        List<Double> more = results.rounds(above.get(), metric);
        List<Double> less = results.rounds(below.get(), metric);
        List<Double> added = new ArrayList<>();
        for (int i = 0; i < Math.min(more.size(), less.size()); i++) {
            added.add(more.get(i) - less.get(i));
        }
        return Spread.of(added);
    }

    /** The sum of the three pieces that a ping of VNET's passes; NaN if one was not measured. */
    double pieces(Metric metric) {
        return median(Rows.CLIENT_PROXY, metric) + median(Rows.HOST_PROXY, metric) + median(Rows.HOST_ONLY, metric);
    }

    /** All rounds' samples, nanoseconds; null if there are none. */
    Histogram samples(Subject row, Place place, String load) {
        return results.histogram(row, place.samples(load));
    }
}
