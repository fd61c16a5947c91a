package org.violin.dataplane.counters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;

class LatencyHistogramTest {
    private final LatencyHistogram histogram = new LatencyHistogram();

    @Test
    void bucketsFollowOneAnotherAndAreNarrow() {
        assertThat(LatencyHistogram.fromNs(0)).isZero();
        for (int i = 0; i < LatencyHistogram.BUCKETS - 1; i++) {
            long from = LatencyHistogram.fromNs(i);
            long to = LatencyHistogram.toNs(i);
            assertThat(LatencyHistogram.fromNs(i + 1)).as("end of bucket %d", i).isEqualTo(to + 1);
            assertThat((to - from) * 32).as("width of bucket %d", i).isLessThanOrEqualTo(from);
            assertThat(LatencyHistogram.bucketOf(from)).isEqualTo(i);
            assertThat(LatencyHistogram.bucketOf(to)).isEqualTo(i);
        }
    }

    @Test
    void everyDurationIsInItsBucket() {
        SplittableRandom random = Seeds.random("LatencyHistogramTest");
        for (int i = 0; i < 100_000; i++) {
            long duration = random.nextLong() >>> 1 + random.nextInt(62);
            int bucket = LatencyHistogram.bucketOf(duration);
            assertThat(duration).isBetween(LatencyHistogram.fromNs(bucket), LatencyHistogram.toNs(bucket));
        }
    }

    @Test
    void theLongestShareABucketAndAClockThatGoesBackCountsAsNoTime() {
        int last = LatencyHistogram.BUCKETS - 1;
        assertThat(LatencyHistogram.fromNs(last)).isEqualTo(LatencyHistogram.OVERFLOW_NS);
        histogram.record(LatencyHistogram.OVERFLOW_NS - 1, 1);
        histogram.record(LatencyHistogram.OVERFLOW_NS, 2);
        histogram.record(Long.MAX_VALUE, 3);
        histogram.record(-1, 4);
        histogram.record(Long.MIN_VALUE, 5);
        assertThat(histogram.count(last - 1)).isEqualTo(1);
        assertThat(histogram.count(last)).isEqualTo(5);
        assertThat(histogram.count(0)).isEqualTo(9);
        assertThat(histogram.maxNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void nothingIsCountedWhereNothingWas() {
        histogram.record(1000, 0);
        assertThat(sum()).isZero();
        assertThat(histogram.maxNs()).isZero();
    }

    @Test
    void recordingAllocatesNothing() {
        SplittableRandom random = Seeds.random("LatencyHistogramTest");
        long[] durations = random.longs(1000, 0, 1L << 37).toArray();
        long allocated = Allocations.of(100, () -> {
            for (long duration : durations) {
                histogram.record(duration, 2);
            }
        });
        assertThat(allocated).isZero();
        assertThat(sum()).isEqualTo(101 * 2 * durations.length);
    }

    @Test
    void aReaderNeverSeesABucketGoBackNorAMaximumBelowIt() throws InterruptedException {
        long last = 1_000_000;
        Thread writer = Thread.ofPlatform().start(() -> {
            for (long i = 1; i <= last; i++) {
                histogram.record(i, 1);
            }
        });
        long[] seen = new long[LatencyHistogram.BUCKETS];
        boolean isOver;
        do {
            isOver = !writer.isAlive();
            long longest = 0;
            for (int i = 0; i < seen.length; i++) {
                long count = histogram.count(i);
                assertThat(count).isGreaterThanOrEqualTo(seen[i]);
                seen[i] = count;
                longest = count > 0 ? LatencyHistogram.fromNs(i) : longest;
            }
            assertThat(histogram.maxNs()).isGreaterThanOrEqualTo(longest);
        } while (!isOver);
        assertThat(sum()).isEqualTo(last);
        assertThat(histogram.maxNs()).isEqualTo(last);
    }

    private long sum() {
        long sum = 0;
        for (int i = 0; i < LatencyHistogram.BUCKETS; i++) {
            sum += histogram.count(i);
        }
        return sum;
    }
}
