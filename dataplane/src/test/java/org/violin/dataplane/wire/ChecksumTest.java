package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

class ChecksumTest {

    @Test
    void sumsTheExampleOfRfc1071() {
        UnsafeBuffer bytes = new UnsafeBuffer(HexFormat.of().parseHex("0001f203f4f5f6f7"));
        assertThat(Checksum.sum(bytes, 0, 8)).isEqualTo(0xDDF2);
        assertThat(Checksum.sum(bytes, 0, 0)).isZero();
        assertThat(Checksum.sum(bytes, 3, 1)).isEqualTo(0x0300);
    }

    @Test
    void sumsAnyBytesAsWordByWord() {
        SplittableRandom random = Seeds.random("ChecksumTest");
        byte[] bytes = new byte[70_000];
        for (int i = 0; i < 20_000; i++) {
            int length = random.nextInt(i < 100 ? bytes.length : 200);
            int from = random.nextInt(bytes.length - length);
            fill(random, bytes, from, length);
            assertThat(Checksum.sum(new UnsafeBuffer(bytes, from, length), 0, length))
                .isEqualTo(ReferenceFrame.sum(bytes, from, from + length));
        }
    }

    /** Most carries come from bytes of ones, and a sum of zero only from none but zeros. */
    private static void fill(SplittableRandom random, byte[] bytes, int from, int length) {
        switch (random.nextInt(4)) {
            case 0 -> Arrays.fill(bytes, from, from + length, (byte) 0xFF);
            case 1 -> Arrays.fill(bytes, from, from + length, (byte) 0);
            default -> {
                for (int i = from; i < from + length; i++) {
                    bytes[i] = (byte) random.nextInt();
                }
            }
        }
    }

    @Test
    void completesAFrameWhereverItIsDivided() {
        SplittableRandom random = Seeds.random("ChecksumTest");
        for (int i = 0; i < 5_000; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, random.nextInt(100));
            int least = frame.transport() + frame.checksumOffset() + 2;
            int headerBytes = least + random.nextInt(frame.bytes().length - least + 1);
            byte[] headers = Arrays.copyOf(frame.bytes(), headerBytes);
            Checksum.complete(new UnsafeBuffer(headers), 0, headerBytes, frame.buffer(), headerBytes,
                frame.bytes().length - headerBytes, frame.partial());
            assertThat(headers).isEqualTo(Arrays.copyOf(frame.completed(), headerBytes));
        }
    }

    /** In UDP a checksum of zero would say that there is none; in TCP it is a checksum like any other. */
    @Test
    void aUdpChecksumIsNeverZero() {
        byte[] frame = new byte[60];
        frame[50] = frame[51] = (byte) 0xFF;
        UnsafeBuffer buffer = new UnsafeBuffer(frame);
        Checksum.complete(buffer, 0, frame.length, buffer, 0, 0, Offload.checksum(34, 6));
        assertThat(Layers.uint16(buffer, 40)).isEqualTo(0xFFFF);
        Arrays.fill(frame, 34, 50, (byte) 0);
        Checksum.complete(buffer, 0, frame.length, buffer, 0, 0, Offload.checksum(34, 18));
        assertThat(Layers.uint16(buffer, 52)).isZero();
    }
}
