package org.violin.dataplane.wire;

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
    private final SegmentHeaders headers = new SegmentHeaders();
    private int payloadBytes;
    private int gsoSize;
    private int segmentBytes;
    private int id;
    private int sequence;
    private int flags;

    /** Takes a super-frame that has passed {@link OffloadCheck}. */
    public void wrap(DirectBuffer storage, int offset, int length, long offload) {
        long layers = Layers.parse(storage, offset, length);
        assert layers != Layers.NONE && Offload.isSuperFrame(offload) : "not a checked super-frame";
        headers.wrap(storage, offset, layers);
        payloadBytes = length - headers.headerBytes();
        gsoSize = Offload.gsoSize(offload);
        segmentBytes = gsoSize;
        id = headers.id();
        sequence = headers.sequence();
        flags = headers.flags();
    }

    /** Bytes of each segment's headers, at most {@link Layers#MAX_HEADER_BYTES}. The payload follows in the storage. */
    public int headerBytes() {
        return headers.headerBytes();
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
        int least = headers.isUdp() ? gsoSize : 1;
        assert segmentPayloadBytes >= least && segmentPayloadBytes <= gsoSize
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
        headers.set(payloadBytes, id(payloadFrom), sequence(payloadFrom), flags(payloadFrom, payloadBytes));
        headers.write(target, targetOffset);
    }

    /** TCP's flags of a segment; 0 for UDP. The arguments are those of {@link #writeHeaders}. */
    public int flags(int payloadFrom, int payloadBytes) {
        int allowed = payloadFrom == 0 ? -1 : ~Layers.TCP_CWR;
        boolean last = payloadFrom + payloadBytes == this.payloadBytes;
        return flags & (last ? allowed : allowed & ~(Layers.TCP_FIN | Layers.TCP_PSH));
    }

    /** TCP's flags of a segment that is neither the first nor the last. */
    public int innerFlags() {
        return flags & ~(Layers.TCP_CWR | Layers.TCP_FIN | Layers.TCP_PSH);
    }

    /** TCP's sequence number of the segment whose payload begins there; of no use for UDP. */
    public int sequence(int payloadFrom) {
        return sequence + payloadFrom;
    }

    /** The IPv4 identification of that segment, 16 bits; of no use for IPv6. */
    public int id(int payloadFrom) {
        return id + payloadFrom / segmentBytes & 0xFFFF;
    }

    /** The layout and the sums that all segments share. */
    public SegmentHeaders headers() {
        return headers;
    }
}
