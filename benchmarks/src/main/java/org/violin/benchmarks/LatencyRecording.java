package org.violin.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.violin.dataplane.counters.LatencyHistogram;

/** What it costs to time what a port has sent: nanoseconds for each system call, however many frames it took. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LatencyRecording {
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

    /** The clock alone. */
    @Benchmark
    public long clock() {
        return System.nanoTime();
    }

    /** Both, as the worker does. */
    @Benchmark
    public void clockAndRecord() {
        histogram.record(System.nanoTime() & 0xFFFF, 8);
    }
}
