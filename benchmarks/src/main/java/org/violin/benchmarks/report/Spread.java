package org.violin.benchmarks.report;

import java.util.Arrays;
import java.util.List;

/**
 * What the rounds of one measurement gave. Medians, as one round in a few is disturbed on a shared machine.
 *
 * @param mad   median of the absolute deviations from the median
 * @param count rounds that gave a figure; with 0 all others are NaN
 */
public record Spread(double median, double min, double max, double mad, int count) {
    public static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0);

    /** NaN is a round without a figure and does not count. */
    public static Spread of(List<Double> values) {
        double[] sorted = values.stream().filter(Double::isFinite).mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return NONE;
        }
        double median = median(sorted);
        double[] deviations = Arrays.stream(sorted).map(value -> Math.abs(value - median)).sorted().toArray();
        return new Spread(median, sorted[0], sorted[sorted.length - 1], median(deviations), sorted.length);
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public boolean isEmpty() {
        return count == 0;
    }
}
