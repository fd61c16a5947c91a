package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

/** Holds {@link Segmenter}, {@link Checksum} and {@link OffloadCheck#writeHeader} to the kernel, byte for byte. */
class KernelCutTest {
    private static final int HEADER = OffloadCheck.HEADER_BYTES;
    private static final int FRAMES = 2_000;

    private final SplittableRandom random = Seeds.random("KernelCutTest");
    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer arena = new UnsafeBuffer(new byte[Layers.MAX_HEADER_BYTES]);
    private KernelCut kernel;

    @BeforeEach
    void open() {
        kernel = new KernelCut();
    }

    @AfterEach
    void close() {
        if (kernel != null) {
            kernel.close();
        }
    }

    private void send(byte[] frame, long word, int headerBytes) {
        byte[] bytes = new byte[HEADER + frame.length];
        System.arraycopy(frame, 0, bytes, HEADER, frame.length);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        OffloadCheck.writeHeader(buffer, 0, word, headerBytes);
        assertThat(OffloadCheck.read(buffer, 0, frame.length)).isEqualTo(word);
        kernel.send(bytes);
    }

    @Test
    void cutsSuperFramesAsTheKernelDoes() {
        boolean cutsUdp = kernel.cutsUdp();
        for (int i = 0; i < FRAMES; i++) {
            boolean isLong = random.nextInt(20) == 0;
            ReferenceFrame frame = ReferenceFrame.random(random, 9 + random.nextInt(isLong ? 60_000 : 3_000));
            int least = Math.max(8, frame.payloadBytes() / 128 + 1);
            int gsoSize = least + random.nextInt(frame.payloadBytes() - least);
            if (cutsUdp || !frame.isUdp()) {
                checkCut(frame, gsoSize);
            }
        }
        assertThat(kernel.isEmpty()).isTrue();
    }

    private void checkCut(ReferenceFrame frame, int gsoSize) {
        // Whether the sender says that the frame has CWR makes no difference to the cut.
        boolean ecn = random.nextBoolean() && !frame.isUdp();
        long word = frame.superFrame(gsoSize) ^ (ecn ? Offload.superFrame(Offload.ECN, 0, 0, 0) : 0);
        send(frame.bytes(), word, frame.headerBytes());
        UnsafeBuffer storage = frame.buffer();
        segmenter.wrap(storage, 0, frame.bytes().length, word);
        int headerBytes = segmenter.headerBytes();
        int count = segmenter.segmentCount(gsoSize);
        for (int i = 0; i < count; i++) {
            int from = i * gsoSize;
            int bytes = Math.min(gsoSize, frame.payloadBytes() - from);
            segmenter.writeHeaders(from, bytes, arena, 0);
            Checksum.complete(arena, 0, headerBytes, storage, headerBytes + from, bytes, Offload.ofSegment(word));
            byte[] segment = new byte[headerBytes + bytes];
            arena.getBytes(0, segment, 0, headerBytes);
            storage.getBytes(headerBytes + from, segment, headerBytes, bytes);
            assertThat(kernel.receive()).as("segment %d of %s by %d", i, frame, gsoSize).isEqualTo(segment);
        }
    }

    @Test
    void completesChecksumsAsTheKernelDoes() {
        for (int i = 0; i < FRAMES; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, random.nextInt(2_000));
            send(frame.bytes(), frame.partial(), 0);
            byte[] own = frame.bytes().clone();
            UnsafeBuffer buffer = new UnsafeBuffer(own);
            Checksum.complete(buffer, 0, own.length, buffer, 0, 0, frame.partial());
            byte[] kernels = kernel.receive();
            int field = frame.transport() + frame.checksumOffset();
            if (Layers.uint16(buffer, field) == 0) {
                // The kernel avoids zero for TCP as well here, but not where it cuts.
                buffer.putShort(field, (short) -1);
            }
            assertThat(kernels).isEqualTo(own);
        }
        assertThat(kernel.isEmpty()).isTrue();
    }
}
