package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.TestRun;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.DaemonClient;

/** {@code violin tune} between two daemons whose underlay loses datagrams. */
@ResourceLock("the network of Namespaces")
class TuneIT {
    @TempDir
    private static Path directory;
    private static Namespaces net;

    @BeforeAll
    static void up() throws Exception {
        net = new Namespaces(directory);
        net.up();
        // The filter sees single datagrams, as a path does.
        Namespaces.host("a").in("ethtool -K eth0 tx-udp-segmentation off");
        Namespaces.host("b").filter("udp dport 7000 numgen random mod 100 < 3 drop");
    }

    @AfterAll
    static void down() {
        if (net != null) {
            net.clean();
        }
    }

    private static List<TunnelDto> tunnels() {
        return Stream.of("a", "b").map(host -> new DaemonClient(host, net.state(host).resolve("api.sock")))
            .flatMap(daemon -> daemon.tunnels(Namespaces.NETWORK).stream()).toList();
    }

    /** Nothing of a trial's is left, and the tunnel is as the network wants it. */
    private static boolean isRestored() {
        return tunnels().stream().allMatch(tunnel ->
            tunnel.links() == 1 && tunnel.path().fec().isEmpty() && tunnel.way().equals("udp"));
    }

    private static Product.Running start(String... arguments) {
        Product.Running tune = net.product.start(arguments);
        TestRun.await("the trial's links", () -> tunnels().stream().allMatch(tunnel -> tunnel.links() == 2)
            || !tune.process.isAlive());
        assertThat(tune.process.isAlive()).as(tune.err()).isTrue();
        return tune;
    }

    @Test
    void eachTransportIsMeasuredAndOneRecommendedForEachGoal() throws Exception {
        Path plot = directory.resolve("tune.svg");
        JsonNode result = new ObjectMapper().readTree(net.expect(Exit.OK, "tune", "a", "b", "--seconds", "1",
            "--transports", "udp+fec,tls", "-f", "json", "--plot", plot.toString()).out());
        assertThat(result.get("measurements")).extracting(row -> row.get("transport").asText())
            .containsExactly("udp+fec", "tls");
        for (JsonNode row : result.get("measurements")) {
            assertThat(row.get("failure").isNull()).as(row.toString()).isTrue();
            JsonNode figures = row.get("figures");
            assertThat(figures.get("bitsPerSecond").asDouble()).isPositive();
            // What a second's stream brings may have been sent, in part, before it began to count.
            assertThat(figures.get("wireRatio").asDouble()).isGreaterThan(0.5);
            assertThat(figures.get("alone").get("answered").asInt()).isPositive();
            assertThat(figures.get("lost").asDouble()).isBetween(0.0, 0.5);
        }
        assertThat(result.get("advice")).extracting(advice -> advice.get("goal").asText())
            .containsExactly("bulk", "interactive", "lossy video");
        assertThat(result.get("advice")).allSatisfy(advice -> assertThat(advice.get("line").asText())
            .matches("- \\{ ends: \\[a, b], (fec: auto|transport: tls) }"));
        assertThat(plot).content().startsWith("<svg");
        TestRun.await("the tunnel to be back in datagrams", TuneIT::isRestored);
        Namespaces.assertPings("a", "10.91.0.2");
    }

    @Test
    void itIsAloneAndGoesWithoutATraceWhenItIsKilled() throws Exception {
        Product.Running tune = start("tune", Namespaces.NETWORK, "a", "b", "--transports", "udp+fec");
        assertThat(net.expect(Exit.FAILED, "tune", "a", "b").err()).contains("another violin command is changing it");
        tune.process.destroyForcibly().waitFor();
        TestRun.await("all to be as before", TuneIT::isRestored);
    }

    @Test
    void aPathThatDiesIsAResult() throws Exception {
        Product.Running tune = start("tune", "b", "a", "--seconds", "1", "--transports", "udp");
        Namespaces.host("b").in("nft add chain inet path dead { type filter hook input priority 1 ; }");
        Namespaces.host("b").in("nft add rule inet path dead udp dport 7000 drop");
        Product.Result dead = tune.await();
        Namespaces.host("b").in("nft delete chain inet path dead");
        assertThat(dead.exit()).as(dead.all()).isEqualTo(Exit.DEGRADED);
        assertThat(dead.out()).contains("udp: ", "nothing passed");
        assertThat(isRestored()).isTrue();
    }

    @Test
    void aDaemonThatDiesIsTold() throws Exception {
        Product.Running tune = start("tune", "a", "b");
        Namespaces.signal("KILL", net.daemonPid("b"));
        Product.Result killed = tune.await();
        assertThat(killed.exit()).isEqualTo(Exit.FAILED);
        assertThat(killed.err()).contains("b: its daemon does not answer");
        net.up();
        TestRun.await("all to be as before", TuneIT::isRestored);
    }
}
