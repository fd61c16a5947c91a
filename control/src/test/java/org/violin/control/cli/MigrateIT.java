package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.TestRun;

/** A switch that moves between three hosts while frames pass it: namespaces, with a TAP each. */
@ResourceLock("the network of Namespaces")
class MigrateIT {
    /** Two seconds' worth: many times what a loaded machine loses. */
    private static final int LOST_MAX = 2 * Traffic.PER_SECOND;
    private static final int BYTES = 1000;
    private static final int AFTER_EACH = 500;

    @TempDir
    private Path directory;
    private Namespaces net;

    @BeforeEach
    void up() throws Exception {
        net = new Namespaces(directory);
        net.write(Namespaces.THREE_HOSTS);
        net.up();
    }

    @AfterEach
    void down() {
        if (net != null) {
            net.clean();
        }
    }

    private String migrate(String host) {
        return net.expect(Exit.OK, "switch", "migrate", "lan", "--to", host).out();
    }

    /** The host on which each port of a kind is on a bridge of this name. */
    private List<String> on(String bridge, String kind) throws Exception {
        List<String> found = new ArrayList<>();
        for (JsonNode port : new ObjectMapper().readTree(
            net.expect(Exit.OK, "inspect", "ports", "-n", Namespaces.NETWORK, "-f", "json").out())) {
            if (port.get("bridge").asText().equals(bridge) && port.get("kind").asText().equals(kind)) {
                found.add(port.get("host").asText() + " " + port.get("name").asText());
            }
        }
        return found;
    }

    /** From host to host, all of which have no tunnel to the third before, and back: what is lost is counted. */
    @Test
    void connectionsSurviveAMoveThereAndBack() throws Exception {
        long daemon = net.daemonPid("b");
        Namespaces.host("c").in("iperf3 -s -1 -D");
        TestRun.await("the iperf3 server",
            () -> Namespaces.host("c").in("ss -Hltn sport = :5201").contains("5201"));
        Path report = directory.resolve("iperf.json");
        Process stream = new ProcessBuilder(
            Namespaces.host("a").command("iperf3 -c 10.91.0.3 -C cubic -b 20M -t 600"))
            .redirectErrorStream(true).redirectOutput(report.toFile()).start();
        try (Traffic traffic = new Traffic(Namespaces.host("b"), Namespaces.host("a"), "10.91.0.1", BYTES);
            Traffic across = new Traffic(Namespaces.host("c"), Namespaces.host("b"), "10.91.0.2", BYTES)) {
            TestRun.await("the stream", () -> connected("a"));
            String connection = connections("a");
            traffic.await(AFTER_EACH);
            across.await(AFTER_EACH);
            for (String host : List.of("b", "c", "a")) {
                assertThat(migrate(host)).containsPattern("lan is on " + host + ", no more on \\w: changed in \\d+ ms")
                    .contains("The topology file is as it was");
                traffic.await(AFTER_EACH);
                across.await(AFTER_EACH);
                assertThat(on("lan", "tap")).containsExactly(host + " t" + host);
                assertThat(on("lan", "link")).hasSize(2);
            }
            assertThat(connections("a")).as("the connections that there were before").isEqualTo(connection);
            long acknowledged = acknowledged("a");
            TestRun.await("more of the stream", () -> acknowledged("a") > acknowledged + 1_000_000);
            assertThat(stream.isAlive()).isTrue();
            for (Traffic each : List.of(traffic, across)) {
                Traffic.Report counted = each.end();
                System.out.println("MigrateIT: three moves, one datagram in 2 ms: " + counted);
                assertThat(counted.doubled()).isZero();
                assertThat(counted.lost().cardinality()).isLessThan(3 * LOST_MAX);
            }
        } finally {
            stream.destroy();
            stream.waitFor();
        }
        assertThat(net.daemonPid("b")).isEqualTo(daemon);
        Namespaces.assertPings("a", "10.91.0.2");
        assertThat(net.up().out()).as("the file says what is").doesNotContain("failed");
    }

    /** Bytes. */
    private static long acknowledged(String host) {
        return Pattern.compile("bytes_acked:(\\d+)")
            .matcher(Namespaces.host(host).in("ss -Htin state established dport = :5201")).results()
            .mapToLong(match -> Long.parseLong(match.group(1))).sum();
    }

    private static boolean connected(String host) {
        return connections(host).lines().count() >= 2;
    }

    /** Addresses and ports of those to iperf3. */
    private static String connections(String host) {
        return Namespaces.host(host).in("ss -Htn state established dport = :5201").lines()
            .map(line -> line.strip().replaceAll("^\\d+\\s+\\d+\\s+", "").replaceAll("\\s+", " "))
            .sorted().reduce("", (all, line) -> all + line + "\n");
    }

    /** The next {@code up} has the switch where the file says; what was made for it elsewhere is gone. */
    @Test
    void upBringsTheSwitchBackToWhereTheFileSays() throws Exception {
        migrate("c");
        Namespaces.assertPings("a", "10.91.0.2");
        net.up();
        assertThat(on("lan", "tap")).containsExactly("a ta");
        assertThat(on("tb", "tap")).containsExactly("b tb");
        Namespaces.assertPings("a", "10.91.0.2");
        Namespaces.assertPings("b", "10.91.0.3");
    }

    @Test
    void aMoveThatCannotBeLeavesAllAsItWas() throws Exception {
        assertThat(net.expect(Exit.FAILED, "switch", "migrate", "lan", "--to", "a").err())
            .contains("switch lan is on a already");
        assertThat(net.expect(Exit.FAILED, "switch", "migrate", "lam", "--to", "b").err())
            .contains("there is no switch 'lam'; did you mean 'lan'?");
        assertThat(net.expect(Exit.FAILED, "switch", "migrate", Namespaces.NETWORK + "/lan", "--to", "nowhere").err())
            .contains("there is no host 'nowhere'; the hosts are a, b, c");
        assertThat(net.expect(Exit.USAGE, "switch", "migrate", "lan").err()).contains("--to");
        long pid = net.daemonPid("b");
        Namespaces.signal("KILL", pid);
        TestRun.await("the end of b's daemon", () -> !Files.exists(Path.of("/proc", "" + pid)));
        assertThat(net.expect(Exit.FAILED, "switch", "migrate", "lan", "--to", "b").err())
            .containsPattern(Pattern.compile("b: its daemon does not answer at .*\\. Nothing is changed"));
        Namespaces.assertPings("a", "10.91.0.3");
        net.up();
        assertThat(on("lan", "tap")).containsExactly("a ta");
        Namespaces.assertPings("a", "10.91.0.2");
        Namespaces.assertPings("b", "10.91.0.3");
    }
}
