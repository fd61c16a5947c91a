package org.violin.control.vnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.Seeds;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;
import org.violin.control.vnet.HandlerSpec.Role;

/** The text protocol: every verb, order and error, and any bytes at all. */
class SessionTest {
    private static final String MAC = "52:54:00:12:34:56";
    private static final String HANDLE = "HANDLE there PROXY lan0 HOST 192.0.2.1 7700 vm0 " + MAC;
    private static final String BEGIN = "BEGIN HOST vm0 PROXY lan0 " + MAC;
    private static final String RESUME = "RESUME h7 " + Dialogue.TOKEN;
    private static final String OTHER_TOKEN = Dialogue.TOKEN.replace("-x", "-y");

    private final Dialogue dialogue = new Dialogue(false);

    private List<String> known(String... lines) {
        dialogue.lines(Dialogue.HELLO).lines(lines);
        assertThat(dialogue.said.getFirst()).isEqualTo(Dialogue.WELCOME);
        return dialogue.said.subList(1, dialogue.said.size());
    }

    private static HandlerSpec spec(Role role, String device, String remoteDevice, Long... macs) {
        return new HandlerSpec(role, device, remoteDevice, List.of(macs), Way.CONNECTION);
    }

    @Test
    void everyVerbIsAnswered() {
        assertThat(known("DEVICES?", "handlers?", HANDLE, "CLOSE h7", "", "  ", "DONE")).containsExactly(
            Dialogue.DEVICE, "OK 1", "OK 0 handlers", "OK handler h1",
            "ERROR handler there is none h7", "OK bye");
        assertThat(dialogue.session.isOver()).isTrue();
        assertThat(dialogue.lines("DEVICES?").said).endsWith("OK bye");
        assertThat(dialogue.rest()).isEmpty();
    }

    @Test
    void aHandleSaysAllThatAHandlerIs() {
        known(HANDLE + " 0200000000AA", "HANDLE x host a proxy tls:" + "A".repeat(43) + "=@2001:db8::1 1 b " + MAC);
        Request.Handle first = (Request.Handle) dialogue.asked.get(1);
        assertThat(first.moves()).isFalse();
        assertThat(first.password()).isEqualTo("there");
        assertThat(first.remote().text()).isEqualTo("tcp 192.0.2.1:7700");
        assertThat(first.spec()).isEqualTo(
            spec(Role.PROXY, "lan0", "vm0", 0x525400123456L, 0x0200000000AAL));
        assertThat(first.spec().mirrored().text()).isEqualTo("HOST vm0 PROXY lan0 525400123456 0200000000aa");
        assertThat(first.toString()).doesNotContain("there");
        Request.Handle second = (Request.Handle) dialogue.asked.get(2);
        assertThat(second.remote().text()).isEqualTo("tls [2001:db8:0:0:0:0:0:1]:1");
        assertThat(second.remote().words()).isEqualTo("tls:" + "A".repeat(43) + "=@2001:db8:0:0:0:0:0:1 1");
    }

    @Test
    void aDashStandsForACertificate() {
        assertThat(new Dialogue(true).lines("HELLO - 1").asked).singleElement()
            .isInstanceOfSatisfying(Request.Hello.class, hello -> assertThat(hello.byCertificate()).isTrue());
        known(HANDLE.replace("there", "-"), HANDLE.replace("HANDLE there", "MOVE -"), HANDLE);
        assertThat(((Request.Hello) dialogue.asked.getFirst()).byCertificate()).isFalse();
        assertThat(dialogue.asked.subList(1, 4)).extracting(request -> ((Request.Handle) request).byCertificate())
            .containsExactly(true, true, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {BEGIN, RESUME})
    void afterBeginAllIsTheHandlers(String line) {
        dialogue.lines(Dialogue.HELLO, line);
        dialogue.read(new byte[] {0, 0, '\n', -1});
        assertThat(dialogue.said).last().asString().matches("OK handler h1 begins " + Dialogue.TOKEN
            + "|OK handler h7 resumes");
        assertThat(dialogue.session.isBinary()).isTrue();
        assertThat(dialogue.rest()).containsExactly(0, 0, '\n', -1);
    }

    @Test
    void aHandlerMovesByTheSameWordsAsItIsMade() {
        assertThat(known("TAKE" + BEGIN.substring("BEGIN".length()), "MOVE" + HANDLE.substring("HANDLE".length()),
            "take" + BEGIN.substring("BEGIN".length()))).containsExactly("ERROR handler there is none here",
                "OK handler h1", "OK handler h2 begins " + Dialogue.TOKEN);
        assertThat(dialogue.asked.get(2)).isInstanceOfSatisfying(Request.Handle.class, move -> {
            assertThat(move.moves()).isTrue();
            assertThat(move.toString()).doesNotContain("there");
        });
        assertThat(dialogue.session.isBinary()).isTrue();
    }

    /** The token says as much as a password. */
    @Test
    void whoResumesNeedNotSayHello() {
        Dialogue resumer = new Dialogue(false);
        assertThat(resumer.lines(RESUME).said).containsExactly("OK handler h7 resumes");
        assertThat(resumer.asked).singleElement().asString().doesNotContain(Dialogue.TOKEN);
        Dialogue stranger = new Dialogue(false);
        assertThat(stranger.lines("RESUME h7 " + OTHER_TOKEN, RESUME).said).containsExactly(
            "ERROR handler not its token");
        assertThat(stranger.session.isOver()).isTrue();
        assertThat(known("RESUME h7 " + OTHER_TOKEN, "HANDLERS?")).containsExactly("ERROR handler not its token",
            "OK 0 handlers");
    }

    @Test
    void aTokenIsNeverTheSameAndNeverShown() throws Exception {
        Token token = Token.random();
        assertThat(Token.parse(token.text()).matches(token)).isTrue();
        assertThat(token.matches(Token.random())).isFalse();
        assertThat(token).hasToString("Token");
    }

    @Test
    void aTransportMayFollowTheAddresses() {
        known(HANDLE + " udp", "MOVE" + HANDLE.substring("HANDLE".length()) + " Auto fec:10+3X4", HANDLE + " TCP",
            BEGIN + " 020000000007 UDP FEC:auto");
        assertThat(dialogue.asked.subList(1, 4)).extracting(request -> ((Request.Handle) request).spec().way())
            .containsExactly(new Way(Transport.UDP, FecSpec.OFF), new Way(Transport.AUTO, new FecSpec(10, 3, 4)),
                Way.CONNECTION);
        HandlerSpec begun = ((Request.Begin) dialogue.asked.get(4)).spec();
        assertThat(begun.text()).isEqualTo("HOST vm0 PROXY lan0 525400123456 020000000007 UDP FEC:auto");
        assertThat(begun.mirrored().text()).endsWith(" 020000000007 UDP FEC:auto");
    }

    @Test
    void whatFollowsARequestWaitsForItsAnswer() {
        Dialogue slow = new Dialogue(true);
        slow.lines(Dialogue.HELLO, "DEVICES?", BEGIN, "\0\0");
        assertThat(slow.asked).hasSize(1);
        assertThat(slow.said).isEmpty();
        slow.answer();
        assertThat(slow.said).containsExactly(Dialogue.WELCOME, Dialogue.DEVICE, "OK 1",
            "OK handler h1 begins " + Dialogue.TOKEN);
        assertThat(slow.rest()).containsExactly(0, 0, '\n');
    }

    @Test
    void anAnswerThatComesAfterTheEndIsNotSaid() {
        Dialogue slow = new Dialogue(true);
        slow.lines(Dialogue.HELLO);
        slow.session.refuse(new Refusal(Refusal.Word.BUSY, "gave way"));
        slow.session.answer(List.of(Dialogue.WELCOME));
        assertThat(slow.session.begin("OK")).isFalse();
        assertThat(slow.said).containsExactly("ERROR busy gave way");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEVICES?", "HANDLERS?", "CLOSE h1", HANDLE, BEGIN})
    void strangersAreToldToSayHello(String line) {
        assertThat(dialogue.lines(line, Dialogue.HELLO).said).singleElement().asString().startsWith("ERROR order ");
        assertThat(dialogue.session.isOver()).isTrue();
        assertThat(dialogue.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"HELLO wrong 1, password", "HELLO - 1, password", "HELLO right-password 2, version",
        "HELLO right-password, syntax", "HELLO a b c, syntax", "GET / HTTP/1.1, syntax", "DONE x, syntax",
        "RESUME h7, syntax", "RESUME h7 short, syntax",
        "RESUME h7 token+of+43+letters+digits+and+such+12345+x, syntax"})
    void strangersGetOneAnswer(String line, String word) {
        assertThat(dialogue.lines(line, Dialogue.HELLO).said).singleElement().asString().startsWith("ERROR " + word);
        assertThat(dialogue.session.isOver()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "HELLO right-password 1, order", "NOTHING, syntax", "DEVICES? all, syntax", "CLOSE, syntax",
        "CLOSE a b, syntax", "RESUME h7 x, syntax", "TAKE HOST vm0 PROXY lan0, syntax",
        "MOVE there PROXY lan0 HOST 192.0.2.1 7700 vm0, syntax",
        "TAKE HOST vm0 HOST lan0 02:00:00:00:00:01, role",
        "MOVE there PROXY none HOST 192.0.2.1 7700 vm0 02:00:00:00:00:01, device",
        "HANDLE there PROXY lan0 HOST 192.0.2.1 7700 vm0, syntax", "BEGIN HOST vm0 PROXY lan0, syntax",
        "HANDLE there PROXY lan0 PROXY 192.0.2.1 7700 vm0 02:00:00:00:00:01, role",
        "BEGIN GUEST vm0 PROXY lan0 02:00:00:00:00:01, role", "BEGIN HOST vm0 HOST lan0 02:00:00:00:00:01, role",
        "HANDLE there PROXY lan0 HOST example.net 7700 vm0 02:00:00:00:00:01, remote",
        "HANDLE there PROXY lan0 HOST fe80::1%lan0 7700 vm0 02:00:00:00:00:01, remote",
        "HANDLE there PROXY lan0 HOST 192.0.2.1 0 vm0 02:00:00:00:00:01, remote",
        "HANDLE there PROXY lan0 HOST 192.0.2.1 99999 vm0 02:00:00:00:00:01, remote",
        "HANDLE there PROXY lan0 HOST tls:x@192.0.2.1 7700 vm0 02:00:00:00:00:01, remote",
        "HANDLE there PROXY lan0 HOST tls:192.0.2.1 7700 vm0 02:00:00:00:00:01, remote",
        "BEGIN HOST vm0/x PROXY lan0 02:00:00:00:00:01, device",
        "BEGIN HOST vm0 PROXY sixteencharacter 02:00:00:00:00:01, device",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00, mac", "BEGIN HOST vm0 PROXY lan0 020000-000001, mac",
        "BEGIN HOST vm0 PROXY lan0 01:00:5e:00:00:01, mac", "BEGIN HOST vm0 PROXY lan0 ff:ff:ff:ff:ff:ff, mac",
        "BEGIN HOST vm0 PROXY lan0 00:00:00:00:00:00, mac",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 020000000001, mac",
        "HANDLE there PROXY none HOST 192.0.2.1 7700 vm0 02:00:00:00:00:01, device",
        "BEGIN HOST vm0 PROXY lan0 UDP, mac", "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 SCTP, mac",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 TLS, transport",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 TCP FEC:auto, transport",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 UDP FEC:, transport",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 UDP FEC:65+1, transport",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 UDP FEC:10+3x5, transport",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 UDP 02:00:00:00:00:02, syntax",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 AUTO UDP, syntax",
        "BEGIN HOST vm0 PROXY lan0 02:00:00:00:00:01 AUTO FEC:auto FEC:auto, syntax"})
    void aMistakeIsToldAndTheSessionGoesOn(String line, String word) {
        List<String> said = known(line, "HANDLERS?");
        assertThat(said).hasSize(2).last().isEqualTo("OK 0 handlers");
        assertThat(said.getFirst()).startsWith("ERROR " + word + " ");
        assertThat(dialogue.session.isOver()).isFalse();
    }

    private static String macs(int count) {
        return IntStream.range(0, count).mapToObj(i -> String.format("0200000000%02x", i))
            .collect(Collectors.joining(" "));
    }

    @Test
    void aLineHoldsTheLongestHandle() {
        String longest = "HANDLE " + "p".repeat(40) + " PROXY fifteen-letters HOST tls:" + "A".repeat(43)
            + "=@2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff 65535 fifteen-letters " + macs(HandlerSpec.MACS_MAX)
            + " AUTO FEC:64+16x8";
        assertThat(longest.length() + 2).isLessThanOrEqualTo(LineBuffer.LINE_MAX);
        assertThat(known(longest, BEGIN.replace(MAC, macs(65)))).satisfiesExactly(
            first -> assertThat(first).isEqualTo("OK handler h1"),
            second -> assertThat(second).startsWith("ERROR mac 65 addresses"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "\t", "\u007f", "\u00e9", "\rx", "\u0016\u0003\u0001", "HELLO \r \n"})
    void whatIsNoTextEndsASession(String bytes) {
        dialogue.lines(Dialogue.HELLO, "DEVICES?" + bytes, "DEVICES?");
        assertThat(dialogue.said).hasSize(2).last().asString().startsWith("ERROR syntax a byte that is no text");
        assertThat(dialogue.session.isOver()).isTrue();
    }

    @Test
    void aLineMayBeSoLongAndNoLonger() {
        String longest = " ".repeat(LineBuffer.LINE_MAX - 3 - "DONE".length());
        assertThat(known("x" + " ".repeat(LineBuffer.LINE_MAX - 2), longest + " DONE\r")).satisfiesExactly(
            first -> assertThat(first).startsWith("ERROR syntax"), second -> assertThat(second).isEqualTo("OK bye"));
        Dialogue other = new Dialogue(false);
        other.lines(Dialogue.HELLO, "x".repeat(1_000_000), "DEVICES?");
        assertThat(other.said).hasSize(2).last().asString().startsWith("ERROR too-long ");
        assertThat(other.rest()).isEmpty();
    }

    @Test
    void anEndIsTheSameWhateverIsAtItsOther() {
        HandlerSpec proxy = spec(Role.PROXY, "lan0", "vm0", 1L << 41, 2L);
        assertThat(proxy.hasEndOf(spec(Role.PROXY, "lan0", "vm9", 2L, 1L << 41))).isTrue();
        assertThat(proxy.hasEndOf(spec(Role.PROXY, "lan0", "vm0", 2L))).isFalse();
        assertThat(proxy.hasEndOf(spec(Role.PROXY, "lan1", "vm0", 1L << 41, 2L))).isFalse();
        assertThat(proxy.hasEndOf(spec(Role.HOST, "lan0", "vm0", 1L << 41, 2L))).isFalse();
    }

    @Test
    void handlersCollideWhereFramesWouldPassTwice() {
        HandlerSpec host = spec(Role.HOST, "a", "x", 1L << 41, 2L);
        assertThat(host.collides(spec(Role.HOST, "b", "x", 2L))).isTrue();
        assertThat(host.collides(spec(Role.PROXY, "a", "x", 2L))).isTrue();
        assertThat(host.collides(spec(Role.PROXY, "b", "x", 2L))).as("both ends here").isFalse();
        assertThat(host.collides(spec(Role.HOST, "a", "x", 3L))).isFalse();
    }

    /** Whole, in parts, and with answers that come late: the same is said, and the same is left to the handler. */
    @Test
    void howBytesAreSplitMakesNoDifference() {
        SplittableRandom random = Seeds.random("SessionTest");
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = conversation(random);
            Dialogue whole = new Dialogue(false);
            whole.read(bytes);
            Dialogue parts = new Dialogue(random.nextBoolean());
            for (int from = 0; from < bytes.length;) {
                int to = Math.min(bytes.length, from + random.nextInt(1, 1 + random.nextInt(1, 300)));
                parts.read(Arrays.copyOfRange(bytes, from, to));
                if (random.nextInt(3) == 0) {
                    parts.answer();
                }
                from = to;
            }
            parts.answer();
            assertThat(parts.said).isEqualTo(whole.said);
            assertThat(parts.rest()).isEqualTo(whole.rest());
            assertThat(parts.session.isOver()).isEqualTo(whole.session.isOver());
            assertThat(whole.rest().length == 0 || whole.session.isBinary()).isTrue();
        }
    }

    private static byte[] conversation(SplittableRandom random) {
        List<String> lines = new ArrayList<>();
        if (random.nextInt(8) > 0) {
            lines.add(Dialogue.HELLO);
        }
        List<String> some = List.of(Dialogue.HELLO, "DEVICES?", "HANDLERS?", "CLOSE h1", HANDLE, BEGIN, "DONE", "", "x",
            BEGIN.replace(MAC, macs(70)), HANDLE.replace("192", "tls:@192"), " ".repeat(1100), "HELLO a 1", RESUME,
            "RESUME h7 " + OTHER_TOKEN, "RESUME h7", BEGIN.replace("BEGIN", "TAKE"), HANDLE.replace("HANDLE", "MOVE"),
            HANDLE + " AUTO FEC:10+3", HANDLE + " UDP FEC:10", BEGIN + " udp", BEGIN + " AUTO x");
        for (int i = random.nextInt(12); i > 0; i--) {
            lines.add(random.nextInt(5) == 0 ? noise(random) : some.get(random.nextInt(some.size())));
        }
        String text = String.join(random.nextBoolean() ? "\n" : "\r\n", lines) + (random.nextBoolean() ? "\n" : "");
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(3); i > 0 && bytes.length > 0 && random.nextInt(4) == 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    private static String noise(SplittableRandom random) {
        int low = random.nextInt(3) > 0 ? ' ' : 0;
        int high = low == 0 ? 256 : 127;
        return random.ints(random.nextInt(60), low, high).mapToObj(c -> String.valueOf((char) c))
            .collect(Collectors.joining());
    }
}
