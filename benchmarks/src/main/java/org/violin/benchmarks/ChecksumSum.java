package org.violin.benchmarks;

import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.violin.dataplane.wire.Checksum;

/** What it costs to sum a payload: nanoseconds a payload, which is in the first cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChecksumSum {
    @Param({"20", "64", "512", "1448", "8948"})
    private int bytes;

    private UnsafeBuffer payload;
    private UnsafeBuffer copy;

    @Setup
    public void fill() {
        payload = new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, 64));
        copy = new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, 64));
        for (int i = 0; i < bytes; i++) {
            payload.putByte(i, (byte) (i * 31));
        }
    }

    @Benchmark
    public int sum() {
        return Checksum.sum(payload, 0, bytes);
    }

    /** Copying the payload, to compare. */
    @Benchmark
    public int copy() {
        copy.putBytes(0, payload, 0, bytes);
        return copy.getByte(0);
    }
}
