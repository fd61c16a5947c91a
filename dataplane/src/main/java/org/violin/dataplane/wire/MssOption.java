package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * The longest segment that a TCP end says it takes, an option of its SYN or SYN-ACK (RFC 9293, 3.7.1), and how it is
 * lowered on its way. Reads nothing outside the frame, whatever its bytes are.
 */
public final class MssOption {
    private static final int NONE = 0;
    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int MSS = 2;
    private static final int MSS_BYTES = 4;
    private static final int VALUE = 2;

    private MssOption() {
    }

    /**
     * Whether a frame is one that says more than fits.
     *
     * @param limit      the largest value; 0: as much as fits a frame of {@code frameBytes}
     * @param frameBytes of the longest frame that passes
     */
    public static boolean exceeds(DirectBuffer buffer, int offset, int length, int limit, int frameBytes) {
        long layers = parse(buffer, offset, length);
        if (!isSyn(buffer, offset, layers)) {
            return false;
        }
        int largest = largest(layers, limit, frameBytes);
        int at = next(buffer, offset, layers, Layers.transport(layers) + Layers.TCP_HEADER_BYTES);
        while (at != NONE && Layers.uint16(buffer, offset + at + VALUE) <= largest) {
            at = next(buffer, offset, layers, at + MSS_BYTES);
        }
        return at != NONE;
    }

    /**
     * Lowers what {@link #exceeds}, where it lies. A complete checksum follows (RFC 1624); a partial one stays, as its
     * field has the pseudo-header's sum alone.
     *
     * @param offload the frame's {@link Offload} word
     */
    public static void lower(MutableDirectBuffer buffer, int offset, int length, long offload, int limit,
        int frameBytes) {
        long layers = parse(buffer, offset, length);
        if (!isSyn(buffer, offset, layers)) {
            return;
        }
        int largest = largest(layers, limit, frameBytes);
        int tcp = Layers.transport(layers);
        boolean isSummed = !Offload.needsChecksum(offload) || Offload.checksumStart(offload) != tcp;
        int at = next(buffer, offset, layers, tcp + Layers.TCP_HEADER_BYTES);
        while (at != NONE) {
            int value = Layers.uint16(buffer, offset + at + VALUE);
            if (value > largest) {
                buffer.putShort(offset + at + VALUE, (short) largest, ByteOrder.BIG_ENDIAN);
                if (isSummed) {
                    Checksum.update(buffer, offset + tcp + Layers.TCP_CHECKSUM, value, largest, (at - tcp & 1) != 0);
                }
            }
            at = next(buffer, offset, layers, at + MSS_BYTES);
        }
    }

    private static long parse(DirectBuffer buffer, int offset, int length) {
        return Layers.parse(buffer, offset, Layers.unpadded(buffer, offset, length));
    }

    private static boolean isSyn(DirectBuffer buffer, int offset, long layers) {
        return layers != Layers.NONE && !Layers.isUdp(layers)
            && (buffer.getByte(offset + Layers.transport(layers) + Layers.TCP_FLAGS) & Layers.TCP_SYN) != 0;
    }

    /** Options of IP and TCP are not counted in it: who uses them sends less (RFC 6691). */
    private static int largest(long layers, int limit, int frameBytes) {
        int ip = Layers.isIpv6(layers) ? Layers.IPV6_HEADER_BYTES : Layers.IPV4_HEADER_BYTES;
        return limit > 0 ? limit : Math.max(1, frameBytes - Layers.network(layers) - ip - Layers.TCP_HEADER_BYTES);
    }

    /** Where the next option of this kind begins; {@link #NONE}: there is none, or the options make no sense. */
    private static int next(DirectBuffer buffer, int offset, long layers, int from) {
        int end = Layers.headerBytes(layers);
        int at = from;
        while (at < end) {
            int kind = buffer.getByte(offset + at);
            if (kind == NO_OPERATION) {
                at++;
                continue;
            }
            int bytes = kind == END || at + 1 >= end ? 0 : buffer.getByte(offset + at + 1) & 0xFF;
            if (bytes < 2 || at + bytes > end) {
                return NONE;
            }
            if (kind == MSS && bytes == MSS_BYTES) {
                return at;
            }
            at += bytes;
        }
        return NONE;
    }
}
