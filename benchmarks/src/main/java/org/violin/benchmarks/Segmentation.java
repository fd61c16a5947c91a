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
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.OffloadCheck;
import org.violin.dataplane.wire.Segmenter;

/** What one segment costs that is cut from a super-frame of 64 KiB: nanoseconds a segment. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Segmentation {
    @Param({"false", "true"})
    private boolean ipv6;

    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer arena =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(Flows.SEGMENTS * Layers.MAX_HEADER_BYTES, 64));
    private Flows flow;

    @Setup
    public void fill() {
        flow = new Flows(ipv6);
    }

    /** The check at ingress alone, spread over the segments. */
    @Benchmark
    @OperationsPerInvocation(Flows.SEGMENTS)
    public long check() {
        return OffloadCheck.check(flow.superFrame, 0, flow.length, ipv6 ? 4 : 1, Flows.SEGMENT_BYTES,
            flow.headerBytes - 32, 16);
    }

    /** All headers of all segments. */
    @Benchmark
    @OperationsPerInvocation(Flows.SEGMENTS)
    public int cut() {
        segmenter.wrap(flow.superFrame, 0, flow.length, flow.offload);
        int count = segmenter.segmentCount(Flows.SEGMENT_BYTES);
        for (int i = 0; i < count; i++) {
            segmenter.writeHeaders(i * Flows.SEGMENT_BYTES, Flows.SEGMENT_BYTES, arena, i * Layers.MAX_HEADER_BYTES);
        }
        return count;
    }

    /** Copying the headers alone. */
    @Benchmark
    @OperationsPerInvocation(Flows.SEGMENTS)
    public int copy() {
        for (int i = 0; i < Flows.SEGMENTS; i++) {
            arena.putBytes(i * Layers.MAX_HEADER_BYTES, flow.superFrame, 0, flow.headerBytes);
        }
        return Flows.SEGMENTS;
    }
}
