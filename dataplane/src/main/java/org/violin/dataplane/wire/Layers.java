package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Where the layers of a TCP or UDP frame begin, in one word: Ethernet with up to two VLAN tags (IEEE 802.1Q), IPv4 with
 * options (RFC 791) or IPv6 with extension headers (RFC 8200), TCP with options (RFC 9293) or UDP (RFC 768). Offsets
 * are from the frame's first byte.
 *
 * <p>A word other than {@link #NONE} is a promise: every header lies in the frame, the lengths in the headers are those
 * of the frame, and the packet is no fragment. Whoever holds it needs no check before it reads or rewrites a header.
 */
public final class Layers {
    /** Not such a frame, or one whose headers contradict it. */
    public static final long NONE = 0;

    /** All headers together; a frame with longer ones is not understood. Enough for every IPv4 frame. */
    public static final int MAX_HEADER_BYTES = 256;

    static final int IPV4_HEADER_BYTES = 20;
    static final int IPV6_HEADER_BYTES = 40;
    /** What every link carries (RFC 8200, 5). */
    static final int IPV6_MIN_MTU = 1280;
    static final int TCP_HEADER_BYTES = 20;
    static final int UDP_HEADER_BYTES = 8;

    /** From the start of the IPv4 header. */
    static final int IPV4_TOTAL_LENGTH = 2;
    static final int IPV4_ID = 4;
    static final int IPV4_FRAGMENT = 6;
    static final int IPV4_CHECKSUM = 10;
    static final int IPV4_ADDRESSES = 12;
    /** Do not fragment, in the word at {@link #IPV4_FRAGMENT}. */
    static final int IPV4_DF = 0x4000;

    /** From the start of the IPv6 header. */
    static final int IPV6_PAYLOAD_LENGTH = 4;
    static final int IPV6_ADDRESSES = 8;

    /** From the start of the TCP header. */
    static final int TCP_SEQUENCE = 4;
    static final int TCP_FLAGS = 13;
    static final int TCP_CHECKSUM = 16;
    static final int TCP_FIN = 0x01;
    static final int TCP_SYN = 0x02;
    static final int TCP_RST = 0x04;
    static final int TCP_PSH = 0x08;
    static final int TCP_URG = 0x20;
    static final int TCP_CWR = 0x80;

    /** From the start of the UDP header. */
    static final int UDP_LENGTH = 4;
    static final int UDP_CHECKSUM = 6;

    static final int PROTOCOL_TCP = 6;
    static final int PROTOCOL_UDP = 17;

    static final int TYPE_IPV4 = 0x0800;
    static final int TYPE_IPV6 = 0x86DD;

    private static final int TYPE = 12;
    static final int TYPE_VLAN = 0x8100;
    static final int TYPE_SERVICE_VLAN = 0x88A8;
    private static final int VLAN_BYTES = 4;
    private static final int MAX_VLANS = 2;
    /** Ethernet's 60 bytes without its FCS, and what a VLAN tag may add (IEEE 802.1Q, G.2.1). */
    private static final int PADDED_MAX_BYTES = 60 + MAX_VLANS * VLAN_BYTES;

    static final int IPV4_PROTOCOL = 9;
    /** More fragments, and the fragment's offset. */
    private static final int IPV4_IS_FRAGMENT = 0x3FFF;
    static final int IPV6_NEXT_HEADER = 6;
    static final int HOP_BY_HOP = 0;
    static final int ROUTING = 43;
    static final int DESTINATION_OPTIONS = 60;
    private static final int TCP_DATA_OFFSET = 12;

    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;
    private static final int TRANSPORT_SHIFT = 16;
    private static final int NETWORK_SHIFT = 32;
    private static final int FIELD = 0xFFFF;
    private static final long IPV6 = 1L << 48;
    private static final long UDP = 1L << 49;

    private Layers() {
    }

    /** Reads nothing outside the frame, whatever its bytes are. */
    public static long parse(DirectBuffer buffer, int offset, int length) {
        int packet = findPacket(buffer, offset, length);
        return switch (packetType(packet)) {
            case TYPE_IPV4 -> parseIpv4(buffer, offset, length, packetOffset(packet));
            case TYPE_IPV6 -> parseIpv6(buffer, offset, length, packetOffset(packet));
            default -> NONE;
        };
    }

    /** Finds what is behind Ethernet and the VLAN tags; {@link #packetType} and {@link #packetOffset} say what. */
    static int findPacket(DirectBuffer buffer, int offset, int length) {
        if (length < Ethernet.HEADER_BYTES) {
            return 0;
        }
        int network = Ethernet.HEADER_BYTES;
        int type = uint16(buffer, offset + TYPE);
        for (int tags = 0; tags < MAX_VLANS && (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN); tags++) {
            if (length < network + VLAN_BYTES) {
                return 0;
            }
            type = uint16(buffer, offset + network + 2);
            network += VLAN_BYTES;
        }
        return type << TRANSPORT_SHIFT | network;
    }

    /** The EtherType: {@link #TYPE_IPV4}, {@link #TYPE_IPV6} or another; 0: the frame is too short to say. */
    static int packetType(int packet) {
        return packet >>> TRANSPORT_SHIFT;
    }

    /** Where it begins. */
    static int packetOffset(int packet) {
        return packet & FIELD;
    }

    /** The length of a frame without what pads it to Ethernet's least; a packet of a longer frame ends with it. */
    static int unpadded(DirectBuffer buffer, int offset, int length) {
        int packet = length > PADDED_MAX_BYTES ? 0 : findPacket(buffer, offset, length);
        int network = packetOffset(packet);
        return switch (packetType(packet)) {
            case TYPE_IPV4 -> length < network + IPV4_HEADER_BYTES ? length
                : Math.min(length, network + uint16(buffer, offset + network + IPV4_TOTAL_LENGTH));
            case TYPE_IPV6 -> length < network + IPV6_HEADER_BYTES ? length : Math.min(length,
                network + IPV6_HEADER_BYTES + uint16(buffer, offset + network + IPV6_PAYLOAD_LENGTH));
            default -> length;
        };
    }

    /**
     * Where the payload of UDP begins in an untagged IPv4 packet, or an IPv6 packet without extensions, by their
     * headers' word for it; 0: it is none. Looks at no more than it has to, as it is asked of every frame.
     */
    static int udpPayload(DirectBuffer buffer, int offset, int length) {
        if (length < Ethernet.HEADER_BYTES + IPV4_HEADER_BYTES) {
            return 0;
        }
        int type = uint16(buffer, offset + TYPE);
        int at = offset + Ethernet.HEADER_BYTES;
        if (type == TYPE_IPV4 && buffer.getByte(at + IPV4_PROTOCOL) == PROTOCOL_UDP) {
            return Ethernet.HEADER_BYTES + (buffer.getByte(at) & 0xF) * 4 + UDP_HEADER_BYTES;
        }
        return type == TYPE_IPV6 && buffer.getByte(at + IPV6_NEXT_HEADER) == PROTOCOL_UDP
            ? Ethernet.HEADER_BYTES + IPV6_HEADER_BYTES + UDP_HEADER_BYTES : 0;
    }

    private static long parseIpv4(DirectBuffer buffer, int offset, int length, int network) {
        if (length < network + IPV4_HEADER_BYTES) {
            return NONE;
        }
        int at = offset + network;
        int versionAndWords = buffer.getByte(at) & 0xFF;
        int transport = network + (versionAndWords & 0xF) * 4;
        boolean good = versionAndWords >>> 4 == 4 && transport >= network + IPV4_HEADER_BYTES && transport <= length
            && uint16(buffer, at + IPV4_TOTAL_LENGTH) == length - network
            && (uint16(buffer, at + IPV4_FRAGMENT) & IPV4_IS_FRAGMENT) == 0;
        return good ? parseTransport(buffer, offset, length, buffer.getByte(at + IPV4_PROTOCOL) & 0xFF,
            (long) network << NETWORK_SHIFT, transport) : NONE;
    }

    private static long parseIpv6(DirectBuffer buffer, int offset, int length, int network) {
        int transport = network + IPV6_HEADER_BYTES;
        int at = offset + network;
        if (length < transport || (buffer.getByte(at) & 0xF0) != 0x60
            || uint16(buffer, at + IPV6_PAYLOAD_LENGTH) != length - transport) {
            return NONE;
        }
        int upper = findUpperLayer(buffer, offset, length, network);
        return upper == 0 ? NONE : parseTransport(buffer, offset, length, packetType(upper),
            (long) network << NETWORK_SHIFT | IPV6, packetOffset(upper));
    }

    /**
     * Finds what is behind an IPv6 header, which lies in the frame, and its extensions; {@link #packetType} says which
     * protocol, and {@link #packetOffset} where it begins, perhaps beyond the frame's end. 0: the extensions end with
     * the frame, or are longer than is understood.
     */
    static int findUpperLayer(DirectBuffer buffer, int offset, int length, int network) {
        int transport = network + IPV6_HEADER_BYTES;
        int next = buffer.getByte(offset + network + IPV6_NEXT_HEADER) & 0xFF;
        while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS) {
            // Each is eight bytes at least, so the bound on all headers is one on their number.
            if (length < transport + 8 || transport > MAX_HEADER_BYTES) {
                return 0;
            }
            next = buffer.getByte(offset + transport) & 0xFF;
            transport += ((buffer.getByte(offset + transport + 1) & 0xFF) + 1) * 8;
        }
        return next << TRANSPORT_SHIFT | transport;
    }

    private static long parseTransport(
        DirectBuffer buffer, int offset, int length, int protocol, long word, int transport) {
        if (protocol == PROTOCOL_TCP) {
            if (length < transport + TCP_HEADER_BYTES) {
                return NONE;
            }
            int bytes = (buffer.getByte(offset + transport + TCP_DATA_OFFSET) & 0xF0) >>> 2;
            int end = transport + bytes;
            boolean good = bytes >= TCP_HEADER_BYTES && end <= length && end <= MAX_HEADER_BYTES;
            return good ? word | (long) transport << TRANSPORT_SHIFT | end : NONE;
        }
        int end = transport + UDP_HEADER_BYTES;
        boolean good = protocol == PROTOCOL_UDP && end <= length && end <= MAX_HEADER_BYTES
            && uint16(buffer, offset + transport + UDP_LENGTH) == length - transport;
        return good ? word | UDP | (long) transport << TRANSPORT_SHIFT | end : NONE;
    }

    /** Where the IP header begins. */
    public static int network(long layers) {
        return (int) (layers >>> NETWORK_SHIFT) & FIELD;
    }

    /** Where the TCP or UDP header begins. */
    public static int transport(long layers) {
        return (int) (layers >>> TRANSPORT_SHIFT) & FIELD;
    }

    /** Bytes of all headers, from Ethernet's to the end of TCP's or UDP's: where the payload begins. */
    public static int headerBytes(long layers) {
        return (int) layers & FIELD;
    }

    public static boolean isIpv6(long layers) {
        return (layers & IPV6) != 0;
    }

    /** If not, it is TCP. */
    public static boolean isUdp(long layers) {
        return (layers & UDP) != 0;
    }

    /** Where TCP or UDP stores its checksum, from its header's start. */
    static int checksumOffset(long layers) {
        return isUdp(layers) ? UDP_CHECKSUM : TCP_CHECKSUM;
    }

    /** The folded sum of the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1) without its length. */
    static int pseudoHeaderSum(DirectBuffer buffer, int offset, long layers) {
        int at = offset + network(layers);
        int addresses = isIpv6(layers) ? Checksum.sum(buffer, at + IPV6_ADDRESSES, 32)
            : Checksum.sum(buffer, at + IPV4_ADDRESSES, 8);
        return Checksum.fold(addresses + (isUdp(layers) ? PROTOCOL_UDP : PROTOCOL_TCP));
    }

    /** The folded sum of the IPv4 header without total length, identification and checksum. */
    static int ipv4HeaderSum(DirectBuffer buffer, int offset, long layers) {
        int at = offset + network(layers);
        int rest = Checksum.sum(buffer, at + IPV4_ADDRESSES, transport(layers) - network(layers) - IPV4_ADDRESSES);
        return Checksum.fold(rest + uint16(buffer, at) + uint16(buffer, at + IPV4_FRAGMENT)
            + uint16(buffer, at + IPV4_FRAGMENT + 2));
    }

    static int uint16(DirectBuffer buffer, int index) {
        return buffer.getShort(index, ORDER) & 0xFFFF;
    }
}
