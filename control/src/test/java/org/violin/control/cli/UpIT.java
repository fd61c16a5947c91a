package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.TestRun;
import org.violin.control.client.DaemonClient;

/** A network of namespaces and TAPs that is up, looked at and changed. Each test leaves it as it was. */
@ResourceLock("the network of Namespaces")
class UpIT {
    @TempDir
    private static Path directory;
    private static Namespaces net;

    @BeforeAll
    static void up() throws Exception {
        net = new Namespaces(directory);
        assertThat(net.up().out()).contains("network " + Namespaces.NETWORK + " is up").doesNotContain("\u001b");
    }

    @AfterAll
    static void down() {
        if (net != null) {
            net.clean();
            assertThat(net.expect(Exit.OK, "status").out()).contains("no network is up");
        }
    }

    @Test
    void aNetworkCarriesFramesAndShowsItself() throws Exception {
        Namespaces.assertPings("a", "10.91.0.2");
        Namespaces.assertPings("b", "10.91.0.1");
        assertThat(net.expect(Exit.OK, "status").out()).contains(Namespaces.NETWORK, "1/1");
        JsonNode ports = new ObjectMapper().readTree(net.expect(Exit.OK, "inspect", "ports", "-f", "json").out());
        assertThat(ports).isNotEmpty().allSatisfy(port -> assertThat(port.get("up").asBoolean()).isTrue());
        assertThat(ports).extracting(port -> port.get("detail").asText())
            .anyMatch(detail -> detail.matches("198\\.18\\.\\d+\\.\\d+:\\d+ link \\d+ gso gro"))
            .anyMatch(detail -> detail.startsWith("ta csum tso"));
        assertThat(net.expect(Exit.OK, "inspect", "ports").out())
            .containsPattern("link:tb.* link \\d+ gso gro\n").containsPattern(" ta .* ta csum tso");
        assertThat(net.expect(Exit.OK, "inspect", "macs", "-n", Namespaces.NETWORK).out()).contains("ta", "lan");
        assertThat(net.expect(Exit.OK, "inspect", "links").out()).contains("link:tb", "up");
        assertThat(net.expect(Exit.OK, "events").out()).contains("tunnel-up");
    }

    /** The daemons share a key that nobody else can read, and their underlay carries nothing that can be read. */
    @Test
    void whatGoesBetweenTheHostsIsSealed() throws Exception {
        Path key = net.product.home().resolve("networks").resolve(Namespaces.NETWORK).resolve("tunnel.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key))).isEqualTo("rw-------");
        for (String host : new String[] {"a", "b"}) {
            assertThat(net.state(host).resolve("daemon.log")).content().contains("tunnels: sealed by key");
        }
        assertThat(net.expect(Exit.OK, "inspect", "tunnels").out())
            .containsPattern("a +b +198\\.18\\.\\d+\\.\\d+:\\d+ +udp +up +yes( +\\d+\\.\\d\\d){4}");
        assertThat(net.isReadable("a", "ta", "10.91.0.2")).as("on the TAP").isTrue();
        assertThat(net.isReadable("a", underlayDevice(), "10.91.0.2")).as("on the underlay").isFalse();
    }

    @Test
    void theWaysBetweenHostsAreTriedAndExplained() {
        assertThat(net.expect(Exit.OK, "status").out())
            .containsPattern("a +b +198\\.18\\.\\S+ +udp +up +\\d+\\.\\d\\d .* \\d+\\.\\d\\d +\\d+\\.\\d\\d +1500\n");
        assertThat(net.expect(Exit.OK, "netcheck").out()).containsPattern("a +b +198\\.18\\.\\S+ +good +round trip")
            .containsPattern("b +a +198\\.18\\.\\S+ +good +round trip");
        assertThat(net.expect(Exit.OK, "ping", Namespaces.NETWORK, "b", "-c", "3", "--interval", "10ms").out())
            .containsPattern("a -> b \\(198\\.18\\.\\S+\\): 3 of 3 answered, round trip min \\d+\\.\\d+, median");
        assertThat(net.expect(Exit.DEGRADED, "ping", Namespaces.NETWORK, "b", "-c", "1", "--bytes", "9000").out())
            .as("longer than the path carries").contains("0 of 1 answered");
        assertThat(net.expect(Exit.USAGE, "ping", Namespaces.NETWORK, "nobody").err()).contains("tunnel to nobody");
        assertThat(net.expect(Exit.USAGE, "ping", Namespaces.NETWORK, "b", "--bytes", "0").err()).contains("1 to");
    }

    private static String underlayDevice() {
        return Namespaces.host("a").in("ip -o link show type veth").split("[:@ ]+")[1];
    }

    @Test
    void framesAreTimedAndTraced() throws Exception {
        for (String format : new String[] {"table", "json"}) {
            Product.Running trace = net.product.start("trace", Namespaces.NETWORK, "--every", "1", "--count", "30",
                "--seconds", "60", "-f", format);
            while (trace.process.isAlive()) {
                Namespaces.assertPings("a", "10.91.0.2");
            }
            Product.Result result = trace.await();
            assertThat(result.exit()).as(result.all()).isZero();
            if (format.equals("table")) {
                assertThat(result.out()).containsPattern("a +ta +link:tb +\\d+ +frame( +\\d+\\.\\d){5}\n")
                    .containsPattern("b +link:tb +tb +\\d+ +frame( +\\d+\\.\\d){5}\n").contains("medians:");
            } else {
                assertThat(new ObjectMapper().readTree(result.out())).hasSize(60)
                    .allSatisfy(frame -> assertThat(frame.get("readNanos").asLong()).isPositive());
            }
        }
        JsonNode ports = new ObjectMapper().readTree(net.expect(Exit.OK, "inspect", "latency", "-f", "json").out());
        assertThat(ports).hasSize(4).allSatisfy(port -> {
            long frames = 0;
            for (JsonNode bucket : port.get("buckets")) {
                frames += bucket.get("count").asLong();
            }
            assertThat(port.get("frames").asLong()).isPositive().isEqualTo(frames);
            assertThat(port.get("p50Nanos").asLong()).isBetween(1L, port.get("maxNanos").asLong());
        });
        assertThat(net.expect(Exit.OK, "inspect", "latency").out()).containsPattern("a +link:tb +link +lan +[1-9]");
        assertThat(net.expect(Exit.OK, "status").out()).containsPattern("P99-US\n.* \\d+\\.\\d\n");
    }

    private static String setLink(String... arguments) {
        List<String> line = new ArrayList<>(List.of("link", "set", Namespaces.NETWORK));
        line.addAll(List.of(arguments));
        return net.expect(Exit.OK, line.toArray(String[]::new)).out();
    }

    /** Of a port: how many frames link emulation has dropped for this reason. */
    private static long drops(String host, String port, String reason) throws Exception {
        JsonNode ports = new ObjectMapper().readTree(
            net.expect(Exit.OK, "inspect", "ports", "-n", Namespaces.NETWORK, "-f", "json").out());
        for (JsonNode each : ports) {
            if (each.get("host").asText().equals(host) && each.get("name").asText().equals(port)) {
                return each.get("drops").path(reason).asLong();
            }
        }
        throw new AssertionError("no " + port + " on " + host + ": " + ports);
    }

    @Test
    void aLinkIsMadeWorseAndMendedWhileItIsUp() throws Exception {
        long a = net.daemonPid("a");
        assertThat(setLink("link:tb", "--delay", "5ms", "--jitter", "1ms"))
            .isEqualTo("a: link:tb: delay 5ms, jitter 1ms\nb: link:tb: delay 5ms, jitter 1ms\n");
        Namespaces.assertPings("a", "10.91.0.2");
        assertThat(setLink("link:tb", "--down"))
            .isEqualTo("a: link:tb: down, delay 5ms, jitter 1ms\nb: link:tb: down, delay 5ms, jitter 1ms\n");
        long before = drops("a", "link:tb", "impair-down");
        Namespaces.assertNoPings("a", "10.91.0.2");
        assertThat(drops("a", "link:tb", "impair-down")).isGreaterThanOrEqualTo(before + 2);
        assertThat(net.expect(Exit.OK, "link", "ls", Namespaces.NETWORK).out())
            .containsPattern("a +link:tb +link +lan +down, delay 5ms, jitter 1ms +impair-down=\\d+ +- +- +- +-\n")
            .containsPattern("a +ta +tap +lan +- +- +- +- +- +-\n");
        assertThat(net.expect(Exit.OK, "inspect", "links").out()).containsPattern(" down, delay 5ms, jitter 1ms\n");
        assertThat(setLink("link:tb", "--up"))
            .isEqualTo("a: link:tb: delay 5ms, jitter 1ms\nb: link:tb: delay 5ms, jitter 1ms\n");
        assertThat(setLink("link:tb", "--up")).isEqualTo(
            "a: link:tb: delay 5ms, jitter 1ms (as before)\nb: link:tb: delay 5ms, jitter 1ms (as before)\n");
        Namespaces.assertPings("a", "10.91.0.2");

        assertThat(setLink("tb", "--loss", "100%")).isEqualTo("b: tb: loss 100%\n");
        Namespaces.assertNoPings("a", "10.91.0.2");
        assertThat(drops("b", "tb", "impair-loss")).isPositive();
        JsonNode ports = new ObjectMapper().readTree(
            net.expect(Exit.OK, "link", "ls", Namespaces.NETWORK, "-f", "json").out());
        assertThat(ports).anySatisfy(port -> assertThat(port.path("impairment").path("loss").asDouble()).isOne());
        assertThat(net.expect(Exit.FAILED, "link", "set", Namespaces.NETWORK, "link:tb", "--jitter", "6ms").err())
            .contains("link:tb on a would have jitter: 6000000 ns: at most the delay, 5000000 ns. Nothing is changed");
        assertThat(setLink("link:tb", "--clear"))
            .isEqualTo("a: link:tb: not impaired\nb: link:tb: not impaired\n");

        assertThat(net.expect(Exit.OK, "up", net.file.toString(), "--dry-run").out())
            .isEqualTo("a: nothing to change\nb:\n  impair tb no more\n");
        net.up();
        Namespaces.assertPings("a", "10.91.0.2");
        assertThat(net.daemonPid("a")).isEqualTo(a);
    }

    private static long recovered(String host) throws Exception {
        JsonNode tunnels =
            new ObjectMapper().readTree(net.expect(Exit.OK, "inspect", "tunnels", "-f", "json").out());
        for (JsonNode tunnel : tunnels) {
            if (tunnel.get("host").asText().equals(host)) {
                return tunnel.get("recovered").asLong();
            }
        }
        throw new AssertionError("no tunnel on " + host + ": " + tunnels);
    }

    @Test
    void aTunnelIsProtectedWhileItCarriesFramesAndMendsALossyPath() throws Exception {
        Path log = directory.resolve("ping.txt");
        Netns a = Namespaces.host("a");
        Netns b = Namespaces.host("b");
        Process pinging = new ProcessBuilder(a.command("ping -i 0.002 -w 60 -s 500 10.91.0.2"))
            .redirectOutput(log.toFile()).start();
        assertThat(setLink("link:tb", "--fec", "4+4x2/ordered"))
            .isEqualTo("a: link:tb: not impaired, fec 4+4x2/ordered\n"
                + "b: link:tb: not impaired, fec 4+4x2/ordered\n");
        assertThat(setLink("link:tb", "--fec", "off")).doesNotContain("fec");
        assertThat(setLink("link:tb", "--fec", "10+6")).contains("b: link:tb: not impaired, fec 10+6\n");
        Namespaces.signal("INT", pinging.pid());
        assertThat(pinging.waitFor()).isZero();
        // The last may have been under way; that all before have come is what their numbers say.
        List<MatchResult> answers = Pattern.compile("icmp_seq=(\\d+) ttl").matcher(Files.readString(log)).results()
            .toList();
        assertThat(answers).hasSizeGreaterThan(100).hasSize(Integer.parseInt(answers.getLast().group(1)));

        assertThat(net.expect(Exit.OK, "link", "ls", Namespaces.NETWORK).out())
            .containsPattern("b +link:tb +link +tb +- +- +10\\+6 +- +- +-\n");
        b.filter("udp dport 7000 numgen random mod 20 < 1 drop");
        try {
            Matcher lost = Pattern.compile("([\\d.]+)% packet loss")
                .matcher(a.in("ping -q -c 1500 -i 0.002 -s 500 10.91.0.2"));
            assertThat(lost.find()).isTrue();
            assertThat(Double.parseDouble(lost.group(1))).as("of 5 % there").isLessThan(1);
            assertThat(recovered("b")).isGreaterThan(10);
        } finally {
            b.filterNothing();
        }
        net.write(Namespaces.TWO_HOSTS + "tunnels: [{ ends: [b, a], fec: 10+6/ordered }]\n");
        net.up();
        assertThat(net.expect(Exit.OK, "inspect", "tunnels").out()).containsPattern("a +b .* 10\\+6/ordered ")
            .containsPattern("b +a .* 10\\+6/ordered ");
        net.write(Namespaces.TWO_HOSTS);
        assertThat(net.up().out()).containsPattern("a +1 step\n");
        Namespaces.assertPings("a", "10.91.0.2");
    }

    /** Until the tunnel is up at both ends, and goes this way. */
    private static void awaitWays(String start) {
        TestRun.await("both ends by " + start, () -> Stream.of("a", "b")
            .flatMap(host -> new DaemonClient(host, net.state(host).resolve("api.sock")).tunnels(Namespaces.NETWORK)
                .stream())
            .allMatch(tunnel -> tunnel.way().startsWith(start) && tunnel.state().equals("up")));
    }

    /**
     * To a stream, to datagrams where they pass, to another stream, and back: no frame is lost. Then UDP is blocked.
     */
    @Test
    void aTunnelChangesItsTransportWhileItCarriesFrames() throws Exception {
        Path log = directory.resolve("transports.txt");
        Netns b = Namespaces.host("b");
        Process pinging = new ProcessBuilder(
            Namespaces.host("a").command("ping -i 0.002 -w 60 -s 500 10.91.0.2")).redirectOutput(log.toFile()).start();
        assertThat(setLink("link:tb", "--transport", "tls"))
            .isEqualTo("a: link:tb: not impaired, transport tls\nb: link:tb: not impaired, transport tls\n");
        awaitWays("tls via 198.18.");
        assertThat(net.expect(Exit.OK, "status").out()).containsPattern("a +b +198.18.[0-9.]+:7000 +tls via .* +up");
        assertThat(net.expect(Exit.OK, "netcheck").out()).containsPattern("good.*, by tls via ");
        setLink("link:tb", "--transport", "auto");
        awaitWays("udp");
        setLink("link:tb", "--transport", "tcp");
        awaitWays("tcp via 198.18.");
        assertThat(setLink("link:tb", "--transport", "udp")).doesNotContain("transport");
        awaitWays("udp");
        Namespaces.signal("INT", pinging.pid());
        assertThat(pinging.waitFor()).isZero();
        // The last may have been under way; that all before have come is what their numbers say.
        List<Integer> answers = Pattern.compile("icmp_seq=(\\d+) ttl").matcher(Files.readString(log)).results()
            .map(answer -> Integer.parseInt(answer.group(1))).sorted().toList();
        assertThat(answers).hasSizeGreaterThan(500).hasSize(answers.getLast());

        setLink("link:tb", "--transport", "auto");
        b.filter("iif != lo udp dport 7000 drop");
        try {
            awaitWays("tls via");
            Namespaces.assertPings("a", "10.91.0.2");
        } finally {
            b.filterNothing();
        }
        awaitWays("udp");
        setLink("link:tb", "--transport", "udp");
        Namespaces.assertPings("a", "10.91.0.2");
    }

    /** What the kernel says of a packet that may not be fragmented. */
    private static String longPing() {
        return Namespaces.host("a").tried("ping -M do -c 1 -W 10 -s 1472 10.91.0.2").output();
    }

    @Test
    void sendersAreToldWhatFitsALink() throws Exception {
        assertThat(longPing()).contains(" 0% packet loss");
        assertThat(setLink("link:tb", "--df", "honor", "--mss-clamp", "auto")).isEqualTo(
            "a: link:tb: not impaired, mss-clamp auto, df honor\nb: link:tb: not impaired, mss-clamp auto, df honor\n");
        assertThat(longPing()).contains("From 10.91.0.2", "Frag needed and DF set (mtu = ");
        assertThat(drops("a", "link:tb", "too-big")).isOne();
        assertThat(net.expect(Exit.OK, "link", "ls", Namespaces.NETWORK).out())
            .containsPattern("b +link:tb +link +tb +- +- +- +- +auto +honor\n");
        assertThat(setLink("link:tb", "--df", "ignore"))
            .isEqualTo("a: link:tb: not impaired, mss-clamp auto\nb: link:tb: not impaired, mss-clamp auto\n");
        assertThat(net.expect(Exit.FAILED, "link", "set", Namespaces.NETWORK, "ta", "--df", "honor").err())
            .contains("only a link between two hosts has a tunnel to fit");
        net.write(Namespaces.TWO_HOSTS + "tunnels: [{ ends: [a, b], mss-clamp: 1300, df: honor }]\n");
        assertThat(net.up().out()).containsPattern("a +1 step\n");
        assertThat(net.expect(Exit.OK, "link", "ls", Namespaces.NETWORK).out())
            .containsPattern("link:tb.* 1300 +honor\n");
        net.write(Namespaces.TWO_HOSTS);
        net.up();
        Namespaces.host("a").in("ip route flush cache");
        assertThat(longPing()).contains(" 0% packet loss");
    }

    @Test
    void aFileChangesLinesAndLeavesPortsAlone() throws Exception {
        net.write(Namespaces.TWO_HOSTS.replace("tb: {", "tb: { impair: { down: true },"));
        long received = drops("b", "tb", "impair-down");
        assertThat(net.up().out()).containsPattern("a +nothing to change\n").containsPattern("b +1 step\n");
        Namespaces.assertNoPings("a", "10.91.0.2");
        assertThat(drops("b", "tb", "impair-down")).isGreaterThan(received);
        net.write(Namespaces.TWO_HOSTS);
        assertThat(net.up().out()).containsPattern("b +1 step\n");
        Namespaces.assertPings("a", "10.91.0.2");
        // The port is the one that it was: its counters go on.
        assertThat(drops("b", "tb", "impair-down")).isGreaterThan(received);
    }

    @Test
    void upAgainChangesNothing() throws Exception {
        long a = net.daemonPid("a");
        assertThat(net.up().out()).contains("nothing to change").doesNotContain("step").contains("daemon runs already");
        assertThat(net.daemonPid("a")).isEqualTo(a);
        assertThat(net.expect(Exit.OK, "up", net.file.toString(), "--dry-run").out())
            .isEqualTo("a: nothing to change\nb: nothing to change\n");
    }

    @Test
    void aChangedFileChangesOnlyTheDifference() throws Exception {
        long a = net.daemonPid("a");
        long b = net.daemonPid("b");
        net.write(Namespaces.THREE_HOSTS);
        assertThat(net.expect(Exit.OK, "up", net.file.toString(), "--dry-run").out()).contains("make namespace violin-"
            + Namespaces.NETWORK + "-c", "open link:tc").doesNotContain("open link:tb");
        assertThat(Leftovers.namespaces(Namespaces.NETWORK)).hasSize(3);
        net.up();
        Namespaces.assertPings("c", "10.91.0.2");
        net.write(Namespaces.TWO_HOSTS);
        assertThat(net.up().out()).contains("taken down");
        assertThat(Leftovers.namespaces(Namespaces.NETWORK)).hasSize(3);
        assertThat(net.state("c")).doesNotExist();
        Namespaces.assertPings("b", "10.91.0.1");
        assertThat(net.daemonPid("a")).isEqualTo(a);
        assertThat(net.daemonPid("b")).isEqualTo(b);
    }

    @Test
    void aFailureInAChangeLeavesTheNetworkAsItWas() throws Exception {
        net.write(Namespaces.THREE_HOSTS.replace("tc: {", "tc: { device: lo,").replace("tb:", "tb2:"));
        assertThat(net.expect(Exit.FAILED, "up", net.file.toString()).out()).contains("it is as it was before");
        assertThat(Leftovers.namespaces(Namespaces.NETWORK)).hasSize(3);
        Namespaces.assertPings("b", "10.91.0.1");
        net.write(Namespaces.TWO_HOSTS);
        assertThat(net.expect(Exit.OK, "up", net.file.toString(), "--dry-run").out())
            .isEqualTo("a: nothing to change\nb: nothing to change\n");
    }

    /** By an address of a TAP's that has the other host's underlay address look like a neighbour there. */
    @Test
    void aNetworkIsNotCarriedByItself() throws Exception {
        Matcher there = Pattern.compile("a +b +(198\\.18\\.\\d+)\\.(\\d+):7000")
            .matcher(net.expect(Exit.OK, "inspect", "tunnels").out());
        assertThat(there.find()).isTrue();
        String near = there.group(1) + (there.group(2).equals("77") ? ".78/24" : ".77/24");
        for (String changed : List.of(Namespaces.TWO_HOSTS.replace("10.91.0.1/24", "10.91.0.1/24, " + near),
            Namespaces.TWO_HOSTS + "  tx: { host: a, switch: lan, addresses: [" + near + "] }\n")) {
            net.write(changed);
            assertThat(net.expect(Exit.FAILED, "up", net.file.toString()).all())
                .contains("network " + Namespaces.NETWORK + " would be carried by itself: the route to 198.18.")
                .contains("as it was before");
            Namespaces.assertPings("a", "10.91.0.2");
        }
        net.write(Namespaces.TWO_HOSTS);
        assertThat(net.expect(Exit.OK, "up", net.file.toString(), "--dry-run").out())
            .isEqualTo("a: nothing to change\nb: nothing to change\n");
    }

    @Test
    void aKilledDaemonIsStartedAgain() throws Exception {
        Namespaces.signal("KILL", net.daemonPid("b"));
        Product.Result status = net.expect(Exit.DEGRADED, "status");
        assertThat(status.out()).contains("no answer");
        assertThat(net.expect(Exit.FAILED, "link", "set", Namespaces.NETWORK, "link:tb", "--down").err())
            .contains("link:tb: b: its daemon does not answer").contains("Nothing is changed");
        assertThat(net.up().out()).contains("daemon started");
        Namespaces.assertPings("a", "10.91.0.2");
    }
}
