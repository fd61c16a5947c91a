package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * How the sender of a packet is told that it is too long for the path: ICMP "fragmentation needed" with the next hop's
 * MTU (RFC 792, RFC 1191) and ICMPv6 "packet too big" (RFC 4443, 3.2), in a frame of its own. A link has no address:
 * the message comes from the packet's destination. Reads nothing outside the frame, whatever its bytes are.
 */
public final class PacketTooBig {
    /** The longest message: as much of the packet as an IPv6 packet of the least MTU has room for; two VLAN tags. */
    public static final int MAX_BYTES = Ethernet.HEADER_BYTES + 8 + Layers.IPV6_MIN_MTU;

    /** RFC 1812, 4.3.2.3: a message has no more than this. */
    private static final int IPV4_MAX_BYTES = 576;
    private static final int ICMP_HEADER_BYTES = 8;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int FRAGMENT = 44;
    private static final int EXTENSION_BYTES = 8;
    /** Of a fragment: where in the packet it belongs. */
    private static final int IPV4_OFFSET = 0x1FFF;
    private static final int IPV6_OFFSET = 0xFFF8;

    private static final int UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int TOO_BIG = 2;
    /** Messages that ask, or answer who asked: all others tell of errors, or are not known (RFC 1122, 3.2.2). */
    private static final int ICMP_QUERIES = 1 | 1 << 8 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18;
    private static final int ICMPV6_FIRST_QUERY = 128;
    private static final int ICMPV6_REDIRECT = 137;

    private static final int TTL = 64;
    /** Internetwork control (RFC 1812, 4.3.2.5). */
    private static final int PRECEDENCE = 0xC0;

    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private PacketTooBig() {
    }

    /**
     * Whether a frame has a packet that is to be answered: longer than a frame of {@code frameBytes} carries, one that
     * may not be fragmented on its way, of one station for another, and no word of an error itself (RFC 1122, 3.2.2;
     * RFC 4443, 2.4). An IPv6 packet of the least MTU every IPv6 node may send (RFC 8200, 5).
     */
    public static boolean isDue(DirectBuffer buffer, int offset, int length, int frameBytes) {
        int packet = Layers.findPacket(buffer, offset, length);
        if (length <= frameBytes || Layers.packetType(packet) == 0
            || Ethernet.isGroup(Ethernet.destination(buffer, offset))
            || Ethernet.isGroup(Ethernet.source(buffer, offset))) {
            return false;
        }
        int network = Layers.packetOffset(packet);
        return switch (Layers.packetType(packet)) {
            case Layers.TYPE_IPV4 -> isIpv4Due(buffer, offset + network, length - network);
            case Layers.TYPE_IPV6 -> isIpv6Due(buffer, offset + network, length - network);
            default -> false;
        };
    }

    private static boolean isIpv4Due(DirectBuffer buffer, int at, int length) {
        if (length < Layers.IPV4_HEADER_BYTES) {
            return false;
        }
        int version = buffer.getByte(at) & 0xFF;
        int header = (version & 0xF) * 4;
        int fragment = Layers.uint16(buffer, at + Layers.IPV4_FRAGMENT);
        return version >>> 4 == 4 && header >= Layers.IPV4_HEADER_BYTES && header < length
            && Layers.uint16(buffer, at + Layers.IPV4_TOTAL_LENGTH) == length
            && (fragment & Layers.IPV4_DF) != 0 && (fragment & IPV4_OFFSET) == 0
            && isHost(buffer.getByte(at + Layers.IPV4_ADDRESSES) & 0xFF)
            && isHost(buffer.getByte(at + Layers.IPV4_ADDRESSES + 4) & 0xFF)
            && (buffer.getByte(at + Layers.IPV4_PROTOCOL) != ICMP || isQuery(buffer.getByte(at + header) & 0xFF));
    }

    /** By its first octet: neither "this network", loopback, a group nor reserved. */
    private static boolean isHost(int octet) {
        return octet != 0 && octet != 127 && octet < 224;
    }

    private static boolean isQuery(int type) {
        return type < Integer.SIZE && (ICMP_QUERIES >>> type & 1) != 0;
    }

    private static boolean isIpv6Due(DirectBuffer buffer, int at, int length) {
        return length > Layers.IPV6_MIN_MTU && (buffer.getByte(at) & 0xF0) == 0x60
            && Layers.uint16(buffer, at + Layers.IPV6_PAYLOAD_LENGTH) == length - Layers.IPV6_HEADER_BYTES
            && isStation(buffer, at + Layers.IPV6_ADDRESSES) && isStation(buffer, at + Layers.IPV6_ADDRESSES + 16)
            && isFirstAndNoError(buffer, at);
    }

    /** Neither a group's address nor none. */
    private static boolean isStation(DirectBuffer buffer, int at) {
        return buffer.getByte(at) != (byte) 0xFF && (buffer.getLong(at) | buffer.getLong(at + 8)) != 0;
    }

    /** What is behind very long headers is not known, and not answered. The packet is longer than all that is read. */
    private static boolean isFirstAndNoError(DirectBuffer buffer, int at) {
        int next = buffer.getByte(at + Layers.IPV6_NEXT_HEADER) & 0xFF;
        int header = Layers.IPV6_HEADER_BYTES;
        while (next == Layers.HOP_BY_HOP || next == Layers.ROUTING || next == Layers.DESTINATION_OPTIONS
            || next == FRAGMENT) {
            boolean isFragment = next == FRAGMENT;
            if (header > Layers.MAX_HEADER_BYTES
                || isFragment && (Layers.uint16(buffer, at + header + 2) & IPV6_OFFSET) != 0) {
                return false;
            }
            next = buffer.getByte(at + header) & 0xFF;
            header += isFragment ? EXTENSION_BYTES
                : ((buffer.getByte(at + header + 1) & 0xFF) + 1) * EXTENSION_BYTES;
        }
        if (next != ICMPV6) {
            return true;
        }
        int type = header > Layers.MAX_HEADER_BYTES ? 0 : buffer.getByte(at + header) & 0xFF;
        return type >= ICMPV6_FIRST_QUERY && type != ICMPV6_REDIRECT;
    }

    /**
     * Writes the message to the sender of a packet for which it {@link #isDue}.
     *
     * @param from the MAC address that the frame comes from
     * @return its length, at most {@link #MAX_BYTES}
     */
    public static int write(DirectBuffer buffer, int offset, int frameBytes, long from, MutableDirectBuffer target,
        int targetOffset) {
        int packet = Layers.findPacket(buffer, offset, MAX_BYTES);
        int network = Layers.packetOffset(packet);
        target.putBytes(targetOffset, buffer, offset, network);
        target.putBytes(targetOffset + Ethernet.DESTINATION, buffer, offset + Ethernet.SOURCE, 6);
        target.putShort(targetOffset + Ethernet.SOURCE, (short) (from >>> 32), ORDER);
        target.putInt(targetOffset + Ethernet.SOURCE + 2, (int) from, ORDER);
        boolean isIpv6 = Layers.packetType(packet) == Layers.TYPE_IPV6;
        int at = offset + network;
        int to = targetOffset + network;
        int mtu = frameBytes - network;
        return network + (isIpv6 ? writeIpv6(buffer, at, Math.max(mtu, Layers.IPV6_MIN_MTU), target, to)
            : writeIpv4(buffer, at, mtu, target, to));
    }

    private static int writeIpv4(DirectBuffer buffer, int at, int mtu, MutableDirectBuffer target, int to) {
        int header = Layers.IPV4_HEADER_BYTES;
        int quoted = Math.min(Layers.uint16(buffer, at + Layers.IPV4_TOTAL_LENGTH),
            IPV4_MAX_BYTES - header - ICMP_HEADER_BYTES);
        int bytes = header + ICMP_HEADER_BYTES + quoted;
        target.putInt(to, 0x45 << 24 | PRECEDENCE << 16 | bytes, ORDER);
        // Never a fragment, so its identification says nothing (RFC 6864).
        target.putInt(to + Layers.IPV4_ID, Layers.IPV4_DF, ORDER);
        target.putInt(to + 8, TTL << 24 | ICMP << 16, ORDER);
        target.putBytes(to + Layers.IPV4_ADDRESSES, buffer, at + Layers.IPV4_ADDRESSES + 4, 4);
        target.putBytes(to + Layers.IPV4_ADDRESSES + 4, buffer, at + Layers.IPV4_ADDRESSES, 4);
        target.putShort(to + Layers.IPV4_CHECKSUM, (short) ~Checksum.sum(target, to, header), ORDER);
        int message = to + header;
        target.putInt(message, UNREACHABLE << 24 | FRAGMENTATION_NEEDED << 16, ORDER);
        target.putInt(message + 4, mtu, ORDER);
        target.putBytes(message + ICMP_HEADER_BYTES, buffer, at, quoted);
        target.putShort(message + 2, (short) ~Checksum.sum(target, message, bytes - header), ORDER);
        return bytes;
    }

    private static int writeIpv6(DirectBuffer buffer, int at, int mtu, MutableDirectBuffer target, int to) {
        int header = Layers.IPV6_HEADER_BYTES;
        // It is longer than that, or it would not be answered.
        int payload = Layers.IPV6_MIN_MTU - header;
        target.putInt(to, 6 << 28 | PRECEDENCE << 20, ORDER);
        target.putInt(to + Layers.IPV6_PAYLOAD_LENGTH, payload << 16 | ICMPV6 << 8 | TTL, ORDER);
        target.putBytes(to + Layers.IPV6_ADDRESSES, buffer, at + Layers.IPV6_ADDRESSES + 16, 16);
        target.putBytes(to + Layers.IPV6_ADDRESSES + 16, buffer, at + Layers.IPV6_ADDRESSES, 16);
        int message = to + header;
        target.putInt(message, TOO_BIG << 24, ORDER);
        target.putInt(message + 4, mtu, ORDER);
        target.putBytes(message + ICMP_HEADER_BYTES, buffer, at, payload - ICMP_HEADER_BYTES);
        int sum = Checksum.sum(target, to + Layers.IPV6_ADDRESSES, 32 + payload);
        target.putShort(message + 2, (short) ~Checksum.fold(sum + payload + ICMPV6), ORDER);
        return header + payload;
    }
}
