package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

class SegmenterTest {
    private final Segmenter segmenter = new Segmenter();

    /** Header by header and byte by byte; then complete, with the payload left in the super-frame. */
    private void checkCut(ReferenceFrame frame, int gsoSize, int segmentBytes) {
        byte[] before = frame.bytes().clone();
        List<ReferenceFrame> expected = frame.cut(segmentBytes);
        UnsafeBuffer storage = frame.buffer();
        UnsafeBuffer arena = new UnsafeBuffer(new byte[frame.headerBytes()]);
        segmenter.wrap(storage, 0, frame.bytes().length, frame.superFrame(gsoSize));
        assertThat(segmenter.headerBytes()).isEqualTo(frame.headerBytes());
        assertThat(segmenter.payloadBytes()).isEqualTo(frame.payloadBytes());
        assertThat(segmenter.segmentCount(segmentBytes)).isEqualTo(expected.size());
        int from = 0;
        for (ReferenceFrame segment : expected) {
            segmenter.writeHeaders(from, segment.payloadBytes(), arena, 0);
            assertThat(joined(frame, arena, from, segment.payloadBytes())).isEqualTo(segment.bytes());
            Checksum.complete(arena, 0, frame.headerBytes(), storage, frame.headerBytes() + from,
                segment.payloadBytes(), Offload.ofSegment(frame.superFrame(gsoSize)));
            assertThat(joined(frame, arena, from, segment.payloadBytes())).isEqualTo(segment.completed());
            from += segment.payloadBytes();
        }
        assertThat(from).isEqualTo(frame.payloadBytes());
        assertThat(frame.bytes()).as("the super-frame is not written to").isEqualTo(before);
    }

    private static byte[] joined(ReferenceFrame frame, UnsafeBuffer headers, int from, int payloadBytes) {
        byte[] segment = new byte[frame.headerBytes() + payloadBytes];
        headers.getBytes(0, segment, 0, frame.headerBytes());
        System.arraycopy(frame.bytes(), frame.headerBytes() + from, segment, frame.headerBytes(), payloadBytes);
        return segment;
    }

    @Test
    void cutsAnySuperFrameAnywhereAsTheReferenceDoes() {
        SplittableRandom random = Seeds.random("SegmenterTest");
        for (int i = 0; i < 20_000; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, 9 + random.nextInt(500));
            int gsoSize = 8 + random.nextInt(frame.payloadBytes() - 8);
            checkCut(frame, gsoSize, frame.isUdp() ? gsoSize : 1 + random.nextInt(gsoSize));
        }
    }

    @Test
    void cutsTheLongestSuperFrame() {
        SplittableRandom random = Seeds.random("SegmenterTest");
        for (int i = 0; i < 20; i++) {
            ReferenceFrame small = ReferenceFrame.random(random, 0);
            byte[] bytes = new byte[65_535 + small.network()];
            random.nextBytes(bytes);
            System.arraycopy(small.bytes(), 0, bytes, 0, small.bytes().length);
            checkCut(small.copy(bytes).sealed(), 1400, 1400);
        }
    }
}
