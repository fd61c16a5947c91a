package org.violin.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.violin.dataplane.sys.Calls;
import org.violin.dataplane.sys.Uring;

/**
 * What driving an io_uring costs: nanoseconds to write {@code entries} operations that do nothing, to submit them in
 * one call, and to read what became of each. A batch of none is the bare call.
 */
public class UringDriving extends MicroBenchmark {
    @Param({"0", "1", "8", "64"})
    private int entries;

    private Uring ring;

    @Setup
    public void open() {
        ring = new Uring(64, 128);
    }

    @TearDown
    public void close() {
        ring.close();
    }

    @Benchmark
    public long cycle() {
        for (int i = 0; i < entries; i++) {
            ring.prepareNop(i);
        }
        ring.enter(0, 0);
        long sum = 0;
        for (int at = ring.next(); at >= 0; at = ring.next()) {
            sum += ring.token(at) + ring.result(at);
        }
        return sum;
    }

    /** One system call. */
    @Override
    protected long limit() {
        return Calls.getppid();
    }
}
