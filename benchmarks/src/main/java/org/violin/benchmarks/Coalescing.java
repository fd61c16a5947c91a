package org.violin.benchmarks;

import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Coalescer;
import org.violin.dataplane.wire.Layers;

/** What it costs to join the segments of a super-frame of 64 KiB again: nanoseconds a segment. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Coalescing {
    @Param({"false", "true"})
    private boolean ipv6;

    private final Coalescer coalescer = new Coalescer(true);
    private final UnsafeBuffer arena = new UnsafeBuffer(BufferUtil.allocateDirectAligned(Layers.MAX_HEADER_BYTES, 64));
    private Flows flow;
    private long word;

    @Setup
    public void fill() {
        flow = new Flows(ipv6);
        word = Offload.ofSegment(flow.offload);
        if (join() != Flows.SEGMENTS) {
            throw new IllegalStateException("the segments did not join");
        }
    }

    /** All segments to one super-frame. */
    @Benchmark
    @OperationsPerInvocation(Flows.SEGMENTS)
    public int join() {
        coalescer.begin(flow.segments, 0, flow.segmentLength, word);
        int joined = 1;
        for (int i = 1; i < Flows.SEGMENTS; i++) {
            joined += coalescer.append(i * flow.segmentLength, flow.segmentLength, word) ? 1 : 0;
        }
        coalescer.writeHeaders(arena, 0);
        return joined;
    }

    /** No two belong together: each begins a group, which the next does not join. */
    @Benchmark
    @OperationsPerInvocation(Flows.SEGMENTS)
    public int fail() {
        int joined = 0;
        for (int i = Flows.SEGMENTS - 1; i >= 0; i--) {
            joined += coalescer.append(i * flow.segmentLength, flow.segmentLength, word) ? 1 : 0;
            coalescer.begin(flow.segments, i * flow.segmentLength, flow.segmentLength, word);
        }
        return joined;
    }
}
