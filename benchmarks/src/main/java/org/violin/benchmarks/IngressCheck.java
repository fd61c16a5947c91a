package org.violin.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.violin.dataplane.wire.OffloadCheck;

/** What it costs to check what a sender says of a super-frame of 64 KiB: nanoseconds a super-frame. */
public class IngressCheck extends FlowBenchmark {

    @Benchmark
    public long check() {
        return OffloadCheck.check(flow.superFrame, 0, flow.length, flow.gsoType, Flows.SEGMENT_BYTES,
            flow.headerBytes - 32, 16);
    }

    /** Copying its headers. */
    @Override
    protected long limit() {
        arena.putBytes(0, flow.superFrame, 0, flow.headerBytes);
        return arena.getByte(0);
    }
}
