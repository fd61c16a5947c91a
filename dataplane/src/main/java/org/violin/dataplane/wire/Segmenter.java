package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * Cuts a super-frame into the segments that it stands for, by making their headers; the payload stays where it lies.
 * The headers are those that Linux makes ({@code tcp_gso_segment}, {@code __udp_gso_segment}, {@code
 * inet_gso_segment}):
 *
 * <ul>
 * <li>lengths are the segment's, IPv4 identifications count up, TCP's sequence number goes on;
 * <li>FIN and PSH are the last segment's alone, CWR the first's (RFC 3168, 6.1.2); all other flags, the urgent pointer
 *     and all options are every segment's;
 * <li>the checksum is partial as the super-frame's was, so each segment's word is {@link Offload#ofSegment}.
 * </ul>
 *
 * <p>Of one thread, used again by {@link #wrap}; allocates nothing.
 *
 * <pre>{@code
 * segmenter.wrap(storage, offset, length, offload);
 * int count = segmenter.segmentCount(bytes);
 * for (int from = 0; from < segmenter.payloadBytes(); from += bytes) {
 *     segmenter.writeHeaders(from, Math.min(bytes, segmenter.payloadBytes() - from), arena, at);
 * }
 * }</pre>
 */
public final class Segmenter {
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private DirectBuffer storage;
    private int offset;
    private int headerBytes;
    private int payloadBytes;
    private int network;
    private int transport;
    private boolean isIpv6;
    private boolean isUdp;
    private int gsoSize;
    private int segmentBytes;

    private int pseudoHeaderSum;
    private int ipv4HeaderSum;
    private int identification;
    private int sequence;
    private int flags;

    /** Takes a super-frame that has passed {@link OffloadCheck}. */
    public void wrap(DirectBuffer storage, int offset, int length, long offload) {
        long layers = Layers.parse(storage, offset, length);
        assert layers != Layers.NONE && Offload.isSuperFrame(offload) : "not a checked super-frame";
        this.storage = storage;
        this.offset = offset;
        headerBytes = Layers.headerBytes(layers);
        payloadBytes = length - headerBytes;
        network = Layers.network(layers);
        transport = Layers.transport(layers);
        isIpv6 = Layers.isIpv6(layers);
        isUdp = Layers.isUdp(layers);
        gsoSize = Offload.gsoSize(offload);
        segmentBytes = gsoSize;
        pseudoHeaderSum = Layers.pseudoHeaderSum(storage, offset, layers);
        if (!isIpv6) {
            ipv4HeaderSum = Layers.ipv4HeaderSum(storage, offset, layers);
            identification = Layers.uint16(storage, offset + network + Layers.IPV4_ID);
        }
        if (!isUdp) {
            sequence = storage.getInt(offset + transport + Layers.TCP_SEQUENCE, ORDER);
            flags = storage.getByte(offset + transport + Layers.TCP_FLAGS);
        }
    }

    /** Bytes of each segment's headers, at most {@link Layers#MAX_HEADER_BYTES}. The payload follows in the storage. */
    public int headerBytes() {
        return headerBytes;
    }

    /** Bytes of the whole super-frame's payload. */
    public int payloadBytes() {
        return payloadBytes;
    }

    /**
     * Decides the cut.
     *
     * @param segmentPayloadBytes payload of every segment but the last; for UDP the GSO size, as a datagram is a
     *                            message; for TCP any number up to it
     * @return the number of segments
     */
    public int segmentCount(int segmentPayloadBytes) {
        assert segmentPayloadBytes > 0 && (segmentPayloadBytes == gsoSize || !isUdp && segmentPayloadBytes < gsoSize)
            : "segments of " + segmentPayloadBytes + " bytes from a GSO size of " + gsoSize;
        segmentBytes = segmentPayloadBytes;
        return (payloadBytes + segmentPayloadBytes - 1) / segmentPayloadBytes;
    }

    /**
     * Writes a segment's headers, {@link #headerBytes()} bytes.
     *
     * @param payloadFrom  where in the payload the segment's begins: a multiple of what {@link #segmentCount} was told
     * @param payloadBytes of this segment
     */
    public void writeHeaders(int payloadFrom, int payloadBytes, MutableDirectBuffer target, int targetOffset) {
        copyHeaders(storage, offset, headerBytes, target, targetOffset);
        int ipBytes = headerBytes - network + payloadBytes;
        int ip = targetOffset + network;
        if (isIpv6) {
            putUint16(target, ip + Layers.IPV6_PAYLOAD_LENGTH, ipBytes - Layers.IPV6_HEADER_BYTES);
        } else {
            int id = identification + payloadFrom / segmentBytes & 0xFFFF;
            putUint16(target, ip + Layers.IPV4_TOTAL_LENGTH, ipBytes);
            putUint16(target, ip + Layers.IPV4_ID, id);
            putUint16(target, ip + Layers.IPV4_CHECKSUM, ~Checksum.fold(ipv4HeaderSum + ipBytes + id));
        }
        int transportBytes = headerBytes - transport + payloadBytes;
        int partialChecksum = Checksum.fold(pseudoHeaderSum + transportBytes);
        int l4 = targetOffset + transport;
        if (isUdp) {
            putUint16(target, l4 + Layers.UDP_LENGTH, transportBytes);
            putUint16(target, l4 + Layers.UDP_CHECKSUM, partialChecksum);
        } else {
            target.putInt(l4 + Layers.TCP_SEQUENCE, sequence + payloadFrom, ORDER);
            target.putByte(l4 + Layers.TCP_FLAGS, (byte) (flags & flagsOf(payloadFrom, payloadBytes)));
            putUint16(target, l4 + Layers.TCP_CHECKSUM, partialChecksum);
        }
    }

    /** Which flags a segment may have, if the super-frame has them. */
    private int flagsOf(int payloadFrom, int payloadBytes) {
        int allowed = payloadFrom == 0 ? -1 : ~Layers.TCP_CWR;
        return payloadFrom + payloadBytes == this.payloadBytes ? allowed : allowed & ~(Layers.TCP_FIN | Layers.TCP_PSH);
    }

    /**
     * By eight bytes, the last of which overlap: for as few bytes that is faster than a call that copies any number.
     */
    static void copyHeaders(DirectBuffer from, int fromOffset, int bytes, MutableDirectBuffer to, int toOffset) {
        int last = bytes - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            to.putLong(toOffset + i, from.getLong(fromOffset + i));
        }
        to.putLong(toOffset + last, from.getLong(fromOffset + last));
    }

    static void putUint16(MutableDirectBuffer buffer, int index, int value) {
        buffer.putShort(index, (short) value, ORDER);
    }
}
