package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.TestRun;

/**
 * Kernels of three hosts join groups and leave them again, on TAPs of two switches with a trunk between them. {@code
 * ta} sends, the others see what comes to them.
 */
@ResourceLock("the network of Namespaces")
class MulticastIT {
    private static final String TOPOLOGY = """
        network: %s
        hosts:
          a: { netns: true }
          b: { netns: true }
          c: { netns: true }
        switches:
          lan: { host: a, multicast: { querier: true, query-interval: 3s } }
          far: { host: c, multicast: { query-interval: 3s } }
        links:
          - ends: [far, lan]
        taps:
          ta: { host: a, switch: lan, addresses: [10.91.0.1/24, fd91::1/64] }
          tb: { host: b, switch: lan, addresses: [10.91.0.2/24, fd91::2/64] }
          tc: { host: c, switch: far, addresses: [10.91.0.3/24, fd91::3/64] }
          td: { host: c, switch: far, addresses: [10.91.0.4/24, fd91::4/64] }
        """.formatted(Namespaces.NETWORK);
    private static final String IPV4 = "239.91.0.9";
    private static final String IPV6 = "ff15::91";
    /** What every switch sends to all. */
    private static final String IPV4_MARKER = "224.0.0.251";
    private static final String IPV6_MARKER = "ff02::fb";
    private static final Path SCRIPTS = Product.ROOT.resolve("examples/publish-subscribe");
    /** Frames of which none may go astray. */
    private static final int ROUNDS = 3;

    @TempDir
    private static Path directory;
    private static Namespaces net;
    private final List<Capture> captures = new ArrayList<>();

    @BeforeAll
    static void makeNet() throws Exception {
        net = new Namespaces(directory);
    }

    @AfterAll
    static void clean() {
        if (net != null) {
            net.clean();
        }
    }

    private void up(String topology) throws Exception {
        net.write(topology);
        net.up();
        TestRun.await("addresses that are not tentative",
            () -> !Namespaces.host("a").in("ip -6 address show dev ta").contains("tentative"));
        captures.add(capture("b", "tb"));
        captures.add(capture("c", "tc"));
        captures.add(capture("c", "td"));
    }

    private static Capture capture(String host, String device) throws IOException {
        return new Capture(directory, Namespaces.host(host), device, "ip multicast or ip6 multicast");
    }

    /** How many echo requests to a group have come. */
    private static long count(Capture capture, String group) {
        return capture.lines().filter(line -> line.contains(" > " + group + ": ICMP")).count();
    }

    /** A TAP that is not made again for the next test keeps its memberships. */
    @AfterEach
    void endCapturesAndLeave() {
        for (Capture capture : captures) {
            capture.close();
            capture.host().tried("ip address delete " + IPV4 + "/32 dev " + capture.device());
            capture.host().tried("ip address delete " + IPV6 + "/128 dev " + capture.device());
        }
    }

    private static void join(String host, String device) {
        Namespaces.host(host).ip("address add " + IPV4 + "/32 dev " + device + " autojoin",
            "address add " + IPV6 + "/128 dev " + device + " autojoin nodad");
    }

    private static void leave(String host, String device) {
        Namespaces.host(host).ip("address delete " + IPV4 + "/32 dev " + device,
            "address delete " + IPV6 + "/128 dev " + device);
    }

    private static void send(String group) {
        Namespaces.host("a").tried("ping -q -c 1 -W 0.2 -I ta " + group);
    }

    /** The TAPs that a frame to a group has come to, when what was sent to all after it has come to all. */
    private List<String> receivers(String group) {
        String marker = group.contains(":") ? IPV6_MARKER : IPV4_MARKER;
        List<Long> before = captures.stream().map(capture -> count(capture, group)).toList();
        List<Long> marked = captures.stream().map(capture -> count(capture, marker)).toList();
        send(group);
        TestRun.await("what is sent to all", () -> {
            send(marker);
            return captures.stream().allMatch(each -> count(each, marker) > marked.get(captures.indexOf(each)));
        });
        return captures.stream().filter(each -> count(each, group) > before.get(captures.indexOf(each)))
            .map(Capture::device).toList();
    }

    private void awaitReceivers(String group, String... devices) {
        TestRun.await(group + " at " + List.of(devices) + " alone",
            () -> receivers(group).equals(List.of(devices)), () -> String.join("\n", table()));
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(receivers(group)).as(group).containsExactly(devices);
        }
    }

    /** {@code a lan 239.91.0.9 link:tb member}. */
    private static List<String> table() {
        try {
            JsonNode groups =
                new ObjectMapper().readTree(net.expect(Exit.OK, "inspect", "groups", "-f", "json").out());
            List<String> lines = new ArrayList<>();
            groups.forEach(group -> lines.add(String.join(" ", group.get("host").asText(),
                group.get("bridge").asText(), group.get("group").asText(), group.get("port").asText(),
                group.get("role").asText())));
            return lines;
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aGroupsFramesGoToItsMembersOverLinksToo() throws Exception {
        up(TOPOLOGY);
        join("b", "tb");
        join("c", "tc");
        awaitReceivers(IPV4, "tb", "tc");
        awaitReceivers(IPV6, "tb", "tc");
        for (String group : List.of(IPV4, IPV6)) {
            assertThat(table()).contains("a lan " + group + " link:tb member",
                "a lan " + group + " link:far:lan member", "c far " + group + " tc member");
        }
        assertThat(table()).contains("a lan * null querier", "c far * link:far:lan querier",
            "c far * link:far:lan router").doesNotContain("c far " + IPV4 + " td member");
        assertThat(net.expect(Exit.OK, "inspect", "groups", "-n", Namespaces.NETWORK).out())
            .containsPattern(" a +lan +\\* +- +querier +igmp-v3").containsPattern(" a +lan +\\* +- +querier +mld-v2")
            .containsPattern(" a +lan +239\\.91\\.0\\.9 +link:tb +member +igmp-v3 +\\d")
            .containsPattern(" c +far +ff15::91 +tc +member +mld-v2 +\\d");

        leave("c", "tc");
        awaitReceivers(IPV4, "tb");
        awaitReceivers(IPV6, "tb");
        leave("b", "tb");
        awaitReceivers(IPV4, "tb", "tc", "td");
        assertThat(table()).noneMatch(line -> line.contains(IPV4));
    }

    @Test
    void unknownGroupsAreDroppedWhereTheFileSaysSo() throws Exception {
        up(TOPOLOGY.replace("querier: true,", "querier: true, unknown: drop,"));
        awaitReceivers(IPV4);
        join("c", "td");
        awaitReceivers(IPV4, "td");
        awaitReceivers(IPV6, "td");
        assertThat(net.expect(Exit.OK, "inspect", "ports").out()).containsPattern(" a +ta +tap .*no-member=\\d+");
        leave("c", "td");
        awaitReceivers(IPV6);
    }

    @Test
    void whoDoesNotSnoopFloods() throws Exception {
        up(TOPOLOGY.replaceAll("multicast: \\{.*?}", "multicast: { snooping: false }"));
        join("b", "tb");
        awaitReceivers(IPV4, "tb", "tc", "td");
        assertThat(table()).isEmpty();
    }

    /** {@code examples/publish-subscribe}: subscribers get their topics, whoever publishes, and nothing else. */
    @Test
    void subscribersGetTheirTopicsAndNothingElse() throws Exception {
        TestRun.requireGuests();
        net.write(Files.readString(SCRIPTS.resolve("publish-subscribe.yaml"))
            .replace("network: publish-subscribe", "network: " + Namespaces.NETWORK));
        net.up();
        Path toAlice = directory.resolve("alice.txt");
        Path toBob = directory.resolve("bob.txt");
        Process alice = run(toAlice, "subscribe", "alice", "weather", "sport");
        Process bob = run(toBob, "subscribe", "bob", "sport");
        try {
            publishUntil("sport", "two to one", toAlice, toBob);
            publishUntil("weather", "rain, later sun", toAlice);
            assertThat(run(directory.resolve("stocks.txt"), "publish", "newsroom", "stocks", "up").waitFor()).isZero();
            publishUntil("sport", "the end", toAlice, toBob);
            assertThat(Product.read(toAlice).lines().distinct())
                .containsExactly("sport: two to one", "weather: rain, later sun", "sport: the end");
            assertThat(Product.read(toBob).lines().distinct()).containsExactly("sport: two to one", "sport: the end");
        } finally {
            alice.destroy();
            bob.destroy();
            alice.waitFor();
            bob.waitFor();
        }
    }

    private static Process run(Path output, String script, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
        argv.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(argv).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("VIOLIN_HOME", net.product.home().toString());
        return builder.start();
    }

    /** Publishes again until all have it: a datagram that comes before its group is joined is nobody's. */
    private static void publishUntil(String topic, String text, Path... receivers) {
        Path output = directory.resolve("publish.txt");
        TestRun.await(topic + ": " + text, () -> {
            try {
                assertThat(run(output, "publish", "stadium", topic, text).waitFor()).as(Product.read(output)).isZero();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
            return List.of(receivers).stream()
                .allMatch(receiver -> Product.read(receiver).contains(topic + ": " + text + "\n"));
        }, () -> String.join("\n", table()));
    }
}
