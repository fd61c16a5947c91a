package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.Seeds;

class PacketTooBigTest {
    private static final int LENGTH = 1_514;
    private static final int ROOM = 1_444;
    private static final long MAC = 0x0E56_0102_0304L;
    private static final int RUNS = 200_000;
    private static final String ETHERNET = "020000000002" + "020000000001";
    private static final String IPV4 = "450005dc123440004011" + "abcd" + "0a000001" + "0a000002";
    private static final String IPV6 = "6000000005b41140" + "fd000000000000000000000000000001"
        + "fd000000000000000000000000000002";

    private final SplittableRandom random = Seeds.random("PacketTooBigTest");
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[PacketTooBig.MAX_BYTES]);

    private byte[] frame(String head) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        byte[] parsed = HexFormat.of().parseHex(head);
        System.arraycopy(parsed, 0, bytes, 0, parsed.length);
        return bytes;
    }

    private byte[] answer(byte[] frame, int room) {
        UnsafeBuffer buffer = new UnsafeBuffer(frame);
        assertThat(PacketTooBig.isDue(buffer, 0, frame.length, room)).isTrue();
        int bytes = PacketTooBig.write(buffer, 0, room, MAC, message, 0);
        byte[] answer = new byte[bytes];
        message.getBytes(0, answer);
        return answer;
    }

    @Test
    void icmpTellsTheNextHopsMtu() {
        byte[] frame = frame(ETHERNET + "0800" + IPV4);
        byte[] answer = answer(frame, ROOM);
        String head = HexFormat.of().formatHex(answer, 0, 34);
        assertThat(head).matches("020000000001" + "0e5601020304" + "0800" + "45c0024000004000" + "4001" + "...."
            + "0a000002" + "0a000001");
        assertThat(ReferenceFrame.sum(answer, 14, 34)).as("the header's checksum").isEqualTo(0xFFFF);
        assertThat(HexFormat.of().formatHex(answer, 34, 42)).matches("0304....0000" + "0596");
        assertThat(ReferenceFrame.sum(answer, 34, answer.length)).as("the checksum").isEqualTo(0xFFFF);
        assertThat(answer).hasSize(14 + 576);
        assertThat(Arrays.copyOfRange(answer, 42, answer.length)).isEqualTo(Arrays.copyOfRange(frame, 14, 14 + 548));
    }

    @Test
    void icmpv6TellsIt() {
        byte[] frame = frame(ETHERNET + "8100" + "a064" + "86dd" + IPV6.replace("05b4", "05b0"));
        byte[] answer = answer(frame, ROOM);
        assertThat(HexFormat.of().formatHex(answer, 0, 58)).isEqualTo("020000000001" + "0e5601020304" + "8100a064"
            + "86dd" + "6c00000004d83a40" + "fd000000000000000000000000000002" + "fd000000000000000000000000000001");
        assertThat(HexFormat.of().formatHex(answer, 58, 66)).matches("0200....0000" + "0592");
        byte[] summed = Arrays.copyOfRange(answer, 18 + 8, answer.length + 4);
        summed[summed.length - 4] = 0x04;
        summed[summed.length - 3] = (byte) 0xD8;
        summed[summed.length - 1] = 58;
        assertThat(ReferenceFrame.sum(summed, 0, summed.length)).as("the checksum").isEqualTo(0xFFFF);
        assertThat(Arrays.copyOfRange(answer, 66, answer.length))
            .isEqualTo(Arrays.copyOfRange(frame, 18, 18 + 1280 - 48));
    }

    @Test
    void noIpv6NodeIsToldOfLessThanEveryLinkHas() {
        byte[] answer = answer(frame(ETHERNET + "86dd" + IPV6), 1_000);
        assertThat(HexFormat.of().formatHex(answer, 58, 62)).isEqualTo("00000500");
        byte[] least = Arrays.copyOf(frame(ETHERNET + "86dd" + IPV6.replace("05b4", "04d8")), 14 + 1280);
        assertThat(PacketTooBig.isDue(new UnsafeBuffer(least), 0, least.length, 1_000)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"4011, true, any datagram", "4006, true, TCP", "40016208, true, an echo", "40016203, false, an error",
        "40016204, false, a source quench", "40016205, false, a redirect", "4001620b, false, time exceeded",
        "4001620c, false, a parameter problem", "40016200, true, an echo's answer",
        "40016240, false, no known message"})
    void icmpIsAnsweredIfItAsks(String protocol, boolean due, String what) {
        String head = IPV4.substring(0, 16) + protocol.substring(0, 4) + IPV4.substring(20)
            + (protocol.length() > 4 ? protocol.substring(6) : "00");
        assertThat(isDue("0800" + head)).as(what).isEqualTo(due);
    }

    private boolean isDue(String packet) {
        return PacketTooBig.isDue(new UnsafeBuffer(frame(ETHERNET + packet)), 0, LENGTH, ROOM);
    }

    @Test
    void whatIsNotAnsweredStaysWithTheTunnel() {
        assertThat(isDue("0800" + IPV4)).isTrue();
        assertThat(isDue("0800" + IPV4.replace("12344000", "12340000"))).as("may be fragmented").isFalse();
        assertThat(isDue("0800" + IPV4.replace("12344000", "12346000"))).as("a first fragment").isTrue();
        assertThat(isDue("0800" + IPV4.replace("12344000", "12344001"))).as("another fragment").isFalse();
        assertThat(isDue("0800" + IPV4.replace("05dc", "05db"))).as("another length").isFalse();
        assertThat(isDue("0800" + IPV4.replace("4500", "4400"))).as("a short header").isFalse();
        assertThat(isDue("0800" + IPV4.replace("4500", "5500"))).as("another version").isFalse();
        for (String address : new String[] {"00000000", "7f000001", "e0000001", "ffffffff"}) {
            assertThat(isDue("0800" + IPV4.replace("0a000001", address))).as("from " + address).isFalse();
            assertThat(isDue("0800" + IPV4.replace("0a000002", address))).as("to " + address).isFalse();
        }
        assertThat(isDue("0806" + IPV4)).isFalse();
        String sender = "fd000000000000000000000000000001";
        assertThat(isDue("86dd" + IPV6)).isTrue();
        assertThat(isDue("86dd" + IPV6.replace(sender, "0".repeat(32)))).isFalse();
        assertThat(isDue("86dd" + IPV6.replace(sender, "ff02" + "0".repeat(27) + "1"))).isFalse();
        assertThat(isDue("86dd" + IPV6.replace("05b4", "05b5"))).isFalse();
        assertThat(isDue("86dd" + IPV6.replace("1140", "3a40") + "80")).as("an echo").isTrue();
        assertThat(isDue("86dd" + IPV6.replace("1140", "3a40") + "02")).as("an error").isFalse();
        assertThat(isDue("86dd" + IPV6.replace("1140", "3a40") + "89")).as("a redirect").isFalse();
        assertThat(isDue("86dd" + IPV6.replace("1140", "2c40") + "11000000")).as("a first fragment").isTrue();
        assertThat(isDue("86dd" + IPV6.replace("1140", "2c40") + "11000008")).as("another fragment").isFalse();
        assertThat(isDue("86dd" + IPV6.replace("1140", "0040") + "3a00000000000000" + "01")).as("an error").isFalse();
        byte[] group = frame("01005e000001" + "020000000001" + "0800" + IPV4);
        assertThat(PacketTooBig.isDue(new UnsafeBuffer(group), 0, LENGTH, ROOM)).isFalse();
    }

    @Test
    void noFrameIsReadBeyondItsEnd() {
        int due = 0;
        for (int i = 0; i < RUNS; i++) {
            ReferenceFrame model = ReferenceFrame.random(random, random.nextInt(i % 8 == 0 ? 2_000 : 200));
            byte[] bytes = model.bytes().clone();
            for (int j = random.nextInt(3); j > 0; j--) {
                bytes[random.nextInt(model.headerBytes())] = (byte) random.nextInt();
            }
            bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, 14 + random.nextInt(bytes.length - 13)) : bytes;
            int room = random.nextInt(80, 1_500);
            if (PacketTooBig.isDue(new UnsafeBuffer(bytes), 0, bytes.length, room)) {
                due++;
                assertThat(answer(bytes, room).length).isLessThanOrEqualTo(PacketTooBig.MAX_BYTES);
            }
        }
        assertThat(due).isGreaterThan(RUNS / 100);
    }
}
