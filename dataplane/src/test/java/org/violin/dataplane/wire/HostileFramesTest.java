package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

/**
 * Frames and virtio-net headers that lie. Each is in a buffer of its own size, whose bounds are checked, so that
 * whatever reads or writes beyond it throws.
 */
class HostileFramesTest {
    private static final int FRAMES = 400_000;
    private static final int TCP_WITH_MSS_BYTES = 24;
    private static final short MSS_OPTION = 0x0204;

    private final SplittableRandom random = Seeds.random("HostileFramesTest");
    private final Segmenter segmenter = new Segmenter();
    private final Coalescer coalescer = new Coalescer(true);
    private final UnsafeBuffer arena = new UnsafeBuffer(new byte[Layers.MAX_HEADER_BYTES]);
    private final UnsafeBuffer read = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer storage = new UnsafeBuffer(0, 0);
    private int plain;
    private int supers;
    private int clamped;

    @Test
    void noFrameIsReadBeyondItsEnd() {
        for (int i = 0; i < FRAMES / 8; i++) {
            ReferenceFrame model = ReferenceFrame.random(random, random.nextInt(120));
            for (int j = 0; j < 8; j++) {
                ingress(hostile(model));
            }
        }
        assertThat(plain).isGreaterThan(FRAMES / 50);
        assertThat(supers).isGreaterThan(FRAMES / 50);
        assertThat(clamped).isGreaterThan(FRAMES / 50);
    }

    /**
     * A TAP's read: noise now and then, else a frame that begins well and is cut short, or has a few bytes replaced.
     */
    private byte[] hostile(ReferenceFrame model) {
        byte[] tap = new byte[OffloadCheck.HEADER_BYTES + model.bytes().length];
        if (random.nextInt(8) == 0) {
            random.nextBytes(tap);
            return tap;
        }
        UnsafeBuffer buffer = new UnsafeBuffer(tap);
        long word = random.nextBoolean() ? model.partial() : model.superFrame(8 + random.nextInt(60));
        OffloadCheck.writeHeader(buffer, 0, word, model.headerBytes());
        buffer.putBytes(OffloadCheck.HEADER_BYTES, model.bytes());
        if (model.headerBytes() - model.transport() >= TCP_WITH_MSS_BYTES && random.nextBoolean()) {
            buffer.putShort(OffloadCheck.HEADER_BYTES + model.transport() + 20, MSS_OPTION, ByteOrder.BIG_ENDIAN);
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            int headers = OffloadCheck.HEADER_BYTES + model.headerBytes();
            tap[random.nextInt(random.nextBoolean() ? OffloadCheck.HEADER_BYTES : headers)] = (byte) random.nextInt();
        }
        int least = OffloadCheck.HEADER_BYTES + Ethernet.HEADER_BYTES;
        return random.nextInt(4) == 0 ? Arrays.copyOf(tap, least + random.nextInt(tap.length - least + 1)) : tap;
    }

    private void ingress(byte[] tap) {
        read.wrap(tap);
        int length = tap.length - OffloadCheck.HEADER_BYTES;
        long word = OffloadCheck.read(read, 0, length);
        storage.wrap(tap, OffloadCheck.HEADER_BYTES, length);
        long layers = Layers.parse(storage, 0, length);
        if (word == OffloadCheck.BAD) {
            return;
        }
        if (coalescer.begin(storage, 0, length, word)) {
            coalescer.append(0, length, word);
            coalescer.writeHeaders(arena, 0);
        }
        if (MssOption.exceeds(storage, 0, length, 0, 100)) {
            clamped++;
            MssOption.lower(storage, 0, length, word, 0, 100);
            assertThat(MssOption.exceeds(storage, 0, length, 0, 100)).isFalse();
        }
        if (Offload.isSuperFrame(word)) {
            supers++;
            assertThat(layers).isNotEqualTo(Layers.NONE);
            cut(length, word);
        } else if (Offload.needsChecksum(word)) {
            plain++;
            Checksum.complete(storage, 0, length, storage, 0, 0, word);
        }
    }

    private void cut(int length, long word) {
        segmenter.wrap(storage, 0, length, word);
        int gsoSize = Offload.gsoSize(word);
        int size = Offload.gsoType(word) == Offload.UDP ? gsoSize : 1 + random.nextInt(gsoSize);
        int count = segmenter.segmentCount(size);
        assertThat(count).isGreaterThan(1);
        for (int i = 0; i < count; i++) {
            int bytes = Math.min(size, segmenter.payloadBytes() - i * size);
            assertThat(bytes).isPositive();
            segmenter.writeHeaders(i * size, bytes, arena, 0);
            Checksum.complete(arena, 0, segmenter.headerBytes(), storage, segmenter.headerBytes() + i * size, bytes,
                Offload.ofSegment(word));
        }
    }
}
