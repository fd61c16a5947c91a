package org.violin.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.Segmenter;

/** What one segment costs that is cut from a super-frame of 64 KiB: nanoseconds a segment. */
public class Segmentation extends FlowBenchmark {
    private final Segmenter segmenter = new Segmenter();

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

    /** Copying the headers of the super-frame once for each segment. */
    @Override
    protected long limit() {
        for (int i = 0; i < Flows.SEGMENTS; i++) {
            arena.putBytes(i * Layers.MAX_HEADER_BYTES, flow.superFrame, 0, flow.headerBytes);
        }
        return arena.getByte(0);
    }
}
