package org.violin.dataplane;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.violin.dataplane.counters.LatencyHistogram;

/**
 * How long things took, as it was at one moment: a distribution in buckets, each at most 1/32 as wide as the durations
 * it counts.
 *
 * @param buckets  those that are not empty, shortest durations first
 * @param maxNanos the longest duration, exactly; 0 when there is none
 */
public record Latency(List<Bucket> buckets, long maxNanos) {

    /**
     * Durations in nanoseconds, both ends included.
     *
     * @param toNanos of the bucket for all that is longer than 68.7 s: {@link Long#MAX_VALUE}
     */
    public record Bucket(long fromNanos, long toNanos, long count) {
    }

    public Latency {
        buckets = List.copyOf(buckets);
    }

    /** What the histograms of several writers come to. */
    static Latency of(List<LatencyHistogram> histograms) {
        List<Bucket> buckets = new ArrayList<>();
        for (int i = 0; i < LatencyHistogram.BUCKETS; i++) {
            long count = 0;
            for (LatencyHistogram histogram : histograms) {
                count += histogram.count(i);
            }
            if (count > 0) {
                buckets.add(new Bucket(LatencyHistogram.fromNs(i), LatencyHistogram.toNs(i), count));
            }
        }
        return new Latency(buckets, histograms.stream().mapToLong(LatencyHistogram::maxNs).max().orElse(0));
    }

    public static Latency sum(Collection<Latency> parts) {
        TreeMap<Long, Bucket> buckets = new TreeMap<>();
        parts.forEach(part -> part.buckets().forEach(bucket -> buckets.merge(bucket.fromNanos(), bucket, (a, b) ->
            new Bucket(a.fromNanos(), a.toNanos(), a.count() + b.count()))));
        return new Latency(List.copyOf(buckets.values()),
            parts.stream().mapToLong(Latency::maxNanos).max().orElse(0));
    }

    public long count() {
        return buckets.stream().mapToLong(Bucket::count).sum();
    }

    /**
     * The duration that a share of all did not exceed: never too short, and at most 1/32 too long; 0 when there is
     * none.
     *
     * @param share 0.5 for the median, up to 1
     */
    public long quantileNanos(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * count()));
        long seen = 0;
        for (Bucket bucket : buckets) {
            seen += bucket.count();
            if (seen >= rank) {
                return Math.min(bucket.toNanos(), maxNanos);
            }
        }
        return 0;
    }
}
