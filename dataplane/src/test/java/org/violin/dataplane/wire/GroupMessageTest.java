package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.wire.GroupMessage.Kind;

class GroupMessageTest {
    private static final String GROUP = "239.1.2.3";
    private static final String GROUP6 = "ff15::9";
    private static final int INPUTS = 500_000;

    private final GroupMessage message = new GroupMessage();

    /** Reads a frame in a buffer of its own size, whose bounds are checked, and says what it is. */
    private String read(byte[] frame) {
        Kind kind = message.read(new UnsafeBuffer(frame), 0, frame.length);
        String family = message.isIpv6() ? "mld-v" : "igmp-v";
        StringBuilder text = new StringBuilder(kind.name().toLowerCase());
        if (kind == Kind.DATA) {
            text.append(' ').append(GroupAddress.format(message.groupHigh(), message.groupLow()));
        } else if (kind == Kind.QUERY) {
            text.append(' ').append(family).append(message.version()).append(' ').append(message.responseMillis())
                .append(" ms, every ").append(message.intervalSeconds()).append(" s")
                .append(message.asksOfGroup() ? ", of the group" : "");
        }
        while (kind == Kind.REPORT && message.next()) {
            text.append(' ').append(family).append(message.version())
                .append(message.joins() ? " joins " : message.leaves() ? " leaves " : " has ")
                .append(GroupAddress.format(message.groupHigh(), message.groupLow()));
        }
        return text.toString();
    }

    @Test
    void reportsAndLeavesOfEveryVersionAreRead() {
        assertThat(read(GroupFrames.igmp("12", GROUP))).isEqualTo("report igmp-v1 joins 239.1.2.3");
        assertThat(read(GroupFrames.igmp("16", GROUP))).isEqualTo("report igmp-v2 joins 239.1.2.3");
        assertThat(read(GroupFrames.igmp("17", GROUP))).isEqualTo("report igmp-v2 leaves 239.1.2.3");
        assertThat(read(GroupFrames.mld("83", GROUP6))).isEqualTo("report mld-v1 joins ff15::9");
        assertThat(read(GroupFrames.mld("84", GROUP6))).isEqualTo("report mld-v1 leaves ff15::9");
        assertThat(read(GroupFrames.igmp("0.0.0.0", GROUP, "1600 0000 ef010203"))).startsWith("report");
        assertThat(read(GroupFrames.mld("::", "ff02::16", "8f00 0000 0000 0000"))).isEqualTo("report");
    }

    /** RFC 3376, 4.2.12: which records join, with sources or without; the last has data of no known meaning. */
    @Test
    void recordsAreReadOneByOne() {
        String[] ends = {"01000000", "01000001", "02000000", "02000001", "03000000", "03000001", "04000000", "05000001",
            "06000001", "07000000", "04020000"};
        String expected = "has joins joins joins leaves joins joins joins has has joins";
        String[] igmp = Arrays.stream(ends).map(head -> head + GroupFrames.hex(GROUP)
            + (head.endsWith("1") ? "0a000001" : "") + (head.startsWith("0402") ? "00".repeat(8) : ""))
            .toArray(String[]::new);
        String[] mld = Arrays.stream(ends).map(head -> head + GroupFrames.hex(GROUP6)
            + (head.endsWith("1") ? "00".repeat(16) : "") + (head.startsWith("0402") ? "00".repeat(8) : ""))
            .toArray(String[]::new);
        assertThat(read(GroupFrames.igmp3(igmp)).replaceAll("report | ?igmp-v3 | 239.1.2.3", " ").strip()
            .replaceAll(" +", " ")).isEqualTo(expected);
        assertThat(read(GroupFrames.mld2(mld)).replaceAll("report | ?mld-v2 | ff15::9", " ").strip()
            .replaceAll(" +", " ")).isEqualTo(expected);
    }

    @Test
    void queriesOfEveryVersionAreRead() {
        assertThat(read(GroupFrames.igmp("10.0.0.9", "224.0.0.1", "1100 0000 00000000")))
            .isEqualTo("query igmp-v1 10000 ms, every 0 s");
        assertThat(read(GroupFrames.igmp("10.0.0.9", "224.0.0.1", "1164 0000 00000000")))
            .isEqualTo("query igmp-v2 10000 ms, every 0 s");
        assertThat(read(GroupFrames.igmp("10.0.0.9", GROUP, "110a 0000 ef010203")))
            .isEqualTo("query igmp-v2 1000 ms, every 0 s, of the group");
        assertThat(read(GroupFrames.igmp("10.0.0.9", "224.0.0.1", "1164 0000 00000000 027d 0000")))
            .isEqualTo("query igmp-v3 10000 ms, every 125 s");
        assertThat(read(GroupFrames.igmp("10.0.0.9", "224.0.0.1", "11ff 0000 00000000 02ff 0000")))
            .as("the largest").isEqualTo("query igmp-v3 3174400 ms, every 31744 s");
        assertThat(read(GroupFrames.igmp("10.0.0.9", GROUP, "110a 0000 ef010203 027d 0000")))
            .isEqualTo("query igmp-v3 1000 ms, every 125 s, of the group");
        assertThat(read(GroupFrames.igmp("10.0.0.9", GROUP, "110a 0000 ef010203 0a7d 0000")))
            .as("routers are not to heed it").isEqualTo("query igmp-v3 1000 ms, every 125 s");
        assertThat(read(GroupFrames.igmp("10.0.0.9", GROUP, "110a 0000 ef010203 027d 0001 0a000001")))
            .as("of one source").isEqualTo("query igmp-v3 1000 ms, every 125 s");
        String all = "00".repeat(16);
        assertThat(read(GroupFrames.mld("fe80::9", "ff02::1", "8200 0000 2710 0000" + all)))
            .isEqualTo("query mld-v1 10000 ms, every 0 s");
        assertThat(read(GroupFrames.mld("fe80::9", "ff02::1", "8200 0000 ffff 0000" + all + "027d 0000")))
            .isEqualTo("query mld-v2 8387584 ms, every 125 s");
        assertThat(read(GroupFrames.mld("fe80::9", GROUP6, "8200 0000 03e8 0000" + GroupFrames.hex(GROUP6)
            + "027d 0000"))).isEqualTo("query mld-v2 1000 ms, every 125 s, of the group");
    }

    @Test
    void routersAnnounceThemselves() {
        assertThat(read(GroupFrames.pim("10.0.0.9"))).isEqualTo("router");
        assertThat(read(GroupFrames.pim("fe80::9"))).isEqualTo("router");
        assertThat(read(GroupFrames.igmp("10.0.0.9", "224.0.0.106", "3014 0000 00000000"))).isEqualTo("router");
        assertThat(read(GroupFrames.mld("fe80::9", "ff02::6a", "9714 0000 00000000"))).isEqualTo("router");
        byte[] torn = GroupFrames.pim("10.0.0.9");
        torn[40] ^= 1;
        assertThat(read(torn)).as("no hello, but no message of a station's either").isEqualTo("other");
    }

    @Test
    void aGroupsFramesAreToldFromTheLinks() {
        assertThat(read(GroupFrames.data(GROUP))).isEqualTo("data 239.1.2.3");
        assertThat(read(GroupFrames.data(GROUP6))).isEqualTo("data ff15::9");
        assertThat(read(GroupFrames.data("225.0.0.1"))).as("not 224.0.0.1, whose MAC address it has")
            .isEqualTo("data 225.0.0.1");
        for (String local : List.of("224.0.0.1", "224.0.0.251", "ff02::1", "ff02::1:ff00:1", "ff01::9")) {
            assertThat(read(GroupFrames.data(local))).as(local).isEqualTo("other");
        }
        byte[] tagged = GroupFrames.data(GROUP);
        System.arraycopy(tagged, 12, tagged, 16, tagged.length - 16);
        tagged[12] = (byte) 0x81;
        tagged[13] = 0;
        assertThat(read(tagged)).isEqualTo("other");
        assertThat(read(GroupFrames.igmp("10.0.0.9", GROUP, "1300 0000 00000000"))).as("DVMRP").isEqualTo("other");
    }

    @Test
    void whatBreaksItsRfcIsBad() {
        for (String message : List.of("1600 0000 ef01", "1164 0000 00000000 02", "1164 0000 00000000 027d 0001",
            "2200 0000 0000", "2200 0000 0000 0001", "2200 0000 0000 0001 04000001 ef010203",
            "2200 0000 0000 0001 04ff0000 ef010203", "2200 0000 0000 ffff 04000000 ef010203")) {
            assertThat(read(GroupFrames.igmp("10.0.0.9", "224.0.0.22", message))).as(message).isEqualTo("bad");
        }
        String group = GroupFrames.hex(GROUP6);
        for (String message : List.of("8300 0000 00000000 ff15", "8200 0000 2710 0000" + group + "02",
            "8200 0000 2710 0000" + group + "027d 0001", "8f00 0000 0000 0001",
            "8f00 0000 0000 0001 04000001" + group, "8f00 0000 0000 0002 04000000" + group)) {
            assertThat(read(GroupFrames.mld("fe80::9", "ff02::16", message))).as(message).isEqualTo("bad");
        }
        assertThat(read(GroupFrames.mld("fd00::9", "ff02::16", "8f00 0000 0000 0000"))).as("not of this link")
            .isEqualTo("bad");
        byte[] far = GroupFrames.mld("83", GROUP6);
        far[14 + 7] = 64;
        assertThat(read(far)).as("of another link").isEqualTo("bad");
        byte[] quiet = GroupFrames.mld("83", GROUP6);
        quiet[14 + 42] = 1;
        assertThat(read(quiet)).as("without a router alert").isEqualTo("bad");
    }

    /** Whichever bit turns over, the checksum of header or message tells; a frame may become another protocol's. */
    @Test
    void noBitTurnsOverUnseen() {
        for (byte[] frame : List.of(GroupFrames.igmp("16", GROUP), GroupFrames.igmp3("04000000ef010203"),
            GroupFrames.igmp("10.0.0.9", "224.0.0.1", "1164 0000 00000000 027d 0000"),
            GroupFrames.igmp("17", GROUP))) {
            for (int bit = 14 * 8; bit < frame.length * 8; bit++) {
                byte[] turned = frame.clone();
                turned[bit / 8] ^= (byte) (0x80 >> bit % 8);
                assertThat(read(turned)).as("bit %d", bit).isIn("bad", "other", "data 239.1.2.3");
            }
        }
    }

    @Test
    void whatAQuerierAsksIsReadAsItWasMeant() {
        UnsafeBuffer frame = new UnsafeBuffer(new byte[GroupQuery.MAX_BYTES]);
        long mac = 0x0212_3456_789AL;
        int length = GroupQuery.write(false, 0, 0, mac, 10_000, 125, frame);
        assertThat(HexFormat.of().formatHex(frame.byteArray(), 0, length)).matches("01005e000001" + "02123456789a"
            + "0800" + "46c00024000000000102....00000000e000000194040000" + "1164....00000000027d0000");
        assertThat(read(Arrays.copyOf(frame.byteArray(), length))).isEqualTo("query igmp-v3 10000 ms, every 125 s");
        length = GroupQuery.write(true, 0, 0, mac, 10_000, 125, frame);
        assertThat(HexFormat.of().formatHex(frame.byteArray(), 0, length)).matches("333300000001" + "02123456789a"
            + "86dd" + "6000000000240001" + "fe80000000000000001234fffe56789a" + "ff020000000000000000000000000001"
            + "3a00050200000100" + "8200....27100000" + "0".repeat(32) + "027d0000");
        assertThat(read(Arrays.copyOf(frame.byteArray(), length))).isEqualTo("query mld-v2 10000 ms, every 125 s");
        assertThat(length).isEqualTo(GroupQuery.MAX_BYTES);
        length = GroupQuery.write(false, 0, GroupAddress.ofIpv4(0xEF01_0203), mac, 1000, 600, frame);
        assertThat(read(Arrays.copyOf(frame.byteArray(), length)))
            .isEqualTo("query igmp-v3 1000 ms, every 576 s, of the group");
        assertThat(HexFormat.of().formatHex(frame.byteArray(), 0, 6)).isEqualTo("01005e010203");
        length = GroupQuery.write(true, 0xFF15L << 48, 9, mac, 1000, 3600, frame);
        assertThat(read(Arrays.copyOf(frame.byteArray(), length)))
            .isEqualTo("query mld-v2 1000 ms, every 3584 s, of the group");
    }

    @Test
    void addressesAreWrittenAsRfc5952Says() {
        assertThat(GroupAddress.format(0, GroupAddress.ofIpv4(0xEFFF_00FF))).isEqualTo("239.255.0.255");
        assertThat(GroupAddress.format(0xFF05L << 48, 0x1_0003)).isEqualTo("ff05::1:3");
        assertThat(GroupAddress.format(0xFF15_0000_0001_0000L, 0)).isEqualTo("ff15:0:1::");
        assertThat(GroupAddress.format(0xFF15_0000_0001_0002L, 0x0003_0004_0005_0006L))
            .isEqualTo("ff15:0:1:2:3:4:5:6");
        assertThat(GroupAddress.format(0, 1)).isEqualTo("::1");
    }

    /** Messages by the rules and then damaged, before or behind their checksums; cut short or lengthened. */
    @Test
    void survivesWhateverComes() {
        SplittableRandom random = Seeds.random("GroupMessage fuzz");
        String group = GroupFrames.hex(GROUP6);
        List<String> igmp = List.of("1600 0000 ef010203", "1164 0000 00000000 027d 0001 0a000001",
            "2200 0000 0000 0002 04000001 ef010203 0a000001 03020000 ef010204 0000000000000000");
        List<String> mld = List.of("8300 0000 00000000" + group, "8200 0000 2710 0000" + group + "027d 0000",
            "8f00 0000 0000 0002 04000001" + group + group + "03010000" + group + "00000000");
        List<Supplier<byte[]>> makers = List.of(
            () -> GroupFrames.igmp("10.0.0.1", GROUP, damaged(random, igmp.get(random.nextInt(3)))),
            () -> GroupFrames.mld("fe80::1", GROUP6, damaged(random, mld.get(random.nextInt(3)))),
            () -> GroupFrames.data(random.nextBoolean() ? GROUP : GROUP6), () -> GroupFrames.pim("fe80::9"));
        Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
        for (int i = 0; i < INPUTS; i++) {
            byte[] frame = makers.get(random.nextInt(makers.size())).get();
            for (int hits = Math.max(0, random.nextInt(6) - 3); hits > 0; hits--) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                frame = Arrays.copyOf(frame, 14 + random.nextInt(frame.length));
            }
            try {
                read(frame);
            } catch (RuntimeException e) {
                throw new AssertionError("frame " + HexFormat.of().formatHex(frame), e);
            }
            seen.merge(message.read(new UnsafeBuffer(frame), 0, frame.length), 1, Integer::sum);
        }
        System.out.println(INPUTS + " frames: " + seen);
        assertThat(seen.keySet()).containsExactlyInAnyOrder(Kind.values());
        assertThat(seen.values()).allMatch(count -> count > INPUTS / 100);
    }

    private static String damaged(SplittableRandom random, String message) {
        byte[] bytes = GroupFrames.bytes(message);
        for (int hits = Math.max(0, random.nextInt(5) - 2); hits > 0; hits--) {
            bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3));
        }
        int cut = random.nextInt(6) == 0 ? Math.max(4, random.nextInt(bytes.length + 1)) : bytes.length;
        return HexFormat.of().formatHex(bytes, 0, cut);
    }
}
