package org.violin.benchmarks;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.violin.dataplane.counters.LatencyHistogram;

/** What it costs to time what a port has sent: nanoseconds for each system call, however many frames it took. */
public class LatencyRecording extends MicroBenchmark {
    private static final int DURATIONS = 1024;

    private final LatencyHistogram histogram = new LatencyHistogram();
    private long[] durations;
    private int next;

    /** From 4 to 64 us, as it is on a busy host. */
    @Setup
    public void choose() {
        durations = new SplittableRandom(1).longs(DURATIONS, 4_000, 64_000).toArray();
    }

    /** The histogram alone. */
    @Benchmark
    public void record() {
        histogram.record(durations[next++ & (DURATIONS - 1)], 8);
    }

    /** Both the clock and the histogram, as the worker does. */
    @Benchmark
    public void clockAndRecord() {
        histogram.record(System.nanoTime() & 0xFFFF, 8);
    }

    /** Reading the clock. */
    @Override
    protected long limit() {
        return System.nanoTime();
    }
}
