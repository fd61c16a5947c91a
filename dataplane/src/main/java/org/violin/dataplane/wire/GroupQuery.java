package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * What a querier asks, as a frame: IGMP 3 (RFC 3376, 4.1) from 0.0.0.0, as who is no router asks (RFC 4541, 2.1.1), and
 * MLD 2 (RFC 3810, 5.1) from a link-local address made of its MAC address. Stations that know older versions alone
 * understand it as well.
 */
public final class GroupQuery {
    /** The longest: Ethernet, IPv6, the hop-by-hop header, the query. */
    public static final int MAX_BYTES = Ethernet.HEADER_BYTES + Layers.IPV6_HEADER_BYTES + 8 + GroupMessage.MLD_BYTES
        + GroupMessage.QUERY_TAIL_BYTES;
    /** The robustness variable (RFC 3376, 8.1): what is said so often is not expected to be lost each time. */
    public static final int ROBUSTNESS = 2;

    private static final long ALL_HOSTS_IPV4 = GroupAddress.ofIpv4(0xE000_0001);
    private static final long ALL_NODES_HIGH = 0xFF02L << 48;
    private static final long ALL_NODES_LOW = 1;
    private static final int IPV4_OPTION_BYTES = 4;
    /** A router is to look at the packet (RFC 2113). */
    private static final int IPV4_ROUTER_ALERT = 0x9404_0000;
    /** The same of IPv6 (RFC 2711), and two bytes of padding, behind the next header, ICMPv6, and a length of 0. */
    private static final long HOP_BY_HOP = 0x3A00_0502_0000_0100L;
    private static final int HOP_BY_HOP_BYTES = 8;
    /** Internetwork control (RFC 3376, 4). */
    private static final int PRECEDENCE = 0xC0;
    private static final int IGMP = 2;
    private static final int ICMPV6 = 58;

    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private GroupQuery() {
    }

    /**
     * Writes a query.
     *
     * @param groupHigh       the group that is asked of, a {@link GroupAddress}
     * @param groupLow        0 and {@code groupHigh} 0: all groups
     * @param mac             the querier's
     * @param responseMillis  how long answers may take, in steps of 100, 100 to 12700
     * @param intervalSeconds how often the querier asks, 1 to 31744
     * @return its length, at most {@link #MAX_BYTES}
     */
    public static int write(boolean isIpv6, long groupHigh, long groupLow, long mac, int responseMillis,
        int intervalSeconds, MutableDirectBuffer target) {
        boolean isGeneral = (groupHigh | groupLow) == 0;
        long toHigh = isGeneral && isIpv6 ? ALL_NODES_HIGH : groupHigh;
        long toLow = !isGeneral ? groupLow : isIpv6 ? ALL_NODES_LOW : ALL_HOSTS_IPV4;
        int packet = Ethernet.HEADER_BYTES;
        target.putLong(Ethernet.DESTINATION, GroupAddress.mac(toHigh, toLow) << 16, ORDER);
        target.putLong(Ethernet.SOURCE, mac << 16 | (isIpv6 ? Layers.TYPE_IPV6 : Layers.TYPE_IPV4), ORDER);
        return packet + (isIpv6
            ? writeMld(toHigh, toLow, groupHigh, groupLow, mac, responseMillis, intervalSeconds, target, packet)
            : writeIgmp((int) toLow, (int) groupLow, responseMillis, intervalSeconds, target, packet));
    }

    private static int writeIgmp(int to, int group, int responseMillis, int intervalSeconds,
        MutableDirectBuffer target, int at) {
        int header = Layers.IPV4_HEADER_BYTES + IPV4_OPTION_BYTES;
        int message = at + header;
        int bytes = GroupMessage.IGMP_BYTES + GroupMessage.QUERY_TAIL_BYTES;
        target.putInt(at, 0x46 << 24 | PRECEDENCE << 16 | header + bytes, ORDER);
        target.putInt(at + Layers.IPV4_ID, 0, ORDER);
        target.putInt(at + 8, 1 << 24 | IGMP << 16, ORDER);
        target.putInt(at + Layers.IPV4_ADDRESSES, 0, ORDER);
        target.putInt(at + Layers.IPV4_ADDRESSES + GroupAddress.IPV4_BYTES, to, ORDER);
        target.putInt(at + Layers.IPV4_HEADER_BYTES, IPV4_ROUTER_ALERT, ORDER);
        target.putShort(at + Layers.IPV4_CHECKSUM, (short) ~Checksum.sum(target, at, header), ORDER);
        target.putInt(message, GroupMessage.IGMP_QUERY << 24 | responseMillis / 100 << 16, ORDER);
        target.putInt(message + 4, group, ORDER);
        writeTail(target, message + GroupMessage.IGMP_BYTES, intervalSeconds);
        target.putShort(message + 2, (short) ~Checksum.sum(target, message, bytes), ORDER);
        return header + bytes;
    }

    private static int writeMld(long toHigh, long toLow, long groupHigh, long groupLow, long mac, int responseMillis,
        int intervalSeconds, MutableDirectBuffer target, int at) {
        int header = Layers.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES;
        int message = at + header;
        int bytes = GroupMessage.MLD_BYTES + GroupMessage.QUERY_TAIL_BYTES;
        target.putInt(at, 6 << 28, ORDER);
        target.putInt(at + Layers.IPV6_PAYLOAD_LENGTH, HOP_BY_HOP_BYTES + bytes << 16 | Layers.HOP_BY_HOP << 8 | 1,
            ORDER);
        target.putLong(at + Layers.IPV6_ADDRESSES, linkLocalHigh(), ORDER);
        target.putLong(at + Layers.IPV6_ADDRESSES + 8, linkLocalLow(mac), ORDER);
        target.putLong(at + Layers.IPV6_ADDRESSES + 16, toHigh, ORDER);
        target.putLong(at + Layers.IPV6_ADDRESSES + 24, toLow, ORDER);
        target.putLong(at + Layers.IPV6_HEADER_BYTES, HOP_BY_HOP, ORDER);
        target.putInt(message, GroupMessage.MLD_QUERY << 24, ORDER);
        target.putInt(message + 4, responseMillis << 16, ORDER);
        target.putLong(message + 8, groupHigh, ORDER);
        target.putLong(message + 16, groupLow, ORDER);
        writeTail(target, message + GroupMessage.MLD_BYTES, intervalSeconds);
        int sum = Checksum.sum(target, at + Layers.IPV6_ADDRESSES, 2 * GroupAddress.IPV6_BYTES)
            + Checksum.sum(target, message, bytes) + bytes + ICMPV6;
        target.putShort(message + 2, (short) ~Checksum.fold(sum), ORDER);
        return header + bytes;
    }

    /** Of no sources. */
    private static void writeTail(MutableDirectBuffer target, int at, int intervalSeconds) {
        target.putInt(at, ROBUSTNESS << 24 | code(intervalSeconds) << 16, ORDER);
    }

    /** As {@link GroupMessage} reads it, rounded down. */
    static int code(int value) {
        if (value < 0x80) {
            return value;
        }
        int exponent = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(value) - 7;
        return 0x80 | exponent << 4 | value >>> exponent + 3 & 0xF;
    }

    /** The link-local address that a MAC address makes (RFC 4291, appendix A). */
    public static long linkLocalHigh() {
        return 0xFE80L << 48;
    }

    public static long linkLocalLow(long mac) {
        return (mac & 0xFFFF_FF00_0000L) << 16 ^ 0x0200_0000_0000_0000L | 0xFF_FE00_0000L | mac & 0xFF_FFFFL;
    }
}
