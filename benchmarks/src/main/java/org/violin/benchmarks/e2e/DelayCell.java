package org.violin.benchmarks.e2e;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;
import org.violin.dataplane.Impairment;

/**
 * How much later than asked frames come that an emulated line delays one way: round trips with the delay, less those
 * of the same round without it.
 */
record DelayCell(Wan wan, double millis, int seconds) implements Measurement {
    private static final double MARGIN_SECONDS = 1;
    private static final double US_PER_MS = 1000;

    /** @param percentile p50 or p99 of the samples, less the median without delay, and the delay */
    static Metric late(double millis, String percentile) {
        String delay = WanPath.plain(millis);
        return new Metric("delay" + delay + ".late." + percentile, "delay of " + delay + " ms", "us");
    }

    @Override
    public String name() {
        return "delay " + WanPath.plain(millis) + " ms";
    }

    @Override
    public double estimateSeconds() {
        return 2 * (seconds + MARGIN_SECONDS);
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        long delayNs = Math.round(millis * TimeUnit.MILLISECONDS.toNanos(1));
        wan.impair(pair.b(), Impairment.NONE);
        wan.impair(pair.a(), Impairment.NONE);
        double without = micros(probe("without", pair, recorder), 50);
        wan.impair(pair.b(), new Impairment(delayNs, 0, 0, 0, 0, 0, 0, 0, 0, false, 0));
        Histogram delayed = probe("with", pair, recorder);
        wan.impair(pair.b(), Impairment.NONE);
        double asked = without + millis * US_PER_MS;
        recorder.value(late(millis, "p50"), micros(delayed, 50) - asked);
        recorder.value(late(millis, "p99"), micros(delayed, 99) - asked);
        return String.format(Locale.ROOT, "%+.0f us at the median, %+.0f us at p99", micros(delayed, 50) - asked,
            micros(delayed, 99) - asked);
    }

    private Histogram probe(String what, Pair pair, Recorder recorder) {
        return new RttMeasurement("delay" + WanPath.plain(millis) + "." + what, false, seconds)
            .measure(pair, recorder).histogram();
    }

    private static double micros(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / US_PER_MS;
    }
}
