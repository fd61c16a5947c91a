package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.ReferenceFrame;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * Feeds the decoder datagrams that no honest peer sends: random bytes, and records written by the rules and then
 * damaged. {@code -Dviolin.fuzz.inputs=N} sets how many, {@code -Dviolin.fuzz.seconds=N} for how long instead.
 */
class TunnelDecoderFuzzTest {
    private static final int MAX_BYTES = 400;
    private static final long INPUTS = Long.getLong("violin.fuzz.inputs", 20_000_000);
    private static final long SECONDS = Long.getLong("violin.fuzz.seconds", 0);
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;
    /** Not the decoder's to count, but FRAGMENT_EXCESS: that takes 65 fragments in a row that nothing joins. */
    private static final Set<DropReason> NOT_EXPECTED = EnumSet.of(DropReason.DATAGRAM_TRUNCATED,
        DropReason.TUNNEL_DOWN, DropReason.NOT_AUTHENTIC, DropReason.HANDSHAKE_OVERFLOW, DropReason.UNKNOWN_LINK,
        DropReason.FRAGMENT_EXCESS);

    private final SplittableRandom random = Seeds.random("Tunnel decoder fuzz");
    private final TunnelDecoder decoder = new TunnelDecoder();
    private final byte[] bytes = new byte[MAX_BYTES];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final ReferenceFrame[] superFrames = Stream.generate(() -> ReferenceFrame.random(random,
        16 + random.nextInt(50))).limit(100).toArray(ReferenceFrame[]::new);
    private long bits;
    private int bitsLeft;
    private long counter;

    @Test
    void survivesWhateverComes() {
        long start = System.nanoTime();
        long inputs = 0;
        while (SECONDS == 0 ? inputs < INPUTS : System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)) {
            for (int i = 0; i < 10_000; i++) {
                one();
            }
            inputs += 10_000;
            decoder.assertCanaries();
        }
        System.out.printf("%,d inputs in %.1f s: %,d valid records, %,d frames put together, dropped: %s%n", inputs,
            (System.nanoTime() - start) / 1e9, decoder.records(), decoder.frames(), decoder.drops().toMap());
        // The inputs are worth something: valid ones come up, and every reason to drop one.
        assertThat(decoder.records()).isGreaterThan(inputs / 10);
        assertThat(decoder.frames()).isGreaterThan(inputs / 1000);
        assertThat(decoder.superFrames()).isGreaterThan(inputs / 100);
        assertThat(decoder.waited()).isGreaterThan(inputs / 1000);
        Set<DropReason> expected = EnumSet.range(DropReason.DATAGRAM_SHORT, DropReason.FRAGMENT_TIMEOUT);
        expected.removeAll(NOT_EXPECTED);
        assertThat(expected).allMatch(reason -> decoder.drops().get(reason) > 0);
    }

    private void one() {
        int length = below(8) == 0 ? noise() : below(8) == 0 ? hello() : below(8) == 0 ? parity() : records();
        if (below(2) == 0) {
            length = damage(length);
        }
        try {
            // The datagram lies at the array's end.
            System.arraycopy(bytes, 0, bytes, MAX_BYTES - length, length);
            decoder.accept(bytes, length);
        } catch (RuntimeException | Error e) {
            String datagram = HexFormat.of().formatHex(bytes, MAX_BYTES - length, MAX_BYTES);
            throw new AssertionError("datagram " + datagram, e);
        }
    }

    /** A cheap draw: a random long serves several. */
    private int below(int bound) {
        if (bitsLeft < 16) {
            bits = random.nextLong();
            bitsLeft = 64;
        }
        int draw = (int) (bits & 0xFFFF);
        bits >>>= 16;
        bitsLeft -= 16;
        return draw * bound >>> 16;
    }

    private int noise() {
        int length = below(100);
        for (int i = 0; i < length; i += Long.BYTES) {
            buffer.putLong(i, random.nextLong());
        }
        return length;
    }

    private int hello() {
        int index = below(4) == 0 ? 0 : decoder.sessionIndex();
        TunnelCodec.writeHeader(buffer, 0, TunnelCodec.TYPE_HELLO, index, counter += below(3));
        buffer.putInt(TunnelCodec.HELLO_SENDER_INDEX, 100 + below(50) / 49, ORDER);
        buffer.putInt(TunnelCodec.HELLO_STATE, below(3) << 24 | 500 + below(1000), ORDER);
        buffer.putLong(TunnelCodec.HELLO_TIMESTAMP, random.nextLong(), ORDER);
        buffer.putLong(TunnelCodec.HELLO_ECHO, random.nextLong() >>> below(64), ORDER);
        buffer.putLong(TunnelCodec.HELLO_HOLD_MICROS, random.nextLong() >>> below(64), ORDER);
        return TunnelCodec.HELLO_BYTES + below(20);
    }

    /** Of datagrams that have been sent, some of which came; or of such as never were. */
    private int parity() {
        TunnelCodec.writeHeader(buffer, 0, TunnelCodec.TYPE_PARITY, decoder.sessionIndex(), counter += below(3));
        int members = 1 + below(6);
        int symbolBytes = 5 + below(100);
        ParityCodec.write(buffer, 0, members, 1 + below(4), below(4), below(8) == 0 ? 0 : 1,
            Math.max(0, counter - below(20)), symbolBytes);
        int at = ParityCodec.DELTAS;
        for (int i = 1; i < members; i++) {
            bytes[at++] = (byte) (below(50) == 0 ? below(256) : 1 + below(3));
        }
        for (int i = 0; i < symbolBytes; i++) {
            bytes[at++] = (byte) below(256);
        }
        return at;
    }

    private int records() {
        TunnelCodec.writeHeader(buffer, 0, TunnelCodec.TYPE_DATA, decoder.sessionIndex(), counter += below(3));
        int at = TunnelCodec.HEADER_BYTES;
        for (int left = below(5); left >= 0 && at < MAX_BYTES - 120; left--) {
            at = record(at);
        }
        return Math.min(at, MAX_BYTES);
    }

    private int record(int offset) {
        int kind = below(16) == 0 ? below(6) : 1 + below(3);
        if (kind == TunnelCodec.KIND_SUPER_FRAME && below(2) == 0) {
            return superFrame(offset);
        }
        boolean checksum = kind == TunnelCodec.KIND_SUPER_FRAME || kind != 0 && below(4) == 0;
        int link = 1 + below(3);
        int length = 10 + below(80);
        int at = offset + TunnelCodec.RECORD_HEADER_BYTES;
        buffer.putInt(offset, kind == 0 ? 0 : length << 16 | kind << 8 | (checksum ? 1 : 0), ORDER);
        buffer.putInt(offset + TunnelCodec.RECORD_LINK_ID, kind == 0 ? 0 : link, ORDER);
        if (checksum) {
            buffer.putInt(at, below(60) << 16 | below(20), ORDER);
            at += TunnelCodec.CHECKSUM_BYTES;
        }
        if (kind == TunnelCodec.KIND_FRAGMENT) {
            int parts = 1 + below(4);
            buffer.putInt(at, below(12), ORDER);
            buffer.putInt(at + 4, below(parts) * length << 16 | parts * length + below(20) / 19, ORDER);
            at += TunnelCodec.FRAGMENT_BYTES;
        } else if (kind == TunnelCodec.KIND_SUPER_FRAME) {
            buffer.putInt(at, (1 + below(5)) << 24 | 10 + below(60), ORDER);
            buffer.putInt(at + 4, below(1000) << 16, ORDER);
            at += TunnelCodec.SUPER_FRAME_BYTES;
        }
        return at + length;
    }

    private int superFrame(int offset) {
        ReferenceFrame frame = superFrames[below(superFrames.length)];
        int body = offset + TunnelCodec.SUPER_FRAME_RECORD_HEADER_BYTES;
        if (body + frame.bytes().length > MAX_BYTES) {
            return offset;
        }
        TunnelCodec.writeSuperFrameRecord(buffer, offset, 1 + below(3), frame.bytes().length, frame.headerBytes(),
            frame.superFrame(8 + below(frame.payloadBytes())));
        buffer.putBytes(body, frame.bytes());
        return body + frame.bytes().length;
    }

    /** Cuts, lengthens, flips bits, or puts in the values at which bounds are. */
    private int damage(int length) {
        for (int hits = below(3); hits >= 0 && length > 0; hits--) {
            int at = below(Math.min(length, 64));
            switch (below(5)) {
                case 0 -> length = below(length + 1);
                case 1 -> length = Math.min(MAX_BYTES, length + below(16));
                case 2 -> bytes[at] ^= (byte) (1 << below(8));
                case 3 -> bytes[at] = (byte) (below(3) - 1);
                default -> buffer.putShort(Math.min(at, MAX_BYTES - 2), (short) (below(3) - 1), ORDER);
            }
        }
        return length;
    }
}
