package org.violin.benchmarks;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.violin.dataplane.wire.Layers;

/** A benchmark of a super-frame of 64 KiB and its segments. */
public abstract class FlowBenchmark extends MicroBenchmark {
    /** Where headers are written to. */
    final UnsafeBuffer arena =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(Flows.SEGMENTS * Layers.MAX_HEADER_BYTES, 64));
    Flows flow;

    @Param({"false", "true"})
    private boolean ipv6;

    @Setup
    public void makeFlow() {
        flow = new Flows(ipv6);
    }
}
