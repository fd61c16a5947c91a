package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * The Internet checksum (RFC 1071). Sums are 16 bits, folded, in the order of the wire; the checksum is a sum's
 * complement.
 */
public final class Checksum {
    private static final long LOW = 0xFFFF_FFFFL;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int STRIDE = 32;

    private Checksum() {
    }

    /**
     * The sum of any number of bytes, the last of an odd number being followed by a zero. The sum of words is the same
     * in either byte order but for the order of its own two bytes (RFC 1071, 2.B), so it is taken in the machine's, by
     * eight bytes.
     */
    public static int sum(DirectBuffer buffer, int offset, int length) {
        long sum = 0;
        int index = offset;
        int end = offset + length;
        while (end - index >= STRIDE) {
            long a = buffer.getLong(index, ORDER);
            long b = buffer.getLong(index + 8, ORDER);
            long c = buffer.getLong(index + 16, ORDER);
            long d = buffer.getLong(index + 24, ORDER);
            sum += (a & LOW) + (a >>> 32) + (b & LOW) + (b >>> 32)
                + ((c & LOW) + (c >>> 32) + (d & LOW) + (d >>> 32));
            index += STRIDE;
        }
        while (end - index >= 8) {
            long word = buffer.getLong(index, ORDER);
            sum += (word & LOW) + (word >>> 32);
            index += 8;
        }
        if (end - index >= 4) {
            sum += buffer.getInt(index, ORDER) & LOW;
            index += 4;
        }
        if (end - index >= 2) {
            sum += buffer.getShort(index, ORDER) & 0xFFFF;
            index += 2;
        }
        if (index < end) {
            sum += buffer.getByte(index) & 0xFF;
        }
        sum = (sum & LOW) + (sum >>> 32);
        return swap(fold((int) ((sum & 0xFFFF) + (sum >>> 16))));
    }

    /**
     * Completes a partial checksum, in a frame whose beginning lies in one buffer and whose rest in another.
     *
     * @param headers      the frame's first bytes, which hold the checksum; written to, so not part of a frame that
     *                     others hold as well
     * @param payloadBytes what follows them; may be 0
     * @param offload      the frame's word, which is not {@link Offload#NONE}
     */
    public static void complete(MutableDirectBuffer headers, int headersOffset, int headerBytes, DirectBuffer payload,
        int payloadOffset, int payloadBytes, long offload) {
        int start = Offload.checksumStart(offload);
        int field = start + Offload.checksumOffset(offload);
        assert field + 2 <= headerBytes : "the checksum is at " + field + ", the headers end at " + headerBytes;
        int sum = sum(payload, payloadOffset, payloadBytes);
        if ((headerBytes - start & 1) != 0) {
            sum = swap(sum);
        }
        sum = fold(sum + sum(headers, headersOffset + start, headerBytes - start));
        int checksum = ~sum & 0xFFFF;
        if (checksum == 0 && Offload.checksumOffset(offload) == Layers.UDP_CHECKSUM) {
            // A UDP checksum of zero says that there is none (RFC 768).
            checksum = 0xFFFF;
        }
        headers.putShort(headersOffset + field, (short) checksum, ByteOrder.BIG_ENDIAN);
    }

    /**
     * Has a complete checksum follow a change of 16 bits of what it sums (RFC 1624, equation 3).
     *
     * @param isOdd whether the 16 bits are at an odd distance from where the sum begins
     */
    static void update(MutableDirectBuffer buffer, int field, int before, int now, boolean isOdd) {
        int checksum = buffer.getShort(field, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        int sum = (~checksum & 0xFFFF) + (~(isOdd ? swap(before) : before) & 0xFFFF) + (isOdd ? swap(now) : now);
        buffer.putShort(field, (short) ~fold(sum), ByteOrder.BIG_ENDIAN);
    }

    /** Adds what has been carried out of the low 16 bits back in. */
    static int fold(int sum) {
        int once = (sum & 0xFFFF) + (sum >>> 16);
        return (once & 0xFFFF) + (once >>> 16);
    }

    private static int swap(int sum) {
        return Short.reverseBytes((short) sum) & 0xFFFF;
    }
}
