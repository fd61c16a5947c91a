package org.violin.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Coalescer;
import org.violin.dataplane.wire.Layers;

/** What it costs to join the segments of a super-frame of 64 KiB again: nanoseconds a segment. */
public class Coalescing extends FlowBenchmark {
    private final Coalescer coalescer = new Coalescer(true);
    private long word;

    @Override
    public void makeFlow() {
        super.makeFlow();
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

    /** Copying the headers of each segment, from where it lies. */
    @Override
    protected long limit() {
        for (int i = 0; i < Flows.SEGMENTS; i++) {
            arena.putBytes(i * Layers.MAX_HEADER_BYTES, flow.segments, i * flow.segmentLength, flow.headerBytes);
        }
        return arena.getByte(0);
    }
}
