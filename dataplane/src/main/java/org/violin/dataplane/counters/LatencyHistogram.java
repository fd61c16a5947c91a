package org.violin.dataplane.counters;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often something took how long: buckets of a width that grows with the duration, so that each is at most 1/32 as
 * wide as what it counts (log-linear, as HDR histograms are). One thread records, any thread reads meanwhile and never
 * sees a bucket go back. 8 KiB; nothing is allocated after it is made.
 */
public final class LatencyHistogram {
    /** The last bucket is for all durations of {@link #OVERFLOW_NS} and more. */
    public static final int BUCKETS = 1025;
    /** 2^36 ns, 68.7 s. */
    public static final long OVERFLOW_NS = 1L << 36;

    private static final int LINEAR_BITS = 5;
    private static final int LINEAR = 1 << LINEAR_BITS;
    private static final int OVERFLOW = BUCKETS - 1;
    /** The longest duration stands behind the buckets. */
    private static final int MAX = BUCKETS;

    private final AtomicLongArray values = new AtomicLongArray(BUCKETS + 1);

    /**
     * Writer only: {@code count} of what is counted took {@code durationNs} each. Costs two stores, and no fence on
     * x86.
     */
    public void record(long durationNs, long count) {
        if (count <= 0) {
            return;
        }
        if (durationNs > values.getPlain(MAX)) {
            values.setRelease(MAX, durationNs);
        }
        int bucket = bucketOf(durationNs);
        values.setRelease(bucket, values.getPlain(bucket) + count);
    }

    /** One that took less than no time, which a clock that is not monotonic would say, took none. */
    static int bucketOf(long durationNs) {
        if (durationNs >= OVERFLOW_NS) {
            return OVERFLOW;
        }
        long ns = Math.max(0, durationNs);
        int shift = Math.max(0, Long.SIZE - 1 - LINEAR_BITS - Long.numberOfLeadingZeros(ns | 1));
        return (shift << LINEAR_BITS) + (int) (ns >>> shift);
    }

    /** The shortest duration in nanoseconds that a bucket counts. */
    public static long fromNs(int bucket) {
        int shift = Math.max(0, (bucket >>> LINEAR_BITS) - 1);
        return (long) (bucket - (shift << LINEAR_BITS)) << shift;
    }

    /** The longest duration in nanoseconds that a bucket counts. */
    public static long toNs(int bucket) {
        return bucket == OVERFLOW ? Long.MAX_VALUE : fromNs(bucket + 1) - 1;
    }

    /** Any thread. */
    public long count(int bucket) {
        return values.getAcquire(bucket);
    }

    /**
     * Any thread: the longest duration, exactly; 0 when there is none. Read after the buckets, it is no shorter than
     * what they have counted.
     */
    public long maxNs() {
        return values.getAcquire(MAX);
    }
}
