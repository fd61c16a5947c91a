package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.Seeds;
import org.violin.control.TestRun;
import org.violin.control.keys.Guesses;
import org.violin.control.keys.SharedKey;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.UdpPortSpec;
import org.violin.dataplane.PortStatus;

/** Guests that ask for their ports, over real connections, and those who should not get any. */
class PortDeskTest {
    private static final int MUTATIONS = 5000;

    @TempDir
    private Path directory;
    private final MemoryDriver driver = new MemoryDriver();
    private final Events events = new Events(Clock.systemUTC(), 64, 64);
    private Engine engine;
    private PortDesk desk;
    private SharedKey token;
    private NetworkSpec file;

    @BeforeEach
    void start() {
        if (token == null) {
            token = SharedKey.create(directory.resolve("uml.key"));
            file = new NetworkSpec.Builder("n1", "a").bridges(List.of(BridgeSpec.lan("lan1", 1024, 300)))
                .udpPorts(List.of(onRequest("uml", "10.0.0.1:1701", "uml.key"),
                    onRequest("lost", "10.0.0.1:1702", "no.key"),
                    UdpPortSpec.vxlan("rack", "lan1", "10.0.0.1:4789", "10.0.0.9:4789", 42))).build()
                .withImpairment("uml", LineSpec.NONE.withDown(true));
        }
        engine = new Engine(driver, directory.resolve("journal"), events);
        engine.restore();
        desk = PortDesk.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), engine);
    }

    @AfterEach
    void stop() throws IOException {
        desk.close();
        engine.close();
    }

    private UdpPortSpec onRequest(String name, String local, String tokenFile) {
        return new UdpPortSpec(name, "lan1", UdpPortSpec.Kind.L2TPV3, local, "", 0, 0, 0, "", "", false,
            directory.resolve(tokenFile).toString());
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), desk.port());
    }

    private String ask(String verb, int port) throws IOException {
        return PortTalk.ask(address(), verb, "n1", "uml", port, token);
    }

    private UdpPortSpec uml() {
        return engine.spec("n1").udpPorts().getFirst();
    }

    private long count(String network, String outcome) {
        return desk.counts(null).stream().filter(count -> count.network().equals(network)
            && count.outcome().equals(outcome)).mapToLong(PortDesk.Count::times).sum();
    }

    /** One conversation, from an address of the loopback: what the desk says to it. */
    private String talk(String source, UnaryOperator<String> request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(source, 0));
            socket.connect(address());
            String greeting = PortTalk.receive(socket, deadlineNs());
            if (greeting.startsWith(PortTalk.REFUSED)) {
                return greeting;
            }
            PortTalk.send(socket, request.apply(greeting));
            return PortTalk.receive(socket, deadlineNs());
        }
    }

    private static long deadlineNs() {
        return System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    }

    private static String request(SharedKey key, String greeting, String verb, String network, String name,
            String from) {
        String asked = String.join(" ", verb, network, name, from, "ab".repeat(32));
        return asked + " " + PortTalk.proof(key, greeting, asked);
    }

    @Test
    void aGuestGetsItsPortAndGivesItBack() throws Exception {
        engine.apply(file);
        assertThat(driver.ports()).extracting(PortStatus::name).containsExactly("n1/rack");
        assertThat(ask("request", 1702)).matches("transport=l2tpv3,udp=1,src=127\\.0\\.0\\.1,srcport=1702,"
            + "dst=10\\.0\\.0\\.1,dstport=1701,tx_session=" + uml().localSession() + ",rx_session="
            + uml().remoteSession() + ",cookie64=1,tx_cookie=0x" + uml().localCookie() + ",rx_cookie=0x"
            + uml().remoteCookie());
        assertThat(uml().remote()).isEqualTo("127.0.0.1:1702");
        assertThat(uml().localCookie()).hasSize(16).isNotEqualTo(uml().remoteCookie());
        assertThat(driver.ports()).extracting(PortStatus::name).containsExactlyInAnyOrder("n1/rack", "n1/uml");
        assertThat(engine.impairments()).containsKey("n1/uml");
        assertThat(engine.plan(file)).as("the file leaves it alone").isEmpty();
        assertThat(engine.apply(file)).isEmpty();

        UdpPortSpec granted = uml();
        stop();
        driver.loseDaemon();
        start();
        assertThat(uml()).isEqualTo(granted);
        assertThat(driver.ports()).extracting(PortStatus::name).contains("n1/uml");

        assertThatThrownBy(() -> ask("release", 1703)).hasMessage("refused: wrong-address");
        assertThat(ask("release", 1702)).isEmpty();
        assertThat(uml()).isEqualTo(file.udpPorts().getFirst());
        assertThat(driver.ports()).extracting(PortStatus::name).containsExactly("n1/rack");
        assertThat(count("n1", "released")).isOne();
        assertThat(events.recent()).extracting(Event::kind).contains("port-granted", "port-released", "port-refused");
    }

    @Test
    void whoAsksLaterHasThePort() throws Exception {
        engine.apply(file);
        ask("request", 1702);
        UdpPortSpec first = uml();
        ask("request", 1703);
        assertThat(uml().remote()).isEqualTo("127.0.0.1:1703");
        assertThat(uml().localCookie()).isNotEqualTo(first.localCookie());
        ask("request", 1703);
        assertThat(count("n1", "granted")).isEqualTo(3);
        engine.apply(file.withUdpPort(onRequest("uml", "10.0.0.1:1711", "uml.key")));
        assertThat(uml().hasPeer()).as("another port").isFalse();
    }

    @Test
    void allElseIsRefusedAndCounted() throws Exception {
        engine.apply(file);
        SharedKey other = SharedKey.create(directory.resolve("other.key"));
        String here = "127.0.0.2:1702";
        assertThat(List.of(
            talk("127.0.0.2", hello -> request(token, hello, "request", "n2", "uml", here)),
            talk("127.0.0.2", hello -> request(token, hello, "request", "n1", "uml2", here)),
            talk("127.0.0.2", hello -> request(token, hello, "request", "n1", "rack", here)),
            talk("127.0.0.2", hello -> request(token, hello, "request", "n1", "lost", here)),
            talk("127.0.0.2", hello -> request(other, hello, "request", "n1", "uml", here))))
            .containsOnly("refused not admitted");
        assertThat(talk("127.0.0.2", hello -> request(token, hello, "request", "n1", "uml", "127.0.0.3:1702")))
            .isEqualTo("refused wrong-address");
        assertThat(talk("127.0.0.2", hello -> request(token, hello, "request", "n1", "uml", "127.0.0.2:0")))
            .isEqualTo("refused malformed");
        assertThat(desk.counts("n1")).containsExactlyInAnyOrder(new PortDesk.Count("", "unknown-network", 1),
            new PortDesk.Count("n1", "unknown-name", 1), new PortDesk.Count("n1", "not-on-request", 1),
            new PortDesk.Count("n1", "token-unreadable", 1), new PortDesk.Count("n1", "wrong-token", 1),
            new PortDesk.Count("n1", "wrong-address", 1), new PortDesk.Count("n1", "malformed", 1));
        assertThat(uml().hasPeer()).isFalse();
        assertThat(events.recent().toString()).contains("wrong-token, from 127.0.0.2").doesNotContain("ab".repeat(32));
    }

    @Test
    void aPortThatCannotBeMadeIsRefused() throws Exception {
        engine.apply(file);
        driver.failAt("openUdpPort uml");
        assertThatThrownBy(() -> ask("request", 1702)).hasMessage("refused: failed");
        assertThat(uml().hasPeer()).isFalse();
        assertThat(count("n1", "failed")).isOne();
        driver.failAt("");
        ask("request", 1702);
    }

    @Test
    void whatWasHeardOnceIsOfNoUse() throws Exception {
        engine.apply(file);
        String[] heard = new String[1];
        assertThat(talk("127.0.0.2", hello -> {
            heard[0] = request(token, hello, "request", "n1", "uml", "127.0.0.2:1702");
            return heard[0];
        })).startsWith("granted transport=l2tpv3");
        UdpPortSpec granted = uml();
        assertThat(talk("127.0.0.2", hello -> heard[0])).isEqualTo("refused not admitted");
        assertThat(uml()).isEqualTo(granted);
    }

    @Test
    void whoAnswersWithoutTheTokenIsNotBelieved() throws Exception {
        engine.apply(file);
        SharedKey other = SharedKey.create(directory.resolve("other.key"));
        assertThatThrownBy(() -> PortTalk.ask(address(), "request", "n1", "uml", 1702, other))
            .hasMessage("refused: not admitted");
        try (ServerSocket impostor = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = impostor.accept()) {
                    PortTalk.send(socket, PortTalk.greeting());
                    PortTalk.receive(socket, deadlineNs());
                    PortTalk.send(socket, "granted transport=l2tpv3,dst=192.0.2.66 " + "0".repeat(64));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThatThrownBy(() -> PortTalk.ask((InetSocketAddress) impostor.getLocalSocketAddress(), "request",
                "n1", "uml", 1702, token)).hasMessage("what answers does not have the token");
        }
    }

    @Test
    void linesThatAreNoneAreRefused() throws Exception {
        engine.apply(file);
        String valid = request(token, "violin-port 1", "request", "n1", "uml", "127.0.0.1:1702");
        List<String> lines = List.of("", " ", "GET / HTTP/1.1", "request", "request n1 uml", valid + " ", " " + valid,
            valid.toUpperCase(Locale.ROOT), valid.replace("uml", "../uml"), valid.replace("uml", "u".repeat(32)),
            valid.replace("127.0.0.1", "localhost"), valid.replace("request", "grant"), "\t", "\0\1",
            "x".repeat(600));
        int source = 2;
        for (String line : lines) {
            String from = "127.0.0." + source++;
            try {
                assertThat(talk(from, hello -> line)).as(line).isEqualTo("refused malformed");
            } catch (IOException e) {
                // Of what is no text, or too long, it does not read the rest, and so the answer may be lost.
                assertThat(line).as(e.toString()).doesNotMatch("[ -~]{0," + PortTalk.LINE_BYTES_MAX + "}");
            }
        }
        TestRun.await("all refusals", () -> count("", "malformed") == lines.size());
        assertThat(uml().hasPeer()).isFalse();
        ask("request", 1702);
    }

    /** Whatever is changed in a request, its proof is of another one. */
    @Test
    void noChangeOfARequestIsLetThrough() {
        SplittableRandom random = Seeds.random("PortDeskTest");
        String greeting = PortTalk.greeting();
        byte[] valid = request(token, greeting, "request", "n1", "uml", "127.0.0.1:1702")
            .getBytes(StandardCharsets.US_ASCII);
        int parsed = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] changed = valid.clone();
            int at = random.nextInt(changed.length);
            changed[at] = (byte) "0123456789abcdef. :-[]rq".charAt(random.nextInt(24));
            String line = new String(changed, StandardCharsets.US_ASCII);
            Matcher request = PortTalk.REQUEST.matcher(line);
            if (changed[at] != valid[at] && request.matches()) {
                parsed++;
                assertThat(PortTalk.same(PortTalk.proof(token, greeting, line.substring(0, request.start(5) - 1)),
                    request.group(5))).as(line).isFalse();
            }
        }
        assertThat(parsed).isGreaterThan(MUTATIONS / 10);
    }

    @Test
    void whoAsksTooOftenKeepsNobodyElseOut() throws Exception {
        engine.apply(file);
        String answer = "";
        for (int i = 0; i < 10 * Guesses.BURST && !answer.equals("refused too-often"); i++) {
            answer = talk("127.0.0.2", hello -> "x");
        }
        assertThat(answer).isEqualTo("refused too-often");
        assertThat(count("", "too-often")).isPositive();
        ask("request", 1702);
        assertThat(Files.readString(directory.resolve("journal"))).contains("127.0.0.1:1702");
        assertThat(events.recent()).as("not one for each").hasSizeLessThan(20);
    }
}
