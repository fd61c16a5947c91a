package org.violin.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.violin.dataplane.sys.Calls;

/** What leaving Java costs: nanoseconds a call of a C function by the Foreign Function and Memory API. */
public class FfmCall extends MicroBenchmark {
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private long product = 1;

    /** A function that reads a number from a table. */
    @Benchmark
    public int nothing() {
        return Calls.nothing();
    }

    /** The smallest system call. */
    @Benchmark
    public int systemCall() {
        return Calls.getppid();
    }

    /** A multiplication and a rotation that wait for those before: four clock cycles of a recent x86-64. */
    @Override
    protected long limit() {
        product = Long.rotateLeft(product * MULTIPLIER, 7);
        return product;
    }
}
