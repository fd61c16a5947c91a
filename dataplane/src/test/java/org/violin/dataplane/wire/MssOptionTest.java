package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

class MssOptionTest {
    private static final int RUNS = 20_000;
    private static final int TCP_HEADER_BYTES = 20;
    private static final int SYN = 2;
    private static final int NOP = 1;

    private final SplittableRandom random = Seeds.random("MssOptionTest");

    /** A SYN of any layout whose options say {@code mss} behind so many NOPs; with a partial checksum. */
    private ReferenceFrame syn(int pads, int mss) {
        ReferenceFrame frame;
        do {
            frame = ReferenceFrame.random(random, random.nextInt(4) == 0 ? random.nextInt(100) : 0);
        } while (frame.isUdp() || frame.headerBytes() - frame.transport() < TCP_HEADER_BYTES + pads + 4);
        int options = frame.transport() + TCP_HEADER_BYTES;
        Arrays.fill(frame.bytes(), options, options + pads, (byte) NOP);
        Arrays.fill(frame.bytes(), options + pads, frame.headerBytes(), (byte) 0);
        frame.set(options + pads, 0x0204);
        return frame.withFlags(random.nextBoolean() ? SYN : SYN | ReferenceFrame.ACK).copy(
            with(frame.bytes(), options + pads + 2, mss)).sealed();
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) (value >>> 8);
        copy[at + 1] = (byte) value;
        return copy;
    }

    @Test
    void isLoweredWhateverTheFrameAndItsChecksumFollows() {
        for (int i = 0; i < RUNS; i++) {
            int pads = random.nextInt(4);
            int mss = random.nextInt(1 << 16);
            int limit = random.nextBoolean() ? random.nextInt(1, 1 << 16) : 0;
            ReferenceFrame frame = syn(pads, mss);
            int frameBytes = random.nextInt(200, 9_000);
            int largest = limit > 0 ? limit : frameBytes - frame.network() - (frame.isIpv6() ? 60 : 40);
            int at = frame.transport() + TCP_HEADER_BYTES + pads + 2;
            ReferenceFrame expected =
                frame.copy(with(frame.bytes(), at, Math.min(mss, largest))).sealed();

            byte[] complete = frame.completed();
            UnsafeBuffer buffer = new UnsafeBuffer(complete);
            assertThat(MssOption.exceeds(buffer, 0, complete.length, limit, frameBytes)).isEqualTo(mss > largest);
            MssOption.lower(buffer, 0, complete.length, Offload.NONE, limit, frameBytes);
            assertThat(complete).as("of %s", frame).isEqualTo(expected.completed());

            byte[] partial = frame.bytes();
            MssOption.lower(new UnsafeBuffer(partial), 0, partial.length, frame.partial(), limit, frameBytes);
            assertThat(partial).as("partial, of %s", frame).isEqualTo(expected.bytes());
            assertThat(MssOption.exceeds(new UnsafeBuffer(partial), 0, partial.length, limit, frameBytes)).isFalse();
        }
    }

    @Test
    void framesPaddedToEthernetsLeastAreUnderstood() {
        for (boolean isIpv6 : new boolean[] {false, true}) {
            ReferenceFrame frame = plain(isIpv6, "020405b4");
            byte[] padded = Arrays.copyOf(frame.completed(), Math.max(60, frame.bytes().length));
            byte[] expected = Arrays.copyOf(plain(isIpv6, "020404b0").completed(), padded.length);
            MssOption.lower(new UnsafeBuffer(padded), 0, padded.length, Offload.NONE, 1200, 0);
            assertThat(padded).isEqualTo(expected);
        }
    }

    /** Without VLAN tags and options but these. */
    private static ReferenceFrame plain(boolean isIpv6, String options) {
        byte[] tcp = HexFormat.of().parseHex("c001005000000001000000000000ffff00000000" + options);
        tcp[12] = (byte) (tcp.length / 4 << 4);
        tcp[13] = SYN;
        String ip = isIpv6 ? "86dd" + "6000000000000640" + "fd".repeat(16) + "fe".repeat(16)
            : "0800" + "45000000000140004006" + "0000" + "0a000001" + "0a000002";
        byte[] head = HexFormat.of().parseHex("020000000002" + "020000000001" + ip);
        byte[] bytes = Arrays.copyOf(head, head.length + tcp.length);
        System.arraycopy(tcp, 0, bytes, head.length, tcp.length);
        return new ReferenceFrame(bytes, 14, head.length, bytes.length, isIpv6, false).sealed();
    }

    /** Options that end, lie or repeat; what is behind a lie is not looked at. */
    @ParameterizedTest
    @CsvSource({"00020405b4000000, 00020405b4000000", "0200020405b40000, 0200020405b40000",
        "0201020405b40000, 0201020405b40000", "0801020405b40000, 0801020405b40000",
        "020405b4020405b4, 0204006402040064", "01010101010101ff, 01010101010101ff",
        "0101010101010204, 0101010101010204", "020305b4020405b4, 020305b4020405b4",
        "0303070205b40000, 0303070205b40000", "080405b402040fff, 080405b402040064",
        "01010101020405b4, 0101010102040064"})
    void optionsAreFollowedAsFarAsTheyMakeSense(String options, String expected) {
        byte[] bytes = plain(false, options).completed();
        MssOption.lower(new UnsafeBuffer(bytes), 0, bytes.length, Offload.NONE, 100, 0);
        assertThat(bytes).isEqualTo(plain(false, expected).completed());
    }

    @Test
    void whatIsNoSynStaysAsItIs() {
        byte[] segment = plain(false, "020405b4").withFlags(ReferenceFrame.ACK).sealed().completed();
        byte[] before = segment.clone();
        assertThat(MssOption.exceeds(new UnsafeBuffer(segment), 0, segment.length, 100, 0)).isFalse();
        MssOption.lower(new UnsafeBuffer(segment), 0, segment.length, Offload.NONE, 100, 0);
        assertThat(segment).isEqualTo(before);
    }
}
