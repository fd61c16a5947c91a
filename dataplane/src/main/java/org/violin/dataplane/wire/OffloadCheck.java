package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * Holds what a sender says of a frame's offloads to the frame itself, at ingress: TAP devices and virtio-net guests say
 * it in a virtio-net header, tunnel peers in a record. Both may be hostile. After this check a partial checksum lies in
 * its frame, and a super-frame can be cut with no further check: {@link Layers} understands it, its checksum is that of
 * TCP or UDP, and its GSO size cuts it into more than one segment and not into very many.
 *
 * <p>What fails is dropped for {@code bad-offload}.
 */
public final class OffloadCheck {
    /** No word: the frame contradicts what is said of it. */
    public static final long BAD = -1;

    /** The virtio-net header in front of a frame (virtio 1.2, 5.1.6), without its number of buffers. */
    public static final int HEADER_BYTES = 10;

    /** No less than Linux makes: a TCP of that size sends many segments for few bytes. */
    public static final int MIN_TCP_GSO_SIZE = 8;
    /** What Linux lets a socket send at once (UDP_MAX_SEGMENTS). */
    public static final int MAX_UDP_SEGMENTS = 128;

    private static final int GSO_TYPE = 1;
    private static final int GSO_HEADER_BYTES = 2;
    private static final int GSO_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;
    private static final int FLAG_NEEDS_CHECKSUM = 1;
    /** Somebody has verified the checksum; Violin does not hand that on. */
    private static final int FLAG_DATA_VALID = 2;
    private static final int GSO_NONE = 0;

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private OffloadCheck() {
    }

    /**
     * Reads the virtio-net header in front of a frame.
     *
     * @param headerOffset of {@link #HEADER_BYTES} bytes, little-endian, which the frame follows
     * @param frameLength  14 or more
     * @return the frame's {@link Offload} word, or {@link #BAD}
     */
    public static long read(DirectBuffer buffer, int headerOffset, int frameLength) {
        long word = buffer.getLong(headerOffset, ORDER);
        int checksumOffset = buffer.getShort(headerOffset + CHECKSUM_OFFSET, ORDER) & 0xFFFF;
        int flags = (int) word & 0xFF;
        int gsoType = (int) (word >>> 8 * GSO_TYPE) & 0xFF;
        if ((flags & ~(FLAG_NEEDS_CHECKSUM | FLAG_DATA_VALID)) != 0) {
            return BAD;
        }
        if ((flags & FLAG_NEEDS_CHECKSUM) == 0) {
            return gsoType == GSO_NONE ? Offload.NONE : BAD;
        }
        // The length of the headers, the third field, is a hint that may be wrong: the frame tells.
        return check(buffer, headerOffset + HEADER_BYTES, frameLength, gsoType, (int) (word >>> 8 * GSO_SIZE) & 0xFFFF,
            (int) (word >>> 8 * CHECKSUM_START) & 0xFFFF, checksumOffset);
    }

    /**
     * Checks what is said of a frame with a partial checksum.
     *
     * @param gsoType 0 for a frame that is no super-frame; its GSO size says nothing then
     * @return the frame's {@link Offload} word, or {@link #BAD}; a super-frame whose payload is one segment comes out
     *     as a plain frame with a partial checksum
     */
    public static long check(DirectBuffer buffer, int frameOffset, int frameLength, int gsoType, int gsoSize,
        int checksumStart, int checksumOffset) {
        if (checksumStart < Ethernet.HEADER_BYTES
            || checksumStart + checksumOffset + 2 > Math.min(frameLength, Layers.MAX_HEADER_BYTES)) {
            return BAD;
        }
        if (gsoType == GSO_NONE) {
            return Offload.checksum(checksumStart, checksumOffset);
        }
        long layers = Layers.parse(buffer, frameOffset, frameLength);
        if (layers == Layers.NONE || Layers.transport(layers) != checksumStart
            || Layers.checksumOffset(layers) != checksumOffset || !isOfType(layers, gsoType)) {
            return BAD;
        }
        int payloadBytes = frameLength - Layers.headerBytes(layers);
        boolean sizeIsBad = Layers.isUdp(layers) ? gsoSize == 0 || payloadBytes > gsoSize * MAX_UDP_SEGMENTS
            : gsoSize < MIN_TCP_GSO_SIZE;
        if (sizeIsBad) {
            return BAD;
        }
        return payloadBytes <= gsoSize ? Offload.checksum(checksumStart, checksumOffset)
            : Offload.superFrame(gsoType, gsoSize, checksumStart, checksumOffset);
    }

    private static boolean isOfType(long layers, int gsoType) {
        return switch (gsoType) {
            case Offload.TCP4, Offload.TCP4 | Offload.ECN -> !Layers.isUdp(layers) && !Layers.isIpv6(layers);
            case Offload.TCP6, Offload.TCP6 | Offload.ECN -> !Layers.isUdp(layers) && Layers.isIpv6(layers);
            case Offload.UDP -> Layers.isUdp(layers);
            default -> false;
        };
    }

    /**
     * Writes a frame's virtio-net header, {@link #HEADER_BYTES} bytes.
     *
     * @param headerBytes of a super-frame: bytes of all its headers; of another frame it says nothing
     */
    public static void writeHeader(MutableDirectBuffer buffer, int offset, long offload, int headerBytes) {
        long word = 0;
        if (Offload.needsChecksum(offload)) {
            word = FLAG_NEEDS_CHECKSUM | (long) Offload.checksumStart(offload) << 8 * CHECKSUM_START;
        }
        if (Offload.isSuperFrame(offload)) {
            word |= (long) Offload.gsoType(offload) << 8 * GSO_TYPE | (long) headerBytes << 8 * GSO_HEADER_BYTES
                | (long) Offload.gsoSize(offload) << 8 * GSO_SIZE;
        }
        buffer.putLong(offset, word, ORDER);
        buffer.putShort(offset + CHECKSUM_OFFSET, (short) Offload.checksumOffset(offload), ORDER);
    }
}
