package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The Ethernet header. A MAC address is the low 48 bits of a long, its first byte on the wire highest. Every function
 * that reads needs {@link #HEADER_BYTES} bytes at the frame's offset.
 */
public final class Ethernet {
    public static final int DESTINATION = 0;
    public static final int SOURCE = 6;
    public static final int HEADER_BYTES = 14;
    /** What an IEEE 802.1Q tag adds to the header. */
    public static final int VLAN_TAG_BYTES = 4;
    /** The longest frame that is not a super-frame: lengths of the tunnel's records have 16 bits. */
    public static final int MAX_FRAME_BYTES = 65_535;

    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
    /** The group bit (I/G): set in multicast and broadcast addresses. */
    public static final long GROUP_BIT = 1L << 40;
    /** 01-80-C2-00-00-00: the first of the 16 addresses that IEEE 802.1Q table 8-1 keeps for a bridge's neighbours. */
    public static final long LINK_LOCAL_FIRST = 0x0180_C200_0000L;
    public static final long LINK_LOCAL_MASK = 0xFFFF_FFFF_FFF0L;

    private static final int TYPE = 12;
    private static final short TYPE_VLAN = (short) 0x8100;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Ethernet() {
    }

    public static long destination(DirectBuffer frame, int offset) {
        return frame.getLong(offset + DESTINATION, ByteOrder.BIG_ENDIAN) >>> 16;
    }

    /** The eight bytes read are the six of the address and the two of the type: they end with the header. */
    public static long source(DirectBuffer frame, int offset) {
        return frame.getLong(offset + SOURCE, ByteOrder.BIG_ENDIAN) >>> 16;
    }

    /** Whether a customer's VLAN tag (IEEE 802.1Q) is the first thing behind the addresses. */
    public static boolean hasVlanTag(DirectBuffer frame, int offset) {
        return frame.getShort(offset + TYPE, ByteOrder.BIG_ENDIAN) == TYPE_VLAN;
    }

    public static boolean isGroup(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /** One of 01-80-C2-00-00-00 to -0F. */
    public static boolean isLinkLocal(long mac) {
        return (mac & LINK_LOCAL_MASK) == LINK_LOCAL_FIRST;
    }

    /** {@code 02:00:0a:01:00:01}. Allocates: not for the frame path. */
    public static String format(long mac) {
        char[] text = new char[17];
        for (int i = 0; i < 6; i++) {
            int octet = (int) (mac >>> (40 - 8 * i)) & 0xFF;
            text[3 * i] = HEX[octet >>> 4];
            text[3 * i + 1] = HEX[octet & 0xF];
            if (i < 5) {
                text[3 * i + 2] = ':';
            }
        }
        return new String(text);
    }
}
