package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

class OffloadCheckTest {
    private static final int HEADER = OffloadCheck.HEADER_BYTES;

    private final SplittableRandom random = Seeds.random("OffloadCheckTest");

    /** A buffer as a TAP fills it, of just the frame's size: whatever reads beyond the frame throws. */
    private static UnsafeBuffer tapRead(byte[] frame, int flags, int gsoType, int gsoSize, int start, int offset) {
        byte[] bytes = new byte[HEADER + frame.length];
        System.arraycopy(frame, 0, bytes, HEADER, frame.length);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putByte(0, (byte) flags);
        buffer.putByte(1, (byte) gsoType);
        buffer.putShort(2, (short) 0xFFFF);
        buffer.putShort(4, (short) gsoSize);
        buffer.putShort(6, (short) start);
        buffer.putShort(8, (short) offset);
        return buffer;
    }

    private static long read(byte[] frame, int flags, int gsoType, int gsoSize, int start, int offset) {
        return OffloadCheck.read(tapRead(frame, flags, gsoType, gsoSize, start, offset), 0, frame.length);
    }

    private static long readSuper(ReferenceFrame frame, int gsoSize) {
        return readSuper(frame, Offload.gsoType(frame.superFrame(1)), gsoSize);
    }

    private static long readSuper(ReferenceFrame frame, int gsoType, int gsoSize) {
        return read(frame.bytes(), 1, gsoType, gsoSize, frame.transport(), frame.checksumOffset());
    }

    private ReferenceFrame frame(boolean isIpv6, boolean isUdp, int payloadBytes) {
        ReferenceFrame frame;
        do {
            frame = ReferenceFrame.random(random, payloadBytes);
        } while (frame.isIpv6() != isIpv6 || frame.isUdp() != isUdp);
        return frame;
    }

    @Test
    void readsWhatATapSays() {
        byte[] frame = new byte[60];
        assertThat(read(frame, 0, 0, 0, 0, 0)).isEqualTo(Offload.NONE);
        assertThat(read(frame, 2, 0, 0, 99, 99)).isEqualTo(Offload.NONE);
        assertThat(read(frame, 1, 0, 7, 34, 16)).isEqualTo(Offload.checksum(34, 16));
        assertThat(read(frame, 3, 0, 7, 34, 16)).isEqualTo(Offload.checksum(34, 16));
        assertThat(read(frame, 0, 1, 20, 0, 0)).isEqualTo(OffloadCheck.BAD);
        assertThat(read(frame, 5, 0, 0, 34, 16)).isEqualTo(OffloadCheck.BAD);
    }

    @ParameterizedTest
    @CsvSource({"14, 0, true", "13, 16, false", "0, 0, false", "34, 24, true", "34, 25, false", "58, 0, true",
        "59, 0, false", "65535, 0, false", "34, 65535, false", "65535, 65535, false"})
    void aChecksumLiesInItsFrame(int start, int offset, boolean isGood) {
        assertThat(read(new byte[60], 1, 0, 0, start, offset))
            .isEqualTo(isGood ? Offload.checksum(start, offset) : OffloadCheck.BAD);
    }

    /** Whoever completes it copies the frame up to the checksum, as far as headers may go. */
    @Test
    void aChecksumLiesWhereHeadersMay() {
        int last = Layers.MAX_HEADER_BYTES - 2;
        assertThat(read(new byte[600], 1, 0, 0, last - 16, 16)).isEqualTo(Offload.checksum(last - 16, 16));
        assertThat(read(new byte[600], 1, 0, 0, last - 16, 17)).isEqualTo(OffloadCheck.BAD);
    }

    @Test
    void takesAnyGoodSuperFrameAndWritesItsHeaderAgain() {
        for (int i = 0; i < 2_000; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, 9 + random.nextInt(300));
            int gsoSize = 8 + random.nextInt(frame.payloadBytes() - 8);
            long word = readSuper(frame, gsoSize);
            assertThat(word).isEqualTo(frame.superFrame(gsoSize));
            UnsafeBuffer header = new UnsafeBuffer(new byte[HEADER]);
            OffloadCheck.writeHeader(header, 0, word, frame.headerBytes());
            UnsafeBuffer expected = tapRead(frame.bytes(), 1, Offload.gsoType(word), gsoSize, frame.transport(),
                frame.checksumOffset());
            expected.putShort(2, (short) frame.headerBytes());
            assertThat(header).isEqualTo(new UnsafeBuffer(expected, 0, HEADER));
        }
    }

    @Test
    void writesTheHeadersOfPlainFrames() {
        UnsafeBuffer header = new UnsafeBuffer(new byte[HEADER]);
        header.setMemory(0, HEADER, (byte) 0xFF);
        OffloadCheck.writeHeader(header, 0, Offload.NONE, 54);
        assertThat(header).isEqualTo(new UnsafeBuffer(new byte[HEADER]));
        OffloadCheck.writeHeader(header, 0, Offload.checksum(34, 16), 54);
        assertThat(header).isEqualTo(new UnsafeBuffer(new byte[] {1, 0, 0, 0, 0, 0, 34, 0, 16, 0}));
    }

    @Test
    void oneSegmentIsNoSuperFrame() {
        ReferenceFrame tcp = frame(false, false, 100);
        assertThat(readSuper(tcp, 99)).isEqualTo(tcp.superFrame(99));
        assertThat(readSuper(tcp, 100)).isEqualTo(tcp.partial());
        assertThat(readSuper(tcp, 65_535)).isEqualTo(tcp.partial());
        ReferenceFrame empty = frame(true, true, 0);
        assertThat(readSuper(empty, 1)).isEqualTo(empty.partial());
    }

    @Test
    void aGsoSizeMakesNoVerySmallSegments() {
        ReferenceFrame tcp = frame(true, false, 1000);
        assertThat(readSuper(tcp, 8)).isEqualTo(tcp.superFrame(8));
        assertThat(readSuper(tcp, 7)).isEqualTo(OffloadCheck.BAD);
        assertThat(readSuper(tcp, 0)).isEqualTo(OffloadCheck.BAD);
        ReferenceFrame udp = frame(false, true, 128);
        assertThat(readSuper(udp, 1)).isEqualTo(udp.superFrame(1));
        assertThat(readSuper(udp, 0)).isEqualTo(OffloadCheck.BAD);
        ReferenceFrame longer = frame(true, true, 129);
        assertThat(readSuper(longer, 1)).isEqualTo(OffloadCheck.BAD);
        assertThat(readSuper(longer, 2)).isEqualTo(longer.superFrame(2));
    }

    @ParameterizedTest
    @CsvSource({"false, false, 1", "false, false, 129", "true, false, 4", "true, false, 132", "false, true, 5",
        "true, true, 5"})
    void aSuperFrameIsOfItsType(boolean isIpv6, boolean isUdp, int itsType) {
        ReferenceFrame frame = frame(isIpv6, isUdp, 100);
        for (int type = 1; type < 256; type++) {
            boolean isGood = type == itsType || !isUdp && (type ^ itsType) == Offload.ECN;
            assertThat(readSuper(frame, type, 50) != OffloadCheck.BAD).as("type %d", type).isEqualTo(isGood);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, -1", "1, 0", "-1, 0"})
    void itsChecksumIsItsTransports(int start, int offset) {
        ReferenceFrame frame = ReferenceFrame.random(random, 100);
        assertThat(read(frame.bytes(), 1, Offload.gsoType(frame.superFrame(1)), 50, frame.transport() + start,
            frame.checksumOffset() + offset)).isEqualTo(OffloadCheck.BAD);
    }

    private void refuses(ReferenceFrame frame, Consumer<ReferenceFrame> change) {
        assertThat(readSuper(frame, 50)).isEqualTo(frame.superFrame(50));
        change.accept(frame);
        assertThat(readSuper(frame, 50)).isEqualTo(OffloadCheck.BAD);
    }

    @Test
    void theHeadersOfASuperFrameAgreeWithIt() {
        refuses(frame(false, false, 100), f -> f.set(f.network() + 2, f.bytes().length - f.network() - 1));
        refuses(frame(false, false, 100), f -> f.set(f.network() + 2, f.bytes().length - f.network() + 1));
        refuses(frame(true, false, 100), f -> f.set(f.network() + 4, 0));
        refuses(frame(false, true, 100), f -> f.set(f.transport() + 4, 8));
        refuses(frame(false, false, 100), f -> f.set(f.network() + 6, 0x2000));
        refuses(frame(false, false, 100), f -> f.set(f.network() + 6, 1));
        refuses(frame(false, false, 100), f -> f.bytes()[f.network()] = 0x65);
        refuses(frame(false, false, 100), f -> f.bytes()[f.network()] = 0x44);
        refuses(frame(true, false, 100), f -> f.bytes()[f.network()] = 0x40);
        refuses(frame(false, false, 100), f -> f.bytes()[f.transport() + 12] = 0x40);
        refuses(frame(false, false, 100), f -> f.set(f.network() - 2, 0x0806));
    }
}
