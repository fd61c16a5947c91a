package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;

/** Held to the plainest reading of the RFCs, on frames written in hexadecimal: two digits are a byte. */
class SenderAddressesTest {
    private static final int FRAMES = 200_000;
    private static final HexFormat HEX = HexFormat.of();
    private static final String MAC = "020000aabbcc";
    private static final String OTHER_MAC = "02000a010203";
    private static final String LINK_LOCAL = "fe80000000000000000000fffeaabbcc";
    /** One address, and all of 10.1.2.0/24. */
    private static final List<String> OWN4 = List.of("0a000001", "0a0102");
    /** One address, and all of fd00:2::/32. */
    private static final List<String> OWN6 = List.of("fd000000000000000000000000000001", "fd000002");
    private static final List<String> ADDRESSES4 =
        List.of("0a000001", "0a010201", "0a0102ff", "00000000", "0a000002", "0a010301", "ffffffff");
    private static final List<String> ADDRESSES6 = List.of("fd000000000000000000000000000001",
        "fd000002000000000000000000000009", LINK_LOCAL, "0".repeat(32), "fd000000000000000000000000000002",
        "fe8000000000000000000afffe010203", "fd000003000000000000000000000009", "0".repeat(20) + "ffff0a000001");

    private final SenderAddresses subject = of(OWN4, OWN6);
    private final SplittableRandom random = Seeds.random("SenderAddressesTest");

    private static SenderAddresses of(List<String> own4, List<String> own6) {
        byte[][] addresses = new byte[own4.size() + own6.size()][];
        int[] lengths = new int[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            boolean is4 = i < own4.size();
            String prefix = is4 ? own4.get(i) : own6.get(i - own4.size());
            // Host bits are set: they mean nothing.
            addresses[i] = HEX.parseHex(prefix + "7".repeat((is4 ? 8 : 32) - prefix.length()));
            lengths[i] = 4 * prefix.length();
        }
        return new SenderAddresses(addresses, lengths);
    }

    private DropReason fault(byte[] frame) {
        return subject.fault(new UnsafeBuffer(frame), 0, frame.length);
    }

    private static DropReason expected(String frame) {
        String mac = frame.substring(12, 24);
        int at = 24;
        for (int tags = 0; tags < 2 && isTag(frame, at); tags++) {
            at += 8;
            if (frame.length() < at + 4) {
                return null;
            }
        }
        String packet = frame.substring(at + 4);
        return switch (frame.substring(at, at + 4)) {
            case "0800" -> packet.length() >= 40 && (isOwn4(packet.substring(24, 32))
                || packet.startsWith("00000000", 24)) ? null : DropReason.UNDECLARED_IP;
            case "86dd" -> expectedOfIpv6(packet, mac, at + 4);
            case "0806" -> packet.length() >= 56 && packet.startsWith("000108000604") && packet.startsWith(mac, 16)
                && isOwn4(packet.startsWith("00000000", 28) ? packet.substring(48, 56) : packet.substring(28, 36))
                ? null : DropReason.UNDECLARED_NEIGHBOUR;
            case "8100", "88a8" -> DropReason.UNDECLARED_IP;
            default -> null;
        };
    }

    private static boolean isTag(String frame, int at) {
        return frame.startsWith("8100", at) || frame.startsWith("88a8", at);
    }

    private static DropReason expectedOfIpv6(String packet, String mac, int before) {
        if (packet.length() < 80) {
            return DropReason.UNDECLARED_IP;
        }
        String source = packet.substring(16, 48);
        boolean none = source.equals("0".repeat(32));
        if (!none && !isOwn6(source, mac)) {
            return DropReason.UNDECLARED_IP;
        }
        int header = 80;
        String next = packet.substring(12, 14);
        while (Set.of("00", "2b", "3c").contains(next)) {
            if (packet.length() < header + 16 || before + header > 512) {
                return DropReason.UNDECLARED_NEIGHBOUR;
            }
            next = packet.substring(header, header + 2);
            header += 16 * (1 + Integer.parseInt(packet.substring(header + 2, header + 4), 16));
        }
        if (!next.equals("3a")) {
            return null;
        }
        String message = packet.substring(Math.min(header, packet.length()));
        boolean claims = message.isEmpty() || message.startsWith("88") || message.startsWith("87") && none;
        boolean good = !claims || message.length() >= 48 && isOwn6(message.substring(16, 48), mac);
        return good ? null : DropReason.UNDECLARED_NEIGHBOUR;
    }

    private static boolean isOwn4(String address) {
        return OWN4.stream().anyMatch(address::startsWith);
    }

    private static boolean isOwn6(String address, String mac) {
        String first = HEX.toHexDigits((byte) (Integer.parseInt(mac.substring(0, 2), 16) ^ 2));
        return address.equals("fe80000000000000" + first + mac.substring(2, 6) + "fffe" + mac.substring(6))
            || OWN6.stream().anyMatch(address::startsWith);
    }

    @Test
    void agreesWithAReferenceOnWhateverComes() {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < FRAMES; i++) {
            byte[] frame = HEX.parseHex(frame());
            if (random.nextInt(8) == 0) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            if (random.nextInt(6) == 0) {
                frame = Arrays.copyOf(frame, 14 + random.nextInt(frame.length - 13));
            }
            DropReason expected = expected(HEX.formatHex(frame));
            assertThat(fault(frame)).as(HEX.formatHex(frame)).isEqualTo(expected);
            outcomes.merge(String.valueOf(expected), 1, Integer::sum);
        }
        assertThat(outcomes).hasSize(3).allSatisfy((outcome, count) -> assertThat(count).isGreaterThan(FRAMES / 20));
    }

    private String frame() {
        String tags = pick(List.of("81000005", "88a80001", "8100ffff")).repeat(Math.max(0, random.nextInt(8) - 4));
        String mac = pick(List.of(MAC, MAC, OTHER_MAC));
        return "ffffffffffff" + mac + tags + switch (random.nextInt(5)) {
            case 0 -> ipv4(pick(ADDRESSES4));
            case 1 -> arp(pick(List.of(mac, mac, OTHER_MAC)), pick(ADDRESSES4), pick(ADDRESSES4));
            case 2 -> "88b5" + pick(ADDRESSES6);
            default -> ipv6();
        };
    }

    private static String ipv4(String source) {
        return "0800" + "450000280000400040110000" + source + "0a000009" + "0".repeat(40);
    }

    private static String arp(String mac, String sender, String target) {
        return "0806" + "0001080006040001" + mac + sender + "000000000000" + target + "0".repeat(36);
    }

    private String ipv6() {
        String next = pick(List.of("3a", "3a", "3a", "11", "2c", "33"));
        StringBuilder extensions = new StringBuilder();
        for (int i = Math.max(0, random.nextInt(6) - 3); i > 0; i--) {
            int eights = random.nextInt(12) == 0 ? 40 : random.nextInt(2);
            extensions.insert(0, next + HEX.toHexDigits((byte) eights) + "0".repeat(12 + 16 * eights));
            next = pick(List.of("00", "2b", "3c"));
        }
        return "86dd" + "600000000018" + next + "ff" + pick(ADDRESSES6) + pick(ADDRESSES6) + extensions
            + pick(List.of("87", "88", "80", "86")) + "00" + "0000" + "00000000" + pick(ADDRESSES6);
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    @Test
    void whoHasNoAddressYetMayAskForOneButClaimNone() {
        assertThat(fault(bytes(ipv4("00000000")))).as("DHCP").isNull();
        assertThat(fault(bytes(arp(MAC, "00000000", "0a000001")))).as("a probe for its own address").isNull();
        assertThat(fault(bytes(arp(MAC, "00000000", "0a000002")))).as("a probe for another's")
            .isEqualTo(DropReason.UNDECLARED_NEIGHBOUR);
        String none = "86dd" + "6000000000183aff" + "0".repeat(32) + "ff0200000000000000000001ff000001"
            + "8700000000000000";
        assertThat(fault(bytes(none + OWN6.getFirst()))).as("is my address free?").isNull();
        assertThat(fault(bytes(none + LINK_LOCAL))).as("is my link-local address free?").isNull();
        assertThat(fault(bytes(none + ADDRESSES6.get(4)))).as("is yours?").isEqualTo(DropReason.UNDECLARED_NEIGHBOUR);
    }

    @Test
    void whoMayUseNoneHasItsLinkLocalAddressAlone() {
        SenderAddresses none = of(List.of(), List.of());
        for (String address : ADDRESSES6) {
            byte[] frame = bytes("86dd" + "600000000018" + "11" + "ff" + address + "0".repeat(64));
            boolean good = address.equals(LINK_LOCAL) || address.equals("0".repeat(32));
            assertThat(none.fault(new UnsafeBuffer(frame), 0, frame.length)).as(address)
                .isEqualTo(good ? null : DropReason.UNDECLARED_IP);
        }
        byte[] frame = bytes(ipv4("0a000001"));
        assertThat(none.fault(new UnsafeBuffer(frame), 0, frame.length)).isEqualTo(DropReason.UNDECLARED_IP);
    }

    private static byte[] bytes(String behindTheAddresses) {
        return HEX.parseHex("ffffffffffff" + MAC + behindTheAddresses);
    }

    /** A prefix of no bits is every address, of its family alone. */
    @Test
    void aPrefixIsOfItsFamily() {
        SenderAddresses any6 = new SenderAddresses(new byte[][] {new byte[16]}, new int[1]);
        SenderAddresses any4 = new SenderAddresses(new byte[][] {new byte[4]}, new int[1]);
        UnsafeBuffer ipv4 = new UnsafeBuffer(bytes(ipv4("c0000201")));
        UnsafeBuffer ipv6 = new UnsafeBuffer(bytes("86dd60000000000011ff" + "20".repeat(16) + "0".repeat(32)));
        assertThat(any6.fault(ipv4, 0, ipv4.capacity())).isEqualTo(DropReason.UNDECLARED_IP);
        assertThat(any6.fault(ipv6, 0, ipv6.capacity())).isNull();
        assertThat(any4.fault(ipv4, 0, ipv4.capacity())).isNull();
        assertThat(any4.fault(ipv6, 0, ipv6.capacity())).isEqualTo(DropReason.UNDECLARED_IP);
    }
}
