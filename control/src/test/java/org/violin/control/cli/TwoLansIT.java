package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.control.TestRun;

/**
 * The demo's network, {@code examples/two-lans.yaml}, under another name: five User-Mode-Linux guests on two hosts.
 * What the VIOLIN paper says of its Figure 2 is true of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoLansIT {
    private static final String NETWORK = TestRun.name("two");
    private static final Map<String, List<String>> ADDRESSES = new TreeMap<>(Map.of(
        "vhost1", List.of("10.1.1.1", "fd00:1::1"),
        "vhost2", List.of("10.1.1.2", "fd00:1::2"),
        "vhost3", List.of("10.1.2.3", "fd00:2::3"),
        "vhost4", List.of("10.1.2.4", "fd00:2::4"),
        "vrouter1", List.of("10.1.1.254", "10.1.2.254", "fd00:1::254", "fd00:2::254")));

    /**
     * Drops that a healthy network has: while it comes up, when a queue is full under load, ordinary filtering, and a
     * source address that the test of the cable tester damaged.
     */
    private static final Set<String> EXPLAINED_DROPS =
        Set.of("tunnel-down", "not-connected", "egress-full", "hairpin", "no-egress", "source-multicast");

    @TempDir
    private static Path directory;
    private Product product;

    @BeforeAll
    void up() throws IOException {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "TAPs need /dev/net/tun");
        TestRun.requireGuests();
        product = new Product(directory);
        String topology = Files.readString(Product.ROOT.resolve("examples/two-lans.yaml"));
        Path file = directory.resolve("net.yaml");
        Files.writeString(file, topology.replace("network: two-lans", "network: " + NETWORK));
        expect("up", file.toString());
    }

    @AfterAll
    void down() {
        if (product != null) {
            expect("down", NETWORK);
            Leftovers.assertNone(NETWORK, product.home());
        }
    }

    @Test
    void allPairsAnswer() {
        for (String node : ADDRESSES.keySet()) {
            StringBuilder script = new StringBuilder("set -e\n");
            ADDRESSES.values().forEach(addresses -> addresses.forEach(address ->
                script.append("ping -q -n -c 2 -i 0.1 -W 5 ").append(address).append('\n')));
            expect("exec", node, "--", "sh", "-c", script.toString());
        }
    }

    @Test
    void theInternetBetweenTheHostsIsNotSeen() {
        String route = expect("exec", "vhost1", "--", "traceroute", "-n", "-q", "1", "10.1.2.4").out();
        assertThat(route.lines().skip(1).map(line -> line.strip().split("\\s+")[1]))
            .as(route).containsExactly("10.1.1.254", "10.1.2.4");
    }

    /**
     * Every Ethernet frame of 60 to 1514 bytes (unicast, broadcast, IPv6 multicast, and unicast with a tag of 802.1Q)
     * crosses the tunnel and arrives as it was sent, in both directions.
     */
    @ParameterizedTest
    @CsvSource({"vhost1, vhost2", "vhost2, vhost1"})
    void everyFrameArrivesAsItWasSent(String sender, String receiver) {
        Product.Running receiving = product.start("exec", receiver, "--", "violin-frames", "receive", "eth0");
        Product.Result sent = product.run("exec", sender, "--", "violin-frames", "send", "eth0");
        Product.Result received = receiving.await();
        System.out.printf("%s to %s: %s%s", sender, receiver, sent.out(), received.out());
        assertThat(sent.exit()).as(sent.all()).isZero();
        assertThat(received.exit()).as(received.all()).isZero();
        assertThat(received.out()).contains("5824 of 5824 frames of 60 to 1514 bytes came as they were sent");
    }

    /** The cable tester is no witness unless it tells of frames that are lost, damaged and doubled. */
    @Test
    void theCableTesterTellsOfEveryFault() {
        expect("exec", "vhost3", "--", "tc", "qdisc", "add", "dev", "eth0", "root", "netem", "loss", "1%", "corrupt",
            "1%", "duplicate", "1%");
        try {
            Product.Running receiving = product.start("exec", "vhost4", "--", "violin-frames", "receive", "eth0");
            Product.Result sent = product.run("exec", "vhost3", "--", "violin-frames", "send", "eth0");
            Product.Result received = receiving.await();
            assertThat(sent.exit()).as(sent.all()).isZero();
            assertThat(received.exit()).as(received.all()).isOne();
            assertThat(received.out()).containsPattern("unicast \\d+ missing")
                .containsPattern("tagged \\d+ differs from byte \\d+ on").containsPattern("\\d+ came again");
        } finally {
            expect("exec", "vhost3", "--", "tc", "qdisc", "del", "dev", "eth0", "root");
        }
    }

    /** The longest packets of guests' VLAN devices: frames of 1518 bytes, checked by ping when they come back. */
    @Test
    void vlanDevicesReachEachOther() {
        for (String[] end : new String[][] {{"vhost3", "1"}, {"vhost4", "2"}}) {
            expect("exec", end[0], "--", "sh", "-c", "ip link add link eth0 name tagged type vlan id 5"
                + " && ip address add 10.5.0." + end[1] + "/24 dev tagged && ip link set tagged up");
        }
        String answers = expect("exec", "vhost3", "--", "ping", "-n", "-c", "3", "-i", "0.1", "-w", "20", "-M", "do",
            "-s", "1472", "10.5.0.2").out();
        assertThat(answers).contains("3 received").doesNotContain("wrong");
    }

    @Test
    void multicastCrossesTheTunnel() {
        // All-nodes answers come from the other host too: echo requests to ff02::1 are multicast frames.
        String answers = product.run("exec", "vhost1", "--", "ping", "-n", "-c", "3", "-i", "0.2", "-W", "5",
            "ff02::1%eth0").out();
        assertThat(answers.lines().filter(line -> line.contains("bytes from")).map(line -> line.split(" ")[3])
            .distinct().count()).as(answers).isGreaterThanOrEqualTo(3);
    }

    /** A TCP connection of two guests goes on, and neither sees its link go down. */
    @Test
    void aSwitchMigratesUnderItsGuests() {
        String changes = "cat /sys/class/net/eth0/carrier_changes";
        List<String> before = List.of(expect("exec", "vhost1", "--", "sh", "-c", changes).out(),
            expect("exec", "vhost2", "--", "sh", "-c", changes).out());
        serveIperf("vhost2", 5202);
        Product.Running stream = product.start("exec", "vhost1", "--", "iperf3", "-c", "10.1.1.2", "-p", "5202",
            "-b", "10M", "-t", "10", "-f", "m", "--forceflush");
        TestRun.await("the stream", () -> stream.out().contains("sec"), stream::err);
        assertThat(expect("switch", "migrate", NETWORK + "/lan1", "--to", "washington").out()).contains("washington");
        expect("exec", "vhost1", "--", "ping", "-q", "-n", "-c", "2", "-i", "0.1", "-W", "5", "10.1.1.2");
        assertThat(expect("switch", "migrate", "lan1", "--to", "princeton").out()).contains("princeton");
        Product.Result streamed = stream.await();
        assertThat(streamed.exit()).as(streamed.all()).isZero();
        assertThat(streamed.out()).contains("receiver");
        assertThat(List.of(expect("exec", "vhost1", "--", "sh", "-c", changes).out(),
            expect("exec", "vhost2", "--", "sh", "-c", changes).out())).isEqualTo(before);
    }

    /** Returns when it listens. */
    private void serveIperf(String guest, int port) {
        expect("exec", guest, "--", "sh", "-c",
            "iperf3 -s -D -p " + port + "; until ss -Hltn | grep -q :" + port + "; do sleep 0.1; done");
    }

    /** Under load (system property {@code violin.soak.seconds}) daemons do not grow and every drop is explained. */
    @Test
    void underLoadNothingGrowsAndEveryDropIsExplained() throws Exception {
        int seconds = Integer.getInteger("violin.soak.seconds", 10);
        serveIperf("vhost2", 5201);
        serveIperf("vhost4", 5201);
        expect("exec", "vhost1", "--", "iperf3", "-c", "10.1.1.2", "-t", "3");
        long before = resident();
        List<Product.Running> loads = new ArrayList<>();
        loads.add(product.start("exec", "vhost1", "--", "iperf3", "-c", "10.1.1.2", "-t", "" + seconds));
        loads.add(product.start("exec", "vhost3", "--", "iperf3", "-c", "10.1.2.4", "-t", "" + seconds));
        long highest = before;
        for (Product.Running load : loads) {
            while (!load.process.waitFor(1, TimeUnit.SECONDS)) {
                highest = Math.max(highest, resident());
            }
            assertThat(load.process.exitValue()).as(load.out() + load.err()).isZero();
            assertThat(load.out()).contains("receiver");
        }
        System.out.printf("resident memory of the daemons: %d KiB before, at most %d KiB in %d s; drops: %s%n",
            before, highest, seconds, drops());
        assertThat(highest - before).as("growth of the daemons in KiB").isLessThan(64 * 1024);
        assertThat(drops().keySet()).isSubsetOf(EXPLAINED_DROPS);
    }

    private long resident() throws IOException {
        long kib = 0;
        for (String host : List.of("princeton", "washington")) {
            Path lock = product.home().resolve("hosts").resolve(NETWORK + "." + host).resolve("daemon.lock");
            String pid = Files.readString(lock).strip();
            kib += Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
        }
        return kib;
    }

    private Map<String, Long> drops() throws IOException {
        Map<String, Long> drops = new TreeMap<>();
        for (String what : List.of("ports", "links")) {
            JsonNode all = new ObjectMapper().readTree(expect("inspect", what, "-n", NETWORK, "-f", "json").out());
            assertThat(all).isNotEmpty();
            all.forEach(one -> one.findValues("drops").forEach(map -> map.properties()
                .forEach(drop -> drops.merge(drop.getKey(), drop.getValue().asLong(), Long::sum))));
        }
        return drops;
    }

    private Product.Result expect(String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isZero();
        return result;
    }
}
