package org.violin.dataplane.wire;

/**
 * The IP address of a multicast group in two longs, high and low, as IPv6 has it on the wire; an IPv4 address is mapped
 * into IPv6's (RFC 4291, 2.5.5.2).
 */
public final class GroupAddress {
    static final int IPV4_BYTES = 4;
    static final int IPV6_BYTES = 16;

    private static final long IPV4_PREFIX = 0xFFFF_0000_0000L;
    private static final long IPV4_LOCAL = 0xFFFF_E000_0000L;
    private static final int LINK_SCOPE = 2;
    private static final long IPV4_MACS = 0x01_005EL;
    private static final long IPV6_MACS = 0x3333L;
    private static final int WORDS = 8;

    private GroupAddress() {
    }

    /** The low long of an IPv4 address; its high one is 0. */
    public static long ofIpv4(int address) {
        return IPV4_PREFIX | address & 0xFFFF_FFFFL;
    }

    public static boolean isIpv4(long high, long low) {
        return high == 0 && low >>> 32 == IPV4_PREFIX >>> 32;
    }

    /** 224.0.0.0/4, ff00::/8. */
    public static boolean isGroup(long high, long low) {
        return isIpv4(high, low) ? (low >>> 28 & 0xF) == 0xE : high >>> 56 == 0xFF;
    }

    /** A group whose frames no router passes on: 224.0.0.0/24 (RFC 5771), ff02::/16 and narrower (RFC 4291, 2.7). */
    public static boolean isLinkLocal(long high, long low) {
        return isIpv4(high, low) ? (low & ~0xFFL) == IPV4_LOCAL : (high >>> 48 & 0xF) <= LINK_SCOPE;
    }

    /** The MAC address that frames to a group have (RFC 1112, 6.4; RFC 2464, 7). */
    static long mac(long high, long low) {
        return isIpv4(high, low) ? IPV4_MACS << 24 | low & 0x7F_FFFFL : IPV6_MACS << 32 | low & 0xFFFF_FFFFL;
    }

    /** Whether frames to a MAC address may be a group's. */
    public static boolean isGroupMac(long mac) {
        return mac >>> 24 == IPV4_MACS || mac >>> 32 == IPV6_MACS;
    }

    /** {@code 239.1.2.3}, {@code ff15::9} (RFC 5952). Allocates: not for the frame path. */
    public static String format(long high, long low) {
        if (isIpv4(high, low)) {
            return (low >>> 24 & 0xFF) + "." + (low >>> 16 & 0xFF) + "." + (low >>> 8 & 0xFF) + "." + (low & 0xFF);
        }
        int[] words = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = (int) ((i < 4 ? high : low) >>> 48 - i % 4 * 16) & 0xFFFF;
        }
        int from = WORDS;
        int zeros = 1;
        for (int i = 0; i < WORDS; i++) {
            int end = i;
            while (end < WORDS && words[end] == 0) {
                end++;
            }
            if (end - i > zeros) {
                from = i;
                zeros = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            if (i == from) {
                text.append("::");
            } else if (i < from || i >= from + zeros) {
                text.append(i == 0 || i == from + zeros ? "" : ":").append(Integer.toHexString(words[i]));
            }
        }
        return text.toString();
    }
}
