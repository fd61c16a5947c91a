package org.violin.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What all micro-benchmarks have in common: nanoseconds an operation; and the limit of the machine for it, which {@link
 * LimitProfiler} puts beside the figure. A machine's speed changes by the minute, so the limit is measured in the same
 * JVM, right before each iteration, and is the best of some slices: what disturbs a slice is not the machine's limit.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = {"--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class MicroBenchmark {
    private static final int SLICES = 20;
    private static final long SLICE_NS = 500_000;

    /** Of this JVM's next iteration; read by the profiler, on another thread. */
    private static volatile double limitNs;
    /** Takes what the limit's work has come to, so that no compiler leaves it out. */
    private static volatile long sink;

    /** Nanoseconds an operation takes at the least. */
    static double limitNs() {
        return limitNs;
    }

    /**
     * Does what no implementation could leave out in one invocation of the benchmark: reads and writes the same memory,
     * or makes the bare system call. Returns something that depends on all of it.
     */
    protected abstract long limit();

    @Setup(Level.Iteration)
    public void measureLimit(BenchmarkParams params) {
        int count = 1;
        while (sliceNs(count) < SLICE_NS) {
            count *= 2;
        }
        long best = Long.MAX_VALUE;
        for (int i = 0; i < SLICES; i++) {
            best = Math.min(best, sliceNs(count));
        }
        limitNs = (double) best / count / params.getOpsPerInvocation();
    }

    private long sliceNs(int count) {
        long sum = 0;
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            sum += limit();
        }
        long ns = System.nanoTime() - start;
        sink = sum;
        return ns;
    }
}
