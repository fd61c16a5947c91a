package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.LatencyHistogram;

class LatencyTest {
    private final SplittableRandom random = Seeds.random("LatencyTest");

    @Test
    void quantilesAreNeverTooShortAndAtMostAThirtySecondTooLong() {
        for (int round = 0; round < 200; round++) {
            long[] durations = durations(1 + random.nextInt(2000));
            Latency latency = Latency.of(List.of(histogram(durations)));
            Arrays.sort(durations);
            assertThat(latency.count()).isEqualTo(durations.length);
            assertThat(latency.maxNanos()).isEqualTo(durations[durations.length - 1]);
            for (double share : new double[] {0, 0.001, 0.5, 0.9, 0.99, 0.999, 1}) {
                long exact = durations[Math.max(0, (int) Math.ceil(share * durations.length) - 1)];
                assertThat(latency.quantileNanos(share)).as("%s of %d", share, durations.length)
                    .isBetween(exact, exact + exact / 32);
            }
        }
    }

    @Test
    void whatSeveralWorkersRecordIsOneDistribution() {
        long[] some = durations(1000);
        long[] others = durations(500);
        LatencyHistogram all = histogram(some);
        record(all, others);
        Latency expected = Latency.of(List.of(all));
        assertThat(Latency.of(List.of(histogram(some), histogram(others)))).isEqualTo(expected);
        assertThat(Latency.sum(List.of(Latency.of(List.of(histogram(some))), Latency.of(List.of(histogram(others))))))
            .isEqualTo(expected);
    }

    @Test
    void nothingTookNoTime() {
        Latency nothing = Latency.of(List.of(new LatencyHistogram()));
        assertThat(nothing).isEqualTo(new Latency(List.of(), 0)).isEqualTo(Latency.sum(List.of()));
        assertThat(nothing.quantileNanos(0.99)).isZero();
    }

    @Test
    void beyondTheLastBucketTheMaximumIsKnown() {
        Latency latency = Latency.of(List.of(histogram(1000, LatencyHistogram.OVERFLOW_NS * 3)));
        assertThat(latency.quantileNanos(1)).isEqualTo(LatencyHistogram.OVERFLOW_NS * 3);
        assertThat(latency.buckets()).last()
            .isEqualTo(new Latency.Bucket(LatencyHistogram.OVERFLOW_NS, Long.MAX_VALUE, 1));
    }

    /** From nanoseconds to a minute, each power of two as likely as the next. */
    private long[] durations(int count) {
        long[] durations = new long[count];
        Arrays.setAll(durations, i -> random.nextLong(LatencyHistogram.OVERFLOW_NS) >>> random.nextInt(36));
        return durations;
    }

    private static LatencyHistogram histogram(long... durations) {
        LatencyHistogram histogram = new LatencyHistogram();
        record(histogram, durations);
        return histogram;
    }

    private static void record(LatencyHistogram histogram, long... durations) {
        for (long duration : durations) {
            histogram.record(duration, 1);
        }
    }
}
