package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * What a frame to a group's MAC address says of groups: IGMP 1 to 3 (RFC 1112, 2236, 3376), MLD 1 and 2 (RFC 2710,
 * 3810), and what routers announce themselves by: PIM's hello (RFC 7761) and multicast router discovery (RFC 4286).
 * {@link #read} validates a message whole; the other methods then tell what it says. Reads nothing outside the frame,
 * whatever its bytes are. A frame with a VLAN tag is not understood. One thread.
 */
public final class GroupMessage {
    /** What a frame is. */
    public enum Kind {
        /** For everybody: no group's, or one's that never leaves the link, or of a protocol that is not known here. */
        OTHER,
        /** For the members of {@link #groupHigh}, {@link #groupLow}. */
        DATA,
        /** Of a station's memberships, which {@link #next} goes through. */
        REPORT,
        /** What memberships are there? */
        QUERY,
        /** A multicast router has said that it is there. */
        ROUTER,
        /** IGMP or MLD that contradicts itself or its RFC; nothing of it can be relied on. */
        BAD
    }

    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;
    private static final int SOUND_SUM = 0xFFFF;
    private static final int IPV4_TTL = 8;
    /** More fragments, and the fragment's offset. */
    private static final int IPV4_IS_FRAGMENT = 0x3FFF;
    private static final int IPV6_HOP_LIMIT = 7;
    private static final int IGMP = 2;
    private static final int PIM = 103;
    private static final int ICMPV6 = 58;
    private static final int PIM_HELLO = 0x20;
    private static final int PIM_BYTES = 4;

    static final int IGMP_QUERY = 0x11;
    static final int MLD_QUERY = 130;
    private static final int IGMP1_REPORT = 0x12;
    private static final int IGMP2_REPORT = 0x16;
    private static final int IGMP2_LEAVE = 0x17;
    private static final int IGMP3_REPORT = 0x22;
    private static final int IGMP_ROUTER = 0x30;
    private static final int MLD1_DONE = 132;
    private static final int MLD2_REPORT = 143;
    private static final int MLD_ROUTER = 151;

    static final int IGMP_BYTES = 8;
    static final int MLD_BYTES = 24;
    /** What the last version of a query has behind the one before. */
    static final int QUERY_TAIL_BYTES = 4;
    private static final int RECORDS = 8;
    /** Of a query whose answers are not told how long they may take (RFC 2236, 4). */
    private static final int IGMP1_RESPONSE_MILLIS = 10_000;
    private static final int SUPPRESS = 0x08;

    private static final int IS_INCLUDE = 1;
    private static final int IS_EXCLUDE = 2;
    private static final int TO_INCLUDE = 3;
    private static final int TO_EXCLUDE = 4;
    private static final int ALLOW = 5;

    /** An option of IPv6's hop-by-hop header: a router is to look, for MLD's sake (RFC 2711). */
    private static final int ROUTER_ALERT = 0x0502_0000;

    private DirectBuffer buffer;
    private boolean isIpv6;
    private long sourceHigh;
    private long sourceLow;
    private long groupHigh;
    private long groupLow;
    private int version;
    private int recordsLeft;
    /** 0: the report is of one group, which has been read. */
    private int recordAt;
    private boolean joins;
    private boolean leaves;
    private int responseMillis;
    private int intervalSeconds;
    private boolean asksOfGroup;

    /** Reads a frame; what the one before said is forgotten. */
    public Kind read(DirectBuffer frame, int offset, int length) {
        int packet = Layers.findPacket(frame, offset, length);
        if (Layers.packetOffset(packet) != Ethernet.HEADER_BYTES) {
            return Kind.OTHER;
        }
        buffer = frame;
        int at = offset + Ethernet.HEADER_BYTES;
        int bytes = length - Ethernet.HEADER_BYTES;
        return switch (Layers.packetType(packet)) {
            case Layers.TYPE_IPV4 -> readIpv4(at, bytes);
            case Layers.TYPE_IPV6 -> readIpv6(at, bytes);
            default -> Kind.OTHER;
        };
    }

    private Kind readIpv4(int at, int bytes) {
        if (bytes < Layers.IPV4_HEADER_BYTES || (uint8(at) & 0xF0) != 0x40) {
            return Kind.OTHER;
        }
        isIpv6 = false;
        readGroup(at + Layers.IPV4_ADDRESSES + GroupAddress.IPV4_BYTES);
        int protocol = uint8(at + Layers.IPV4_PROTOCOL);
        if (protocol != IGMP && protocol != PIM) {
            return data();
        }
        int header = (uint8(at) & 0xF) * 4;
        int total = uint16(at + Layers.IPV4_TOTAL_LENGTH);
        boolean isSound = header >= Layers.IPV4_HEADER_BYTES && header <= total && total <= bytes
            && (uint16(at + Layers.IPV4_FRAGMENT) & IPV4_IS_FRAGMENT) == 0
            && Checksum.sum(buffer, at, header) == SOUND_SUM
            && Checksum.sum(buffer, at + header, total - header) == SOUND_SUM;
        boolean isNear = isSound && uint8(at + IPV4_TTL) == 1;
        sourceHigh = 0;
        sourceLow = uint32(at + Layers.IPV4_ADDRESSES);
        if (protocol == PIM) {
            return isNear && isHello(at + header, total - header) ? Kind.ROUTER : data();
        }
        return isSound && total - header >= IGMP_BYTES ? readIgmp(at + header, total - header, isNear) : Kind.BAD;
    }

    private Kind readIgmp(int at, int bytes, boolean isNear) {
        int type = uint8(at);
        boolean isKnown = type == IGMP_QUERY || type == IGMP1_REPORT || type == IGMP2_REPORT || type == IGMP2_LEAVE
            || type == IGMP3_REPORT || type == IGMP_ROUTER;
        if (!isKnown || !isNear) {
            return isKnown ? Kind.BAD : Kind.OTHER;
        }
        return switch (type) {
            case IGMP_QUERY -> readQuery(at, bytes);
            case IGMP3_REPORT -> readRecords(at, bytes, 3);
            case IGMP_ROUTER -> Kind.ROUTER;
            default -> readOne(at + 4, type == IGMP1_REPORT ? 1 : 2, type == IGMP2_LEAVE);
        };
    }

    private Kind readIpv6(int at, int bytes) {
        if (bytes < Layers.IPV6_HEADER_BYTES || (uint8(at) & 0xF0) != 0x60) {
            return Kind.OTHER;
        }
        isIpv6 = true;
        readGroup(at + Layers.IPV6_ADDRESSES + GroupAddress.IPV6_BYTES);
        int next = uint8(at + Layers.IPV6_NEXT_HEADER);
        int payload = uint16(at + Layers.IPV6_PAYLOAD_LENGTH);
        int header = Layers.IPV6_HEADER_BYTES;
        if (next != Layers.HOP_BY_HOP && next != ICMPV6 && next != PIM || header + payload > bytes) {
            return data();
        }
        boolean hasAlert = false;
        if (next == Layers.HOP_BY_HOP) {
            int options = payload < 8 ? 0 : (uint8(at + header + 1) + 1) * 8;
            if (options == 0 || options > payload) {
                return data();
            }
            next = uint8(at + header);
            hasAlert = hasRouterAlert(at + header + 2, at + header + options);
            header += options;
            payload -= options;
        }
        sourceHigh = buffer.getLong(at + Layers.IPV6_ADDRESSES, ORDER);
        sourceLow = buffer.getLong(at + Layers.IPV6_ADDRESSES + 8, ORDER);
        boolean isNear = uint8(at + IPV6_HOP_LIMIT) == 1 && (isLinkLocalSource() || (sourceHigh | sourceLow) == 0);
        int message = at + header;
        if (next == PIM) {
            return isNear && isSound(at, message, payload, PIM) && isHello(message, payload) ? Kind.ROUTER : data();
        }
        if (next != ICMPV6 || payload < RECORDS || !isMld(uint8(message))) {
            return data();
        }
        return hasAlert && isNear && isSound(at, message, payload, ICMPV6) ? readMld(message, payload) : Kind.BAD;
    }

    private static boolean isMld(int type) {
        return type >= MLD_QUERY && type <= MLD1_DONE || type == MLD2_REPORT || type == MLD_ROUTER;
    }

    private Kind readMld(int at, int bytes) {
        int type = uint8(at);
        return switch (type) {
            case MLD_QUERY -> readQuery(at, bytes);
            case MLD2_REPORT -> readRecords(at, bytes, 2);
            case MLD_ROUTER -> Kind.ROUTER;
            default -> bytes < MLD_BYTES ? Kind.BAD : readOne(at + 8, 1, type == MLD1_DONE);
        };
    }

    private boolean isLinkLocalSource() {
        return sourceHigh >>> 54 == 0xFE80 >>> 6;
    }

    /** Over the pseudo-header too (RFC 8200, 8.1). */
    private boolean isSound(int packet, int message, int bytes, int protocol) {
        return Checksum.fold(Checksum.sum(buffer, packet + Layers.IPV6_ADDRESSES, 2 * GroupAddress.IPV6_BYTES)
            + Checksum.sum(buffer, message, bytes) + bytes + protocol) == SOUND_SUM;
    }

    private boolean hasRouterAlert(int from, int end) {
        int at = from;
        while (at < end) {
            if (end - at >= 4 && buffer.getInt(at, ORDER) == ROUTER_ALERT) {
                return true;
            }
            // One byte of padding has no length.
            at += uint8(at) == 0 ? 1 : at + 1 < end ? 2 + uint8(at + 1) : 2;
        }
        return false;
    }

    private boolean isHello(int at, int bytes) {
        return bytes >= PIM_BYTES && uint8(at) == PIM_HELLO;
    }

    private Kind data() {
        return GroupAddress.isGroup(groupHigh, groupLow) && !GroupAddress.isLinkLocal(groupHigh, groupLow)
            ? Kind.DATA : Kind.OTHER;
    }

    private Kind readOne(int group, int ofVersion, boolean isLeave) {
        readGroup(group);
        version = ofVersion;
        recordsLeft = 1;
        recordAt = 0;
        joins = !isLeave;
        leaves = isLeave;
        return Kind.REPORT;
    }

    private Kind readRecords(int at, int bytes, int ofVersion) {
        version = ofVersion;
        recordsLeft = uint16(at + 6);
        recordAt = at + RECORDS;
        int record = recordAt;
        for (int i = 0; i < recordsLeft; i++) {
            if (record + 4 > at + bytes || recordBytes(record) > at + bytes - record) {
                return Kind.BAD;
            }
            record += recordBytes(record);
        }
        return Kind.REPORT;
    }

    /** With its group, its sources, and data of no known meaning. */
    private int recordBytes(int at) {
        return 4 + addressBytes() * (1 + uint16(at + 2)) + 4 * uint8(at + 1);
    }

    private Kind readQuery(int at, int bytes) {
        int base = isIpv6 ? MLD_BYTES : IGMP_BYTES;
        int code = isIpv6 ? uint16(at + 4) : uint8(at + 1);
        boolean isLast = bytes >= base + QUERY_TAIL_BYTES;
        int sources = isLast ? uint16(at + base + 2) : 0;
        if (bytes < base || bytes > base && bytes < base + QUERY_TAIL_BYTES + sources * addressBytes()) {
            return Kind.BAD;
        }
        version = isIpv6 ? isLast ? 2 : 1 : isLast ? 3 : code == 0 ? 1 : 2;
        if (isIpv6) {
            responseMillis = isLast ? floating(code, 12) : code;
        } else {
            responseMillis = version == 1 ? IGMP1_RESPONSE_MILLIS : 100 * (isLast ? floating(code, 4) : code);
        }
        intervalSeconds = isLast ? floating(uint8(at + base + 1), 4) : 0;
        readGroup(at + base - addressBytes());
        boolean suppresses = isLast && (uint8(at + base) & SUPPRESS) != 0;
        asksOfGroup = GroupAddress.isGroup(groupHigh, groupLow) && sources == 0 && !suppresses;
        return Kind.QUERY;
    }

    /** A number as queries have it, if large with a mantissa of so many bits (RFC 3376, 4.1.1; RFC 3810, 5.1.3). */
    private static int floating(int code, int bits) {
        return code < 1 << bits + 3 ? code : (code & (1 << bits) - 1 | 1 << bits) << (code >>> bits & 7) + 3;
    }

    private int addressBytes() {
        return isIpv6 ? GroupAddress.IPV6_BYTES : GroupAddress.IPV4_BYTES;
    }

    private void readGroup(int at) {
        groupHigh = isIpv6 ? buffer.getLong(at, ORDER) : 0;
        groupLow = isIpv6 ? buffer.getLong(at + 8, ORDER) : GroupAddress.ofIpv4(buffer.getInt(at, ORDER));
    }

    /** Of a report: goes on to its next record. False: there is none. */
    public boolean next() {
        if (recordsLeft == 0) {
            return false;
        }
        recordsLeft--;
        if (recordAt != 0) {
            int type = uint8(recordAt);
            boolean hasSources = uint16(recordAt + 2) > 0;
            boolean isInclude = type == IS_INCLUDE || type == TO_INCLUDE;
            joins = type == IS_EXCLUDE || type == TO_EXCLUDE || (isInclude || type == ALLOW) && hasSources;
            leaves = type == TO_INCLUDE && !hasSources;
            readGroup(recordAt + 4);
            recordAt += recordBytes(recordAt);
        }
        return true;
    }

    /** Whether it is of IPv6, and so MLD rather than IGMP. */
    public boolean isIpv6() {
        return isIpv6;
    }

    /** Of a report or query: 1 to 3 of IGMP, 1 or 2 of MLD. */
    public int version() {
        return version;
    }

    /** Of data, a record or a query; {@link GroupAddress}. */
    public long groupHigh() {
        return groupHigh;
    }

    public long groupLow() {
        return groupLow;
    }

    /** Of a record: a station wants what is sent to the group, by whichever sources. */
    public boolean joins() {
        return joins;
    }

    /** Of a record: a station does not want it any more. */
    public boolean leaves() {
        return leaves;
    }

    /** Of a query: how long answers may take. */
    public int responseMillis() {
        return responseMillis;
    }

    /** Of a query: how often its sender asks; 0: it does not say. */
    public int intervalSeconds() {
        return intervalSeconds;
    }

    /** Of a query: it is of the group alone, and who hears no answer is to take it that there is no member. */
    public boolean asksOfGroup() {
        return asksOfGroup;
    }

    /** Of a query: the address of who sent it, an IPv4 address as a number; 0, 0: none. */
    public long sourceHigh() {
        return sourceHigh;
    }

    public long sourceLow() {
        return sourceLow;
    }

    private int uint8(int index) {
        return buffer.getByte(index) & 0xFF;
    }

    private int uint16(int index) {
        return Layers.uint16(buffer, index);
    }

    private long uint32(int index) {
        return buffer.getInt(index, ORDER) & 0xFFFF_FFFFL;
    }
}
