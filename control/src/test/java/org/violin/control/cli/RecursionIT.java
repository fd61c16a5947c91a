package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.Seeds;
import org.violin.control.TestRun;
import org.violin.control.keys.SharedKey;

/**
 * A network on top of a network: the outer one's nodes are namespaces that have a TAP of it and nothing else; daemons
 * in them carry the inner one.
 */
@ResourceLock("the network of Namespaces")
class RecursionIT {
    private static final String INNER = TestRun.name("inner");
    private static final int BYTES = 4_000_000;
    private static final SplittableRandom RANDOM = Seeds.random("RecursionIT");

    @TempDir
    private static Path directory;
    private static Namespaces outer;
    private static final Node A = new Node("a", 1);
    private static final Node B = new Node("b", 2);

    /** In the outer network it is 10.91.0.{@code number}, in the inner one 10.92.0.{@code number}. */
    private static final class Node extends Netns {
        private final String name;
        private final int number;
        private Product product;
        private Product.Running daemon;

        Node(String name, int number) {
            super(TestRun.name("node-" + name));
            this.name = name;
            this.number = number;
        }

        /** Has the TAP of the outer network's host move in here. */
        void plugIn() {
            add();
            Namespaces.host(name).ip("link set t" + name + " netns " + this);
            ip("link set lo up", "address add 10.91.0." + number + "/24 dev t" + name, "link set t" + name + " up");
        }

        void start(Path home, String key) {
            product = new Product(home, "ip", "netns", "exec", toString());
            daemon = product.start("daemon", "--name", name, "--listen", underlay(), "--key-file", key);
        }

        void awaitDaemon() {
            TestRun.await("the daemon", () -> daemon.out().contains("ready"), () -> daemon.err());
        }

        String underlay() {
            return "10.91.0." + number + ":7000";
        }

        String socket() {
            return product.home().resolve("hosts").resolve(name).resolve("api.sock").toString();
        }

        /** In the inner network, packets that may not be fragmented there. */
        void assertPings(String address) {
            for (int payload : new int[] {16, 1000, 1372, 1386, 1387, 1472}) {
                // One each: after an answer ping waits for the others no longer than two round trips.
                assertThat(tried("ping -q -c 1 -W 10 -M do -s " + payload + " " + address).output())
                    .as(() -> payload + " bytes: " + evidence()).contains(" 0% packet loss");
            }
        }
    }

    @BeforeAll
    static void up() throws IOException {
        outer = new Namespaces(Files.createDirectory(directory.resolve("outer")));
        outer.up();
        Path home = Files.createDirectory(directory.resolve("inner"));
        Path key = home.resolve("inner.key");
        SharedKey.create(key).close();
        for (Node node : List.of(A, B)) {
            node.plugIn();
            node.start(home, key.toString());
        }
        A.awaitDaemon();
        B.awaitDaemon();
        up("");
    }

    @AfterAll
    static void down() {
        if (outer == null) {
            return;
        }
        try {
            if (B.daemon != null) {
                A.product.run("down", INNER);
                A.daemon.stop();
                B.daemon.stop();
            }
        } finally {
            outer.clean();
            A.remove();
            B.remove();
        }
    }

    /** @param more of the inner network's file */
    private static void up(String more) throws IOException {
        Path file = Files.writeString(directory.resolve("inner.yaml"), """
            network: %s
            hosts:
              a: { daemon: %s, underlay: "%s" }
              b: { daemon: %s, underlay: "%s" }
            switches:
              lan: { host: a }
            taps:
              ua: { host: a, switch: lan, addresses: [10.92.0.1/24] }
              ub: { host: b, switch: lan, addresses: [10.92.0.2/24] }
            """.formatted(INNER, A.socket(), A.underlay(), B.socket(), B.underlay()) + more);
        inner("up", file.toString());
    }

    private static String inner(String... arguments) {
        Product.Result result = A.product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isZero();
        return result.out();
    }

    private static void setOuter(String option) {
        outer.expect(Exit.OK, "link", "set", Namespaces.NETWORK, "link:tb", option);
    }

    /** Until both ends send datagrams so long. */
    private static void awaitPathMtu(String bytes) {
        Pattern both = Pattern.compile("(?s)a +b +10\\.91\\.0\\.2:7000 +udp +up [^\n]* " + bytes
            + "\n.*b +a +10\\.91\\.0\\.1:7000 +udp +up [^\n]* " + bytes + "\n");
        TestRun.await("a path MTU of " + bytes, () -> both.matcher(status()).find(), RecursionIT::status);
    }

    private static String status() {
        return A.product.run("status", INNER).all();
    }

    /** Where frames were dropped, at both levels. */
    private static String evidence() {
        return A.product.run("inspect", "ports").all() + A.product.run("inspect", "tunnels").all()
            + outer.product.run("inspect", "ports").all() + outer.product.run("inspect", "tunnels").all();
    }

    private static void assertCarriesTraffic() throws Exception {
        A.assertPings("10.92.0.2");
        B.assertPings("10.92.0.1");
        try (CheckedStream stream = new CheckedStream(A, B, "10.92.0.2", RANDOM)) {
            stream.await(BYTES);
        }
        for (String options : List.of("-n 20M", "-n 20M -R", "-u -b 20M -n 1M")) {
            A.iperf(B, "10.92.0.2", options);
        }
    }

    /**
     * The outer network shows Ethernet's 1500 bytes to its nodes, whatever its own path carries, so the inner one finds
     * these, and its datagrams go in fragments of the outer one. Where that says what fits, the inner one finds it.
     */
    @Test
    void theInnerNetworkFindsWhatTheOuterOneCarries() throws Exception {
        awaitPathMtu("1500");
        assertCarriesTraffic();
        // What is in use is looked at again while there is traffic.
        try (CheckedStream stream = new CheckedStream(A, B, "10.92.0.2", RANDOM)) {
            setOuter("--df=honor");
            awaitPathMtu("14(?:0[7-9]|1[0-4])");
            stream.await(BYTES);
            A.assertPings("10.92.0.2");
            B.assertPings("10.92.0.1");
        } finally {
            setOuter("--df=ignore");
        }
    }

    /** Nothing is the matter with the outer tunnel, whose link is down; a connection in the inner network survives. */
    @Test
    void aLinkOfTheOuterNetworkIsCutAndHeals() throws Exception {
        try (CheckedStream stream = new CheckedStream(B, A, "10.92.0.1", RANDOM)) {
            stream.await(BYTES);
            setOuter("--down");
            Pattern lost = Pattern.compile("tunnel a -> b \\(10\\.91\\.0\\.2:7000\\) is (?:lost|connecting)\n"
                + ".*tunnel b -> a \\(10\\.91\\.0\\.1:7000\\) is (?:lost|connecting)\n");
            TestRun.await("the loss at both ends", () -> lost.matcher(status()).find(), RecursionIT::status);
            assertThat(A.product.run("status", INNER).exit()).isEqualTo(Exit.DEGRADED);
            outer.expect(Exit.OK, "status");
            setOuter("--up");
            TestRun.await("the tunnel", () -> A.product.run("status", INNER).exit() == Exit.OK, RecursionIT::status);
            stream.await(BYTES);
        }
        assertThat(inner("events")).containsPattern("(?s)tunnel-lost.*tunnel-up");
    }

    @Test
    void aGuestIsInTheInnerNetwork() throws Exception {
        TestRun.requireGuests();
        up("nodes: { guest: { host: b, nics: [{ switch: lan, addresses: [10.92.0.3/24] }] } }\n");
        inner("exec", INNER + "/guest", "--", "ping", "-c", "2", "-W", "5", "-s", "1472", "10.92.0.1");
        up("");
    }
}
