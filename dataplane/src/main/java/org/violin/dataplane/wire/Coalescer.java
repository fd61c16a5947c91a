package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * Joins consecutive segments of one flow to the super-frame that they could have been cut from, again by making headers
 * only: receive offload (GRO) for frames with partial checksums. A frame joins a group if cutting the super-frame gives
 * it back bit for bit. So all of its headers equal those of the group's first frame, but for
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
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;
    private static final int WORDS = Layers.MAX_HEADER_BYTES / Long.BYTES;
    private static final int ENDS_GROUP = Layers.TCP_FIN | Layers.TCP_PSH;
    private static final int NEVER_JOINED = Layers.TCP_SYN | Layers.TCP_RST | Layers.TCP_URG | ENDS_GROUP;

    /** Of the first frame's headers, the bits that are the same in every frame of the group. */
    private final long[] common = new long[WORDS];
    /** Which bits those are: the same for all frames of one layout. */
    private final long[] mask = new long[WORDS];
    private long maskedLayers = Layers.NONE;

    private DirectBuffer storage;
    private int firstOffset;
    private long firstOffload;
    private int headerBytes;
    private int network;
    private int transport;
    private boolean isIpv6;
    private boolean isUdp;
    private int segmentBytes;
    private int pseudoHeaderSum;
    private int ipv4HeaderSum;
    private int firstId;
    private boolean idIsFixed;
    private int nextSequence;
    private int flags;

    private int count;
    private int payloadBytes;
    private boolean isOpen;

    /**
     * Begins a group with a frame that has passed {@link OffloadCheck}.
     *
     * @return false if no frame can join this one; then there is no group, and the frame goes as it is
     */
    public boolean begin(DirectBuffer storage, int offset, int length, long offload) {
        this.storage = storage;
        firstOffset = offset;
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
        headerBytes = Layers.headerBytes(layers);
        network = Layers.network(layers);
        transport = Layers.transport(layers);
        isIpv6 = Layers.isIpv6(layers);
        isUdp = Layers.isUdp(layers);
        payloadBytes = length - headerBytes;
        segmentBytes = payloadBytes;
        pseudoHeaderSum = Layers.pseudoHeaderSum(storage, offset, layers);
        flags = isUdp ? 0 : storage.getByte(offset + transport + Layers.TCP_FLAGS) & 0xFF;
        if (!isIpv6) {
            ipv4HeaderSum = Layers.ipv4HeaderSum(storage, offset, layers);
            firstId = Layers.uint16(storage, offset + network + Layers.IPV4_ID);
            idIsFixed = false;
        }
        int leastBytes = isUdp ? 1 : OffloadCheck.MIN_TCP_GSO_SIZE;
        if (segmentBytes < leastBytes || (flags & NEVER_JOINED) != 0 || !sumsAreRight(offset, length)) {
            return false;
        }
        if (!isUdp) {
            nextSequence = storage.getInt(offset + transport + Layers.TCP_SEQUENCE, ORDER) + payloadBytes;
        }
        rememberCommon(layers, offset);
        isOpen = true;
        return true;
    }

    /**
     * Joins a frame to the group that {@link #begin} began, in the same storage; the frame has passed {@link
     * OffloadCheck}.
     *
     * @return false if it does not belong to the group, which stays as it is; a later frame of the flow must not
     *     overtake it, so the group is then to be sent
     */
    public boolean append(int offset, int length, long offload) {
        int bytes = length - headerBytes;
        if (!isOpen || offload != firstOffload || bytes <= 0 || bytes > segmentBytes
            || headerBytes - network + payloadBytes + bytes > MAX_IP_BYTES
            || !hasCommon(offset) || !lengthsAreRight(offset, length) || !sumsAreRight(offset, length)
            || !isIpv6 && !idIsNext(offset)) {
            return false;
        }
        int ends = 0;
        if (!isUdp) {
            int frameFlags = storage.getByte(offset + transport + Layers.TCP_FLAGS);
            if ((frameFlags & Layers.TCP_CWR) != 0
                || storage.getInt(offset + transport + Layers.TCP_SEQUENCE, ORDER) != nextSequence) {
                return false;
            }
            nextSequence += bytes;
            ends = frameFlags & ENDS_GROUP;
            flags |= ends;
        }
        if (count == 1 && !isIpv6) {
            idIsFixed = id(offset) == firstId;
        }
        payloadBytes += bytes;
        count++;
        isOpen = ends == 0 && bytes == segmentBytes && count < MAX_FRAMES;
        return true;
    }

    /**
     * The first frame's headers less what may differ; they have been found valid, so whoever shares them is as well.
     */
    private void rememberCommon(long layers, int offset) {
        if (layers != maskedLayers) {
            makeMask();
            maskedLayers = layers;
        }
        int last = headerBytes - Long.BYTES;
        for (int i = 0, word = 0; i < last; i += Long.BYTES, word++) {
            common[word] = storage.getLong(offset + i, ORDER) & mask[word];
        }
        common[WORDS - 1] = storage.getLong(offset + last, ORDER) & mask[WORDS - 1];
    }

    /** The last eight bytes of the headers have a word of their own, the last, which overlaps the one before. */
    private boolean hasCommon(int offset) {
        int last = headerBytes - Long.BYTES;
        long difference = storage.getLong(offset + last, ORDER) & mask[WORDS - 1] ^ common[WORDS - 1];
        for (int i = 0, word = 0; i < last; i += Long.BYTES, word++) {
            difference |= storage.getLong(offset + i, ORDER) & mask[word] ^ common[word];
        }
        return difference == 0;
    }

    private void makeMask() {
        Arrays.fill(mask, -1);
        if (isIpv6) {
            clear(network + Layers.IPV6_PAYLOAD_LENGTH, 0xFFFF);
        } else {
            clear(network + Layers.IPV4_TOTAL_LENGTH, 0xFFFF);
            clear(network + Layers.IPV4_ID, 0xFFFF);
            clear(network + Layers.IPV4_CHECKSUM, 0xFFFF);
        }
        if (isUdp) {
            clear(transport + Layers.UDP_LENGTH, 0xFFFF);
            clear(transport + Layers.UDP_CHECKSUM, 0xFFFF);
        } else {
            clear(transport + Layers.TCP_SEQUENCE, 0xFFFF);
            clear(transport + Layers.TCP_SEQUENCE + 2, 0xFFFF);
            clear(transport + Layers.TCP_FLAGS - 1, ENDS_GROUP | Layers.TCP_CWR);
            clear(transport + Layers.TCP_CHECKSUM, 0xFFFF);
        }
    }

    /** Takes bits of the 16 at a place in the headers, which may lie in two words, out of the mask. */
    private void clear(int at, int bits) {
        clearByte(at, bits >>> 8);
        clearByte(at + 1, bits & 0xFF);
    }

    private void clearByte(int at, int bits) {
        int last = headerBytes - Long.BYTES;
        if (at >= last) {
            mask[WORDS - 1] &= ~((long) bits << 56 - 8 * (at - last));
        }
        if (at / Long.BYTES * Long.BYTES < last) {
            mask[at / Long.BYTES] &= ~((long) bits << 56 - 8 * (at % Long.BYTES));
        }
    }

    private boolean lengthsAreRight(int offset, int length) {
        int ip = offset + network;
        boolean ipIsRight = isIpv6
            ? Layers.uint16(storage, ip + Layers.IPV6_PAYLOAD_LENGTH) == length - network - Layers.IPV6_HEADER_BYTES
            : Layers.uint16(storage, ip + Layers.IPV4_TOTAL_LENGTH) == length - network;
        return ipIsRight
            && (!isUdp || Layers.uint16(storage, offset + transport + Layers.UDP_LENGTH) == length - transport);
    }

    /** The group's checksums are made anew, and must not make a frame's wrong ones right. */
    private boolean sumsAreRight(int offset, int length) {
        if (!isIpv6) {
            int ip = offset + network;
            int sum = ipv4HeaderSum + (length - network) + id(offset);
            if (Checksum.fold(sum + Layers.uint16(storage, ip + Layers.IPV4_CHECKSUM)) != 0xFFFF) {
                return false;
            }
        }
        int field = transport + (isUdp ? Layers.UDP_CHECKSUM : Layers.TCP_CHECKSUM);
        return Layers.uint16(storage, offset + field) == Checksum.fold(pseudoHeaderSum + (length - transport));
    }

    private int id(int offset) {
        return Layers.uint16(storage, offset + network + Layers.IPV4_ID);
    }

    private boolean idIsNext(int offset) {
        int id = id(offset);
        if (id == (firstId + count & 0xFFFF)) {
            return !idIsFixed;
        }
        boolean mayBeFixed = idIsFixed || count == 1
            && (Layers.uint16(storage, firstOffset + network + Layers.IPV4_FRAGMENT) & Layers.IPV4_DF) != 0;
        return mayBeFixed && id == firstId;
    }

    /** Frames in the group; 1 also after a {@link #begin} that has begun none. */
    public int count() {
        return count;
    }

    /** Bytes of the super-frame's headers, and of each frame's: its payload follows them. Only of a group. */
    public int headerBytes() {
        return headerBytes;
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
        int tcpType = isIpv6 ? Offload.TCP6 : Offload.TCP4;
        int type = isUdp ? Offload.UDP : (flags & Layers.TCP_CWR) != 0 ? tcpType | Offload.ECN : tcpType;
        return firstOffload | Offload.superFrame(type, segmentBytes, 0, 0);
    }

    /** Writes the super-frame's headers, {@link #headerBytes()} bytes. Only of a group. */
    public void writeHeaders(MutableDirectBuffer target, int targetOffset) {
        Segmenter.copyHeaders(storage, firstOffset, headerBytes, target, targetOffset);
        int ipBytes = headerBytes - network + payloadBytes;
        int ip = targetOffset + network;
        if (isIpv6) {
            Segmenter.putUint16(target, ip + Layers.IPV6_PAYLOAD_LENGTH, ipBytes - Layers.IPV6_HEADER_BYTES);
        } else {
            Segmenter.putUint16(target, ip + Layers.IPV4_TOTAL_LENGTH, ipBytes);
            Segmenter.putUint16(target, ip + Layers.IPV4_CHECKSUM, ~Checksum.fold(ipv4HeaderSum + ipBytes + firstId));
        }
        int transportBytes = headerBytes - transport + payloadBytes;
        int partialChecksum = Checksum.fold(pseudoHeaderSum + transportBytes);
        int l4 = targetOffset + transport;
        if (isUdp) {
            Segmenter.putUint16(target, l4 + Layers.UDP_LENGTH, transportBytes);
            Segmenter.putUint16(target, l4 + Layers.UDP_CHECKSUM, partialChecksum);
        } else {
            target.putByte(l4 + Layers.TCP_FLAGS, (byte) flags);
            Segmenter.putUint16(target, l4 + Layers.TCP_CHECKSUM, partialChecksum);
        }
    }
}
