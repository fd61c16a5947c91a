package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;

/**
 * The IP addresses that a station may use. Held to them is what a frame says of its sender, behind up to two VLAN tags:
 * the source of IPv4 and IPv6 packets, the sender that ARP names (RFC 826), and the address that neighbour discovery
 * claims (RFC 4861). Whoever asks whether an address is free claims it, too: by an ARP probe (RFC 5227), or by a
 * solicitation from :: (RFC 4862, 5.4).
 *
 * <p>Allowed besides are no address at all, as who has none yet asks for one (DHCP) and tells of its groups, and the
 * IPv6 link-local address that is made of the frame's own MAC address (RFC 4291, appendix A).
 *
 * <p>What cannot be told is not allowed: headers that the frame ends in, a third VLAN tag, more IPv6 extension headers
 * than anybody needs. Fragments are no way round, as nodes take no neighbour discovery from them (RFC 6980).
 *
 * <p>Immutable; any thread.
 */
public final class SenderAddresses {
    private static final int TYPE_ARP = 0x0806;
    private static final int ARP_BYTES = 28;
    /** Ethernet, IPv4, and how long the addresses of both are: an ARP message begins with it. */
    private static final long ARP_FOR_IPV4 = 0x0001_0800_0604L;
    private static final int ARP_SENDER_MAC = 8;
    private static final int ARP_SENDER = 14;
    private static final int ARP_TARGET = 24;

    private static final int ICMPV6 = 58;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    /** Of a solicitation and an advertisement, from the start of the ICMPv6 header. */
    private static final int ND_TARGET = 8;
    private static final int ND_BYTES = 24;

    private static final long LINK_LOCAL = 0xFE80L << 48;
    private static final long UNIVERSAL_BIT = 1L << 57;
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private final Prefixes ipv4;
    private final Prefixes ipv6;

    /**
     * @param addresses     of 4 or 16 bytes each
     * @param prefixLengths of each: 32 or 128 bits for the address alone, fewer for all that begin like it
     */
    public SenderAddresses(byte[][] addresses, int[] prefixLengths) {
        ipv4 = new Prefixes(addresses, prefixLengths, IPV4_BITS);
        ipv6 = new Prefixes(addresses, prefixLengths, IPV6_BITS);
    }

    /** Those of one family. An address is two words; one of IPv4 is the low end of the lower. */
    private static final class Prefixes {
        private final long[] high;
        private final long[] low;
        private final long[] highMask;
        private final long[] lowMask;
        private int count;

        Prefixes(byte[][] addresses, int[] lengths, int bits) {
            high = new long[addresses.length];
            low = new long[addresses.length];
            highMask = new long[addresses.length];
            lowMask = new long[addresses.length];
            for (int i = 0; i < addresses.length; i++) {
                if (addresses[i].length == bits / Byte.SIZE) {
                    add(addresses[i], IPV6_BITS - bits + lengths[i]);
                }
            }
        }

        private void add(byte[] address, int length) {
            highMask[count] = mask(Math.min(length, Long.SIZE));
            lowMask[count] = mask(Math.max(length - Long.SIZE, 0));
            for (byte each : address) {
                high[count] = high[count] << Byte.SIZE | low[count] >>> Long.SIZE - Byte.SIZE;
                low[count] = low[count] << Byte.SIZE | each & 0xFF;
            }
            high[count] &= highMask[count];
            low[count] &= lowMask[count];
            count++;
        }

        private static long mask(int length) {
            return length == 0 ? 0 : -1L << Long.SIZE - length;
        }

        boolean contains(long addressHigh, long addressLow) {
            for (int i = 0; i < count; i++) {
                if ((addressHigh & highMask[i]) == high[i] && (addressLow & lowMask[i]) == low[i]) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Why the frame's sender may not send it; null: it may. Reads nothing outside the frame, whatever its bytes are.
     *
     * @param length 14 or more
     */
    public DropReason fault(DirectBuffer buffer, int offset, int length) {
        int packet = Layers.findPacket(buffer, offset, length);
        int at = offset + Layers.packetOffset(packet);
        int bytes = length - Layers.packetOffset(packet);
        return switch (Layers.packetType(packet)) {
            case Layers.TYPE_IPV4 -> isIpv4Own(buffer, at, bytes) ? null : DropReason.UNDECLARED_IP;
            case Layers.TYPE_IPV6 -> ipv6Fault(buffer, offset, length, Layers.packetOffset(packet));
            case TYPE_ARP -> isArpOwn(buffer, at, bytes, Ethernet.source(buffer, offset)) ? null
                : DropReason.UNDECLARED_NEIGHBOUR;
            case Layers.TYPE_VLAN, Layers.TYPE_SERVICE_VLAN -> DropReason.UNDECLARED_IP;
            default -> null;
        };
    }

    private boolean isIpv4Own(DirectBuffer buffer, int at, int length) {
        if (length < Layers.IPV4_HEADER_BYTES) {
            return false;
        }
        int source = buffer.getInt(at + Layers.IPV4_ADDRESSES, ORDER);
        return source == 0 || isOwn(source);
    }

    private boolean isOwn(int address) {
        return ipv4.contains(0, Integer.toUnsignedLong(address));
    }

    private boolean isArpOwn(DirectBuffer buffer, int at, int length, long mac) {
        if (length < ARP_BYTES || buffer.getLong(at, ORDER) >>> 16 != ARP_FOR_IPV4
            || buffer.getLong(at + ARP_SENDER_MAC - 2, ORDER) << 16 >>> 16 != mac) {
            return false;
        }
        int sender = buffer.getInt(at + ARP_SENDER, ORDER);
        return isOwn(sender != 0 ? sender : buffer.getInt(at + ARP_TARGET, ORDER));
    }

    private DropReason ipv6Fault(DirectBuffer buffer, int offset, int length, int network) {
        if (length < network + Layers.IPV6_HEADER_BYTES) {
            return DropReason.UNDECLARED_IP;
        }
        long mac = Ethernet.source(buffer, offset);
        int addresses = offset + network + Layers.IPV6_ADDRESSES;
        long high = buffer.getLong(addresses, ORDER);
        long low = buffer.getLong(addresses + Long.BYTES, ORDER);
        boolean hasSource = (high | low) != 0;
        if (hasSource && !isOwn(high, low, mac)) {
            return DropReason.UNDECLARED_IP;
        }
        int upper = Layers.findUpperLayer(buffer, offset, length, network);
        if (upper != 0 && Layers.packetType(upper) != ICMPV6) {
            return null;
        }
        int message = Layers.packetOffset(upper);
        if (upper == 0 || message >= length) {
            return DropReason.UNDECLARED_NEIGHBOUR;
        }
        int type = buffer.getByte(offset + message) & 0xFF;
        if (type != ADVERTISEMENT && (type != SOLICITATION || hasSource)) {
            return null;
        }
        int target = offset + message + ND_TARGET;
        return length - message >= ND_BYTES
            && isOwn(buffer.getLong(target, ORDER), buffer.getLong(target + Long.BYTES, ORDER), mac)
            ? null : DropReason.UNDECLARED_NEIGHBOUR;
    }

    private boolean isOwn(long high, long low, long mac) {
        long ownInterface = (mac >>> 24 << 40 | 0xFFFEL << 24 | mac & 0xFF_FFFFL) ^ UNIVERSAL_BIT;
        return high == LINK_LOCAL && low == ownInterface || ipv6.contains(high, low);
    }
}
