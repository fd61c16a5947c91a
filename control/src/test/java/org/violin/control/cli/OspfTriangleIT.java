package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;

/**
 * {@code examples/ospf-triangle.yaml} under another name: three routers on three hosts find their ways by OSPF, and
 * those of groups by PIM.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OspfTriangleIT {
    private static final String NETWORK = TestRun.name("ospf");
    private static final String CABLE = "link:r1.eth2:r3.eth1";
    private static final String DIRECT = "10.0.13.2";
    private static final String ROUND = "10.0.12.2";
    private static final String GROUP = "239.1.2.3";
    private static final Pattern SEQUENCE = Pattern.compile(", seq (\\d+),");
    /** A second of pings: more than what may be under way. */
    private static final int LATER = 20;

    @TempDir
    private static Path directory;
    private Product product;
    private Path file;
    private String topology;

    @BeforeAll
    void up() throws IOException {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        TestRun.requireGuests();
        product = new Product(directory);
        topology = Files.readString(Product.ROOT.resolve("examples/ospf-triangle.yaml"))
            .replace("network: ospf-triangle", "network: " + NETWORK);
        file = Files.writeString(directory.resolve("net.yaml"), topology);
        expect("up", file.toString());
    }

    @AfterAll
    void down() {
        if (product != null) {
            expect("down", NETWORK);
            Leftovers.assertNone(NETWORK, product.home());
        }
    }

    private String expect(String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(() -> String.join(" ", arguments) + ": " + result.all() + evidence()).isZero();
        return result.out();
    }

    /** What a failure needs to be understood. */
    private String evidence() {
        StringBuilder text = new StringBuilder();
        for (String what : new String[] {"ports", "links", "tunnels", "nodes"}) {
            text.append(product.run("inspect", "-n", NETWORK, what).all());
        }
        for (String router : new String[] {"r1", "r2", "r3"}) {
            text.append(router).append(": ").append(product.run("exec", NETWORK + "/" + router, "--", "sh", "-c",
                "ip -br addr; ip -s link; free; ps; vtysh -c 'show ip ospf neighbor' -c 'show ip pim neighbor'"
                    + " -c 'show ip igmp groups' -c 'show ip mroute'").all());
        }
        return text.toString();
    }

    private String in(String router, String script) {
        return expect("exec", NETWORK + "/" + router, "--", "sh", "-c", script);
    }

    /** Waits until r1 sends what is for r3's LAN there, and gets its answers, both IPv4 and IPv6. */
    private void awaitWay(String nextHop, String nic) {
        in("r1", """
            for i in $(seq 200); do
                ip route get 10.3.0.1 | grep -qF 'via %1$s ' && ip route get fd00:3::1 | grep -qF ' dev %2$s ' \\
                    && ping -n -q -c 1 -W 1 -I 10.1.0.1 10.3.0.1 && ping -n -q -c 1 -W 1 -I fd00:1::1 fd00:3::1 && exit
                sleep 0.2
            done >/dev/null 2>&1
            vtysh -c 'show ip ospf neighbor' -c 'show ip route' -c 'show ipv6 route'
            exit 1""".formatted(nextHop, nic));
    }

    @Test
    void trafficGoesRoundACableThatIsCutAndComesBack() throws Exception {
        awaitWay(DIRECT, "eth2");
        in("r1", "ping -n -q -i 0.1 -I 10.1.0.1 10.3.0.1 >/tmp/around & echo $! >/tmp/going");
        expect("link", "set", NETWORK, CABLE, "--down");
        awaitWay(ROUND, "eth1");
        assertThat(in("r1", "traceroute -n -q 1 -s 10.1.0.1 10.3.0.1")).contains(" " + ROUND + " ", " 10.3.0.1 ");

        filterAndTranslate();

        expect("link", "set", NETWORK, CABLE, "--up");
        awaitWay(DIRECT, "eth2");
        System.out.print("a ping each 0.1 s over a link that was cut and mended: "
            + in("r1", "read pid </tmp/going; kill -INT $pid; while kill -0 $pid; do usleep 10000; done 2>/dev/null;"
                + " grep loss /tmp/around"));
    }

    /** r2 is on the way: it drops what is not wanted, and hides r1's LAN behind its own address. */
    private void filterAndTranslate() {
        in("r2", "iptables -A FORWARD -p icmp -s 10.1.0.0/24 -j DROP");
        assertThat(product.run("exec", NETWORK + "/r1", "--", "ping", "-n", "-q", "-c", "2", "-i", "0.1", "-W", "1",
            "-I", "10.1.0.1", "10.3.0.1").out()).contains("100% packet loss");
        in("r2", "iptables -F FORWARD && iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o eth2 -j MASQUERADE");
        in("r3", "tcpdump -l -n -c 1 -i eth2 icmp and src 10.0.23.2 and dst 10.3.0.1 >/tmp/seen 2>&1 &"
            + " until grep -q listening /tmp/seen; do usleep 20000; done");
        in("r1", "ping -n -q -c 2 -i 0.1 -W 2 -I 10.1.0.1 10.3.0.1");
        in("r3", "for i in $(seq 100); do grep -q 'echo request' /tmp/seen && exit; usleep 50000; done;"
            + " cat /tmp/seen; exit 1");
        in("r2", "iptables -t nat -F POSTROUTING");
    }

    /**
     * h1 sends to a group all the while. What of it has come to h2 and h3 is told by the pings' numbers: where h2 has
     * none from before it joined, none went there.
     */
    @Test
    void aGroupIsRoutedWhereItHasMembersAndRoundACableThatIsCut() throws Exception {
        awaitWay(DIRECT, "eth2");
        try (Capture second = capture("chicago", "h2"); Capture third = capture("washington", "h3")) {
            join(third);
            Process pings = new ProcessBuilder(host("princeton").command("ping -n -t 8 -i 0.05 -I h1 " + GROUP))
                .redirectErrorStream(true).redirectOutput(directory.resolve("pings.txt").toFile()).start();
            try {
                awaitUpstream("eth1");
                awaitLater(third, LATER);
                int before = last(third);
                join(second);
                awaitLater(second, before);
                assertThat(numbers(second).min().orElseThrow()).isGreaterThan(before - LATER);

                expect("link", "set", NETWORK, CABLE, "--down");
                awaitUpstream("eth2");
                awaitLater(third, last(second));
                expect("link", "set", NETWORK, CABLE, "--up");
                awaitUpstream("eth1");

                leave(third);
                TestRun.await("nothing more at h3", () -> {
                    int now = last(third);
                    awaitLater(second, last(second));
                    return last(third) == now;
                }, this::evidence);
            } finally {
                pings.destroyForcibly().waitFor();
                leave(second);
            }
        }
    }

    private static Netns host(String name) {
        return new Netns("violin-" + NETWORK + "-" + name);
    }

    private static Capture capture(String host, String device) throws IOException {
        return new Capture(directory, host(host), device, "icmp and dst host " + GROUP);
    }

    private static void join(Capture capture) {
        capture.host().ip("address add " + GROUP + "/32 dev " + capture.device() + " autojoin");
    }

    /** Does nothing where it has not joined. */
    private static void leave(Capture capture) {
        capture.host().tried("ip address delete " + GROUP + "/32 dev " + capture.device());
    }

    /** Of the pings that have come. */
    private static IntStream numbers(Capture capture) {
        return SEQUENCE.matcher(capture.text()).results().mapToInt(found -> Integer.parseInt(found.group(1)));
    }

    /** 0: none has come. */
    private static int last(Capture capture) {
        return numbers(capture).max().orElse(0);
    }

    private void awaitLater(Capture capture, int than) {
        TestRun.await("pings at " + capture.device(), () -> last(capture) >= than + LATER, this::evidence);
    }

    /** Waits until r3 takes the group's datagrams from one cable, and gives them to its LAN. */
    private void awaitUpstream(String nic) {
        in("r3", """
            for i in $(seq 200); do
                ip mroute show | grep -q '(10.1.0.10,.*%s) *Iif: %s .*eth0' && exit
                sleep 0.2
            done
            ip mroute show
            vtysh -c 'show ip mroute' -c 'show ip pim upstream' -c 'show ip pim neighbor' -c 'show ip route'
            exit 1""".formatted(GROUP, nic));
    }

    /** On a switch of another host, while pings pass another vNIC. */
    @Test
    void aNicIsPluggedInAndOutAndTheOthersDoNotNotice() throws Exception {
        String boot = in("r1", "cat /proc/sys/kernel/random/boot_id");
        in("r1", "ping -n -i 0.02 10.0.12.2 >/tmp/answers & echo $! >/tmp/pinging");
        assertThat(expect("nic", "attach", NETWORK + "/r1", "lan3", "--address", "10.3.0.9/24"))
            .startsWith(NETWORK + "/r1 has eth3 on lan3, 02:");
        in("r1", "ping -n -q -c 2 -i 0.1 -W 2 -I eth3 10.3.0.1");
        assertThat(expect("nic", "detach", "r1", "eth3")).isEqualTo(NETWORK + "/r1 has no eth3 any more\n");
        assertThat(in("r1", "ip -br link")).contains("eth2").doesNotContain("eth3");
        assertThat(expect("up", file.toString(), "--dry-run").lines()).allMatch(line -> line.endsWith(
            ": nothing to change"));

        Files.writeString(file, topology.replace("{ addresses: [10.0.13.1/30] }",
            "{ addresses: [10.0.13.1/30] }\n      - { switch: lan1, addresses: [10.1.0.9/24], mtu: 1500 }"));
        expect("up", file.toString());
        assertThat(in("r1", "ip -br addr show eth3")).contains("10.1.0.9/24");
        Files.writeString(file, topology);
        expect("up", file.toString());
        assertThat(in("r1", "ip -br link")).doesNotContain("eth3");

        String[] counts = in("r1", "read pid </tmp/pinging; kill -INT $pid;"
            + " while kill -0 $pid; do usleep 10000; done 2>/dev/null; grep -c icmp_seq= /tmp/answers;"
            + " grep icmp_seq= /tmp/answers | tail -1 | sed 's/.*icmp_seq=//; s/ .*//'")
            .split("\n");
        // The last one may be under way still; that all before it have come is what their numbers say.
        assertThat(Integer.parseInt(counts[0])).isGreaterThan(100).isEqualTo(Integer.parseInt(counts[1]));
        assertThat(in("r1", "cat /proc/sys/kernel/random/boot_id")).isEqualTo(boot);
    }

    @Test
    void aConfigurationIsTakenWithoutARebootAndItsErrorsAreTold() throws IOException {
        String boot = in("r2", "cat /proc/sys/kernel/random/boot_id");
        String shared = topology.substring(topology.indexOf("&ospf |") + "&ospf ".length(), topology.indexOf("  r2:"));
        String own = topology.replaceFirst("\\*ospf", Matcher.quoteReplacement(shared.stripTrailing()));
        Files.writeString(file, own.replace("ospf6\n  r3:", "ospf6\n       fly to the moon\n  r3:"));
        Product.Result refused = product.run("up", file.toString());
        assertThat(refused.exit()).as(refused.all()).isEqualTo(Exit.FAILED);
        assertThat(refused.err()).contains("r2: configuration failed", "fly to the moon");

        Files.writeString(file, own.replace("ospf6\n  r3:", "ospf6\n       distance 120\n  r3:"));
        expect("up", file.toString());
        assertThat(in("r2", "vtysh -c 'show running-config'")).contains("router ospf6\n distance 120\n");
        assertThat(in("r2", "cat /proc/sys/kernel/random/boot_id")).isEqualTo(boot);
    }
}
