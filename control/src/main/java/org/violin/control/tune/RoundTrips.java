package org.violin.control.tune;

import java.util.Arrays;

/**
 * Questions and answers. One that is not answered counts as one that takes for ever.
 *
 * @param p50Nanos of all that were asked, half were answered within that; -1: fewer were answered at all
 * @param p99Nanos the same of 99 in 100
 */
public record RoundTrips(int asked, int answered, long p50Nanos, long p99Nanos) {

    /** @param nanos of those that were answered, in any order */
    static RoundTrips of(int asked, long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new RoundTrips(asked, sorted.length, quantile(asked, sorted, 50), quantile(asked, sorted, 99));
    }

    private static long quantile(int asked, long[] sorted, int percent) {
        int rank = Math.max(1, (asked * percent + 99) / 100);
        return rank > sorted.length ? -1 : sorted[rank - 1];
    }
}
