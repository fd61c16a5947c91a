package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;

/** The headers of RFC 7348 and RFC 3931, to the bit. */
class EncapsulationTest {
    private static final int FUZZED = 200_000;
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] FRAME = new byte[60];

    private final SplittableRandom random = Seeds.random("EncapsulationTest");

    private static byte[] sent(Encapsulation header) {
        byte[] bytes = new byte[header.sentBytes()];
        Arrays.fill(bytes, (byte) 0x5A);
        header.write(new UnsafeBuffer(bytes), 0);
        return bytes;
    }

    /** Of a datagram in a buffer of its own size, so that what is read beyond it throws. */
    private static DropReason check(Encapsulation header, byte[] datagram) {
        return header.check(new UnsafeBuffer(datagram), 0, datagram.length);
    }

    private static byte[] datagram(String header) {
        byte[] bytes = HEX.parseHex(header.replace(" ", ""));
        byte[] datagram = Arrays.copyOf(bytes, bytes.length + FRAME.length);
        System.arraycopy(FRAME, 0, datagram, bytes.length, FRAME.length);
        return datagram;
    }

    private static L2tpv3Header l2tpv3(String localCookie, String remoteCookie, boolean counter) {
        return new L2tpv3Header(
            0x0102_0304, 0xF1F2_F3F4, HEX.parseHex(localCookie), HEX.parseHex(remoteCookie), counter);
    }

    @Test
    void vxlanIsAsSection5HasIt() {
        VxlanHeader header = new VxlanHeader(0x12_3456);
        assertThat(sent(header)).asHexString().isEqualTo("0800000012345600");
        assertThat(sent(new VxlanHeader(0))).asHexString().isEqualTo("0800000000000000");
        assertThat(sent(new VxlanHeader(0xFF_FFFF))).asHexString().isEqualTo("08000000FFFFFF00");
        assertThat(check(header, datagram("08000000 123456 00"))).isNull();
        assertThat(check(header, datagram("FFFFFFFF 123456 FF"))).as("what is reserved is ignored").isNull();
        assertThat(check(header, datagram("F7FFFFFF 123456 FF"))).isEqualTo(DropReason.BAD_ENCAPSULATION);
        assertThat(check(new VxlanHeader(0), datagram("00000000 000000 00"))).isEqualTo(DropReason.BAD_ENCAPSULATION);
    }

    @Test
    void l2tpv3IsAsSection4HasIt() {
        assertThat(sent(l2tpv3("", "", false))).asHexString().isEqualTo("00030000F1F2F3F4");
        assertThat(sent(l2tpv3("", "c0c1c2c3", true))).asHexString().isEqualTo("00030000F1F2F3F4C0C1C2C300000000");
        assertThat(sent(l2tpv3("00112233", "c0c1c2c3c4c5c6c7", false))).asHexString()
            .isEqualTo("00030000F1F2F3F4C0C1C2C3C4C5C6C7");
        assertThat(check(l2tpv3("", "", false), datagram("00030000 01020304"))).isNull();
        L2tpv3Header header = l2tpv3("80112233", "", true);
        assertThat(check(header, datagram("00030000 01020304 80112233 00000000"))).isNull();
        assertThat(check(header, datagram("7FF3FFFF 01020304 80112233 FFFFFFFF"))).as("what is x is ignored").isNull();
        assertThat(check(l2tpv3("8011223344556677", "", false), datagram("00030000 01020304 80112233 44556677")))
            .isNull();
    }

    @Test
    void controlMessagesAndOtherVersionsAreRefused() {
        L2tpv3Header header = l2tpv3("", "", false);
        assertThat(check(header, datagram("80030000 01020304"))).isEqualTo(DropReason.BAD_ENCAPSULATION);
        assertThat(check(header, datagram("C8030000 01020304"))).isEqualTo(DropReason.BAD_ENCAPSULATION);
        for (int version = 0; version < 16; version++) {
            assertThat(check(header, datagram("000%x0000 01020304".formatted(version))))
                .isEqualTo(version == 3 ? null : DropReason.BAD_ENCAPSULATION);
        }
    }

    /** Whichever byte of what has to be right is not. */
    @Test
    void otherSessionsAndCookiesAreRefused() {
        VxlanHeader vxlan = new VxlanHeader(0x12_3456);
        for (int at = 4; at < 7; at++) {
            assertThat(check(vxlan, changed("08000000 123456 00", at))).isEqualTo(DropReason.OTHER_SESSION);
        }
        for (String cookie : new String[] {"80112233", "8011223344556677"}) {
            L2tpv3Header header = l2tpv3(cookie, "", true);
            String good = "00030000 01020304" + cookie + "00000000";
            for (int at = 4; at < 8; at++) {
                assertThat(check(header, changed(good, at))).isEqualTo(DropReason.OTHER_SESSION);
            }
            for (int at = 8; at < 8 + cookie.length() / 2; at++) {
                assertThat(check(header, changed(good, at))).isEqualTo(DropReason.WRONG_COOKIE);
            }
            assertThat(check(l2tpv3("", "", false), datagram(good))).as("a cookie is the frame's, if none is expected")
                .isNull();
        }
    }

    private byte[] changed(String header, int at) {
        byte[] datagram = datagram(header);
        datagram[at] ^= (byte) (1 << random.nextInt(8));
        return datagram;
    }

    @Test
    void whatIsTooShortIsRefused() {
        Encapsulation[] headers = {new VxlanHeader(0x12_3456), l2tpv3("", "", false), l2tpv3("80112233", "", true),
            l2tpv3("8011223344556677", "", true)};
        String[] good = {"08000000 123456 00", "00030000 01020304", "00030000 01020304 80112233 00000000",
            "00030000 01020304 80112233 44556677 00000000"};
        for (int i = 0; i < good.length; i++) {
            byte[] datagram = datagram(good[i]);
            int headerBytes = headers[i].receivedBytes();
            assertThat(headerBytes).isEqualTo(datagram.length - FRAME.length);
            for (int length = 0; length < datagram.length; length++) {
                DropReason expected = length < headerBytes ? DropReason.DATAGRAM_SHORT
                    : length < headerBytes + Ethernet.HEADER_BYTES ? DropReason.RUNT : null;
                assertThat(check(headers[i], Arrays.copyOf(datagram, length))).as("%d bytes of %s", length, good[i])
                    .isEqualTo(expected);
            }
        }
    }

    /** Each side's header is the other's, whatever they are made of; noise is refused and nothing else. */
    @Test
    void whatOneSideWritesTheOtherTakes() {
        for (int i = 0; i < FUZZED; i++) {
            boolean counter = random.nextBoolean();
            int there = random.nextInt(1, Integer.MAX_VALUE);
            int here = random.nextInt() | 1;
            byte[] ours = bytes(4 * random.nextInt(3));
            byte[] theirs = bytes(4 * random.nextInt(3));
            boolean isVxlan = random.nextInt(3) == 0;
            Encapsulation near = isVxlan ? new VxlanHeader(there & 0xFF_FFFF)
                : new L2tpv3Header(here, there, ours, theirs, counter);
            Encapsulation far = isVxlan ? new VxlanHeader(there & 0xFF_FFFF)
                : new L2tpv3Header(there, here, theirs, ours, counter);
            byte[] header = sent(near);
            assertThat(header).hasSize(far.receivedBytes());
            assertThat(check(far, Arrays.copyOf(header, header.length + Ethernet.HEADER_BYTES))).isNull();
            byte[] noise = bytes(random.nextInt(80));
            if (check(far, noise) == null) {
                assertThat(noise.length).isGreaterThanOrEqualTo(far.receivedBytes() + Ethernet.HEADER_BYTES);
            }
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
