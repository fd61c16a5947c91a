package org.violin.benchmarks;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.violin.dataplane.wire.Checksum;

/** What it costs to sum a payload: nanoseconds a payload, which is in the first cache. */
public class ChecksumSum extends MicroBenchmark {
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

    /** Copying the payload. */
    @Override
    protected long limit() {
        copy.putBytes(0, payload, 0, bytes);
        return copy.getByte(0);
    }
}
