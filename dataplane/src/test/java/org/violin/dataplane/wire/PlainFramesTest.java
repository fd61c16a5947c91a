package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

class PlainFramesTest {
    private static final int FRAMES = 20_000;
    /** The frame does not begin where its storage does. */
    private static final int OFFSET = 7;

    private final PlainFrames frames = new PlainFrames();

    @Test
    void anyFrameBecomesTheCompleteFramesThatItStandsFor() {
        SplittableRandom random = Seeds.random("PlainFramesTest");
        for (int i = 0; i < FRAMES; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, random.nextInt(500));
            int gsoSize = 8 + random.nextInt(200);
            if (frame.payloadBytes() > gsoSize) {
                check(frame, frame.superFrame(gsoSize),
                    frame.cut(gsoSize).stream().map(ReferenceFrame::completed).toList());
            } else {
                check(frame, frame.partial(), List.of(frame.completed()));
            }
            check(frame, Offload.NONE, List.of(frame.bytes().clone()));
        }
    }

    private void check(ReferenceFrame frame, long offload, List<byte[]> expected) {
        int length = frame.bytes().length;
        UnsafeBuffer storage = new UnsafeBuffer(new byte[OFFSET + length]);
        storage.putBytes(OFFSET, frame.bytes());
        assertThat(frames.wrap(storage, OFFSET, length, offload)).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            byte[] made = new byte[frames.headerBytes() + frames.payloadBytes(i)];
            UnsafeBuffer target = new UnsafeBuffer(made);
            frames.writeHeaders(i, target, 0);
            target.putBytes(frames.headerBytes(), storage, frames.payloadOffset(i), frames.payloadBytes(i));
            assertThat(made).as("frame %d of %s", i, frame).isEqualTo(expected.get(i));
        }
        byte[] after = new byte[length];
        storage.getBytes(OFFSET, after);
        assertThat(after).as("what others may hold as well").isEqualTo(frame.bytes());
    }
}
