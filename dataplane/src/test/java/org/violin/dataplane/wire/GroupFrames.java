package org.violin.dataplane.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Frames to groups, as hosts and routers send them; checksums are the reference's. Bytes are in hex, with blanks. */
public final class GroupFrames {
    private static final int IGMP = 2;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    private static final int PIM = 103;
    private static final int IPV4_BYTES = 24;
    private static final int IPV6_BYTES = 48;

    private GroupFrames() {
    }

    /** IGMP 2: {@code 16} a report, {@code 17} a leave; {@code 12}: a report of IGMP 1. */
    public static byte[] igmp(String type, String group) {
        return igmp("10.0.0.1", type.equals("17") ? "224.0.0.2" : group, type + "00 0000" + hex(group));
    }

    /** IGMP 3: a report of records such as {@code 04000000 ef010203}. */
    public static byte[] igmp3(String... records) {
        return igmp("10.0.0.1", "224.0.0.22", "2200 0000 0000" + String.format("%04x", records.length)
            + String.join("", records));
    }

    /** A message with its checksum filled in. */
    public static byte[] igmp(String from, String to, String message) {
        return ipv4(from, to, IGMP, summed(bytes(message), 0));
    }

    /** MLD 1: {@code 83} a report, {@code 84} a done. */
    public static byte[] mld(String type, String group) {
        return mld("fe80::1", type.equals("84") ? "ff02::2" : group, type + "00 0000 00000000" + hex(group));
    }

    /** MLD 2: a report of records such as {@code 04000000} and an address. */
    public static byte[] mld2(String... records) {
        return mld("fe80::1", "ff02::16", "8f00 0000 0000" + String.format("%04x", records.length)
            + String.join("", records));
    }

    /** A message with its checksum filled in. */
    public static byte[] mld(String from, String to, String message) {
        byte[] body = bytes(message);
        return ipv6(from, to, ICMPV6, summed(body, pseudoHeader(from, to, ICMPV6, body.length)));
    }

    /** A router's hello. */
    public static byte[] pim(String from) {
        byte[] hello = bytes("2000 0000 0001 0002 0069");
        return from.contains(":")
            ? ipv6(from, "ff02::d", PIM, summed(hello, pseudoHeader(from, "ff02::d", PIM, hello.length)))
            : ipv4(from, "224.0.0.13", PIM, summed(hello, 0));
    }

    /** A datagram to a group. */
    public static byte[] data(String group) {
        byte[] datagram = bytes("1388 1388 000c 0000 cafebabe");
        return group.contains(":") ? ipv6("fe80::1", group, UDP, datagram) : ipv4("10.0.0.1", group, UDP, datagram);
    }

    /** The frame from another station. */
    public static byte[] from(int station, byte[] frame) {
        byte[] other = frame.clone();
        other[11] = (byte) station;
        return other;
    }

    /** A group's address as messages have it. */
    public static String hex(String group) {
        return HexFormat.of().formatHex(address(group));
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static int pseudoHeader(String from, String to, int protocol, int length) {
        return sum(address(from)) + sum(address(to)) + protocol + length;
    }

    private static int sum(byte[] bytes) {
        return ReferenceFrame.sum(bytes, 0, bytes.length);
    }

    private static byte[] summed(byte[] message, int pseudoHeader) {
        int sum = sum(message) + pseudoHeader;
        while (sum >>> 16 != 0) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        ByteBuffer.wrap(message).putShort(2, (short) ~sum);
        return message;
    }

    private static byte[] ipv4(String from, String to, int protocol, byte[] body) {
        ByteBuffer packet = ByteBuffer.allocate(IPV4_BYTES + body.length);
        packet.putInt(0x46C0_0000 | packet.capacity()).putInt(0).putInt(1 << 24 | protocol << 16)
            .put(address(from)).put(address(to)).putInt(0x9404_0000).put(body);
        packet.putShort(10, (short) ~ReferenceFrame.sum(packet.array(), 0, IPV4_BYTES));
        byte[] group = address(to);
        return frame(0x0100_5E00_0000L | (group[1] & 0x7F) << 16 | (group[2] & 0xFF) << 8 | group[3] & 0xFF, 0x0800,
            packet.array());
    }

    private static byte[] ipv6(String from, String to, int protocol, byte[] body) {
        ByteBuffer packet = ByteBuffer.allocate(IPV6_BYTES + body.length);
        packet.putInt(6 << 28).putShort((short) (8 + body.length)).put((byte) 0).put((byte) 1)
            .put(address(from)).put(address(to)).put((byte) protocol).put(bytes("00 05020000 0100")).put(body);
        return frame(0x3333_0000_0000L | ByteBuffer.wrap(address(to)).getInt(12) & 0xFFFF_FFFFL, 0x86DD,
            packet.array());
    }

    private static byte[] frame(long destination, int type, byte[] packet) {
        ByteBuffer frame = ByteBuffer.allocate(14 + packet.length);
        frame.putLong(destination << 16).position(6);
        return frame.putLong(0x0200_0000_0001L << 16 | type).put(packet).array();
    }
}
