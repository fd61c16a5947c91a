package org.violin.dataplane.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * Joins consecutive segments of one flow to the super-frame that they could have been cut from, again by making headers
 * only: receive offload (GRO) for frames with partial checksums. A frame joins a group if cutting the super-frame gives
 * it back bit for bit: its headers are compared with those that the next segment would have. So they equal those of the
 * group's first frame, but for
 *
 * <ul>
 * <li>the lengths and checksums, which must be right for the frame;
 * <li>the IPv4 identification, which is the next one. One exception: it may be the same throughout a group with DF, as
 *     some systems send it; there it means nothing (RFC 6864, 4.1), and a cut will number the segments;
 * <li>TCP's sequence number, which is the next one; FIN and PSH, which end the group; and CWR, which only the first may
 *     have.
 * </ul>
 *
 * <p>All frames of a group have as much payload as the first; a shorter one ends it. Frames with SYN, RST or URG, of no
 * payload, or that Ethernet has padded are not joined, nor are super-frames. These are Linux's rules ({@code
 * inet_gro_receive}, {@code ipv6_gro_receive}, {@code tcp_gro_receive}, {@code udp_gro_receive_segment}), but that IPv4
 * options may be there and that a partial checksum must be the pseudo-header's.
 *
 * <p>Of one thread, used again by {@link #begin}; allocates nothing. It keeps no frame: the caller remembers which
 * frames it has offered, and holds them until the super-frame is sent.
 */
public final class Coalescer {
    /** Frames in a group: what a UDP super-frame may have, and enough for 64 KiB in TCP segments of 512 bytes. */
    public static final int MAX_FRAMES = OffloadCheck.MAX_UDP_SEGMENTS;

    private static final int MAX_IP_BYTES = 65_535;
    private static final int ENDS_GROUP = Layers.TCP_FIN | Layers.TCP_PSH;
    private static final int NEVER_JOINED = Layers.TCP_SYN | Layers.TCP_RST | Layers.TCP_URG | ENDS_GROUP;

    /** The first frame's, made those that the next one must have; and those that it has. */
    private final SegmentHeaders expected = new SegmentHeaders();
    private final byte[] found = new byte[Layers.MAX_HEADER_BYTES];
    private final boolean joinsUdp;

    private DirectBuffer storage;
    private long firstOffload;
    private int segmentBytes;
    private boolean mayHaveFixedId;
    private boolean idIsFixed;
    private int firstId;
    private int firstSequence;
    private int flags;

    private int count;
    private int payloadBytes;
    private boolean isOpen;

    /** @param joinsUdp false: whoever gets the super-frames takes none of UDP */
    public Coalescer(boolean joinsUdp) {
        this.joinsUdp = joinsUdp;
    }

    /**
     * Begins a group with a frame that has passed {@link OffloadCheck}.
     *
     * @return false if no frame can join this one; then there is no group, and the frame goes as it is
     */
    public boolean begin(DirectBuffer storage, int offset, int length, long offload) {
        this.storage = storage;
        firstOffload = offload;
        count = 1;
        isOpen = false;
        if (!Offload.needsChecksum(offload) || Offload.isSuperFrame(offload)) {
            return false;
        }
        long layers = Layers.parse(storage, offset, length);
        if (layers == Layers.NONE || Layers.transport(layers) != Offload.checksumStart(offload)
            || Layers.checksumOffset(layers) != Offload.checksumOffset(offload)) {
            return false;
        }
        segmentBytes = length - Layers.headerBytes(layers);
        boolean isUdp = Layers.isUdp(layers);
        // Before anything else: every acknowledgement without data comes here.
        if (segmentBytes < (isUdp ? 1 : OffloadCheck.MIN_TCP_GSO_SIZE) || isUdp && !joinsUdp) {
            return false;
        }
        expected.wrap(storage, offset, layers);
        payloadBytes = segmentBytes;
        mayHaveFixedId = expected.isIpv4WithDf();
        idIsFixed = false;
        firstId = expected.id();
        firstSequence = expected.sequence();
        flags = expected.flags();
        if ((flags & NEVER_JOINED) != 0) {
            return false;
        }
        // The checksums of the super-frame are made anew: wrong ones must not become right so.
        storage.getBytes(offset, found, 0, expected.headerBytes());
        expected.set(segmentBytes, firstId, firstSequence, flags);
        isOpen = expected.equal(found);
        return isOpen;
    }

    /**
     * Joins a frame to the group that {@link #begin} began, in the same storage; the frame has passed {@link
     * OffloadCheck}.
     *
     * @return false if it does not belong to the group, which stays as it is; a later frame of the flow must not
     *     overtake it, so the group is then to be sent
     */
    public boolean append(int offset, int length, long offload) {
        int bytes = length - expected.headerBytes();
        if (!isOpen || offload != firstOffload || bytes <= 0 || bytes > segmentBytes
            || expected.ipHeaderBytes() + payloadBytes + bytes > MAX_IP_BYTES) {
            return false;
        }
        storage.getBytes(offset, found, 0, expected.headerBytes());
        boolean fixed = idIsFixed || count == 1 && mayHaveFixedId && expected.id(found) == firstId;
        int ends = expected.flags(found) & ENDS_GROUP;
        expected.set(bytes, fixed ? firstId : firstId + count & 0xFFFF, firstSequence + payloadBytes,
            flags & ~Layers.TCP_CWR | ends);
        if (!expected.equal(found)) {
            return false;
        }
        idIsFixed = fixed;
        flags |= ends;
        payloadBytes += bytes;
        count++;
        isOpen = ends == 0 && bytes == segmentBytes && count < MAX_FRAMES;
        return true;
    }

    /** Frames in the group; 1 also after a {@link #begin} that has begun none. */
    public int count() {
        return count;
    }

    /** Bytes of the super-frame's headers, and of each frame's: its payload follows them. Only of a group. */
    public int headerBytes() {
        return expected.headerBytes();
    }

    /** Bytes of payload of all frames. Only of a group. */
    public int payloadBytes() {
        return payloadBytes;
    }

    /** The super-frame's word; with one frame only, that frame's. */
    public long offload() {
        if (count == 1) {
            return firstOffload;
        }
        int tcpType = expected.isIpv6() ? Offload.TCP6 : Offload.TCP4;
        int type = expected.isUdp() ? Offload.UDP : (flags & Layers.TCP_CWR) != 0 ? tcpType | Offload.ECN : tcpType;
        return firstOffload | Offload.superFrame(type, segmentBytes, 0, 0);
    }

    /** Writes the super-frame's headers, {@link #headerBytes()} bytes. Only of a group. */
    public void writeHeaders(MutableDirectBuffer target, int targetOffset) {
        expected.set(payloadBytes, firstId, firstSequence, flags);
        expected.write(target, targetOffset);
    }
}
