package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.os.Command;

/**
 * Jetways of a host that is a namespace: {@code wan} leads to another one that stands for the Internet, {@code office}
 * to a machine on a segment. In the network are a guest, and a station: a TAP of the host moved to a namespace.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JetwayIT {
    private static final String NETWORK = TestRun.name("jet");
    private static final Netns HOST = new Netns(TestRun.name("jet-host"));
    private static final Netns INTERNET = new Netns(TestRun.name("jet-net"));
    private static final Netns SEGMENT = new Netns(TestRun.name("jet-segment"));
    private static final Netns STATION = new Netns(TestRun.name("jet-station"));
    private static final Netns BEHIND = new Netns(TestRun.name("jet-behind"));
    private static final List<Netns> NAMESPACES = List.of(HOST, INTERNET, SEGMENT, STATION, BEHIND);
    private static final String BORDER = TestRun.name("border");

    private static final String TOPOLOGY = """
        network: %s
        hosts:
          h: { daemon: %s, underlay: "127.0.0.1:7000" }
        switches:
          lan: { host: h }
        taps:
          station: { host: h, switch: lan }
        jetways:
          nat:
            { host: h, switch: lan, mode: nat, addresses: [10.77.0.1/24, "fd77::1/64"], allow: [ping, tcp/8080],
              routes: [{ to: 10.78.0.0/16, via: 10.77.0.3 }] }
          side: { host: h, switch: lan, mode: nat, interface: wan, addresses: [10.79.0.1/24], allow: [any] }
          bridge: { host: h, switch: lan, mode: bridge, interface: office }
          uplink: { host: h, switch: lan, mode: bridge, interface: wan }
          nowhere: { host: h, switch: lan, mode: bridge, interface: nosuch }
          taken: { host: h, switch: lan, mode: bridge, interface: spare }
          clash: { host: h, switch: lan, mode: nat, addresses: [198.51.100.77/25], allow: [] }
        """;
    private static final String GUEST = """
        nodes:
          guest:
            host: h
            nics: [{ switch: lan, addresses: [10.77.0.2/24, "fd77::2/64"] }]
            gateway: [10.77.0.1, "fd77::1"]
        """;

    @TempDir
    private static Path directory;
    private Product product;
    private Product.Running daemon;
    private final List<Process> servers = new ArrayList<>();
    private List<String> before;

    @BeforeAll
    void up() throws Exception {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "TAPs need /dev/net/tun");
        TestRun.requireGuests();
        product = new Product(directory, "ip", "netns", "exec", HOST.toString());
        for (Netns each : NAMESPACES) {
            each.add();
            each.ip("link set lo up");
        }
        cable("wan", INTERNET, "192.0.2.1/24", "2001:db8:1::1/64", "192.0.2.2/24", "2001:db8:1::2/64");
        cable("office", SEGMENT, "198.51.100.1/24", "2001:db8:2::1/64", "198.51.100.2/24", "2001:db8:2::2/64");
        HOST.ip("route add default via 192.0.2.2", "route add default via 2001:db8:1::2",
            "route add 203.0.113.0/24 via 198.51.100.2 src 198.51.100.1 metric 7",
            "addr add 198.51.100.3/24 dev office", "addr add 198.18.7.1/24 dev office noprefixroute",
            "route add 198.18.7.0/24 dev office", "route add 172.16.0.0/12 via 198.18.7.9",
            "route add 2001:db8:3::/48 via 2001:db8:2::2 table 77",
            "link add spare type veth peer name spare-peer", "link add other type bridge",
            "link set spare master other");
        SEGMENT.ip("addr add 10.77.0.9/24 dev up0", "addr add fd77::9/64 dev up0 nodad",
            "route add default via 198.51.100.1");
        serve(INTERNET, "8080");
        serve(INTERNET, "8081");
        serve(HOST, "8080");
        startDaemon();
        TestRun.await("addresses that are not tentative", () -> !in(HOST, "ip addr").contains("tentative"));
        before = state();
        expect(Exit.OK, "up", write(TOPOLOGY + GUEST));
        moveStation();
    }

    private void serve(Netns where, String port) throws Exception {
        servers.add(new ProcessBuilder(where.command("iperf3 -s -p " + port)).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
        TestRun.await("server " + port, () -> connects(where, "127.0.0.1", port));
    }

    private static void cable(String device, Netns other, String v4, String v6, String otherV4, String otherV6) {
        HOST.ip("link add " + device + " type veth peer name up0 netns " + other,
            "addr add " + v4 + " dev " + device, "addr add " + v6 + " dev " + device + " nodad",
            "link set " + device + " up");
        other.ip("addr add " + otherV4 + " dev up0", "addr add " + otherV6 + " dev up0 nodad", "link set up0 up");
    }

    private void startDaemon() throws InterruptedException {
        daemon = product.start("daemon", "--name", "h");
        TestRun.await("the daemon", () -> daemon.out().contains("ready"), () -> daemon.out() + daemon.err());
    }

    private Path stateDirectory() {
        return product.home().resolve("hosts/h");
    }

    private String write(String topology) throws IOException {
        return Files.writeString(directory.resolve("net.yaml"),
            topology.formatted(NETWORK, stateDirectory().resolve("api.sock"))).toString();
    }

    /** The network's station leaves the host, whose own addresses and routes are then not in its way. */
    private static void moveStation() {
        HOST.ip("link set station netns " + STATION);
        STATION.ip("link set station up", "addr add 10.77.0.3/24 dev station",
            "addr add fd77::3/64 dev station nodad", "route add default via 10.77.0.1",
            "route add default via fd77::1");
    }

    @AfterAll
    void down() throws Exception {
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
        if (daemon != null) {
            product.run("down", "--all");
            daemon.process.destroy();
            assertThat(daemon.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        NAMESPACES.forEach(Netns::remove);
    }

    @Test
    @Order(1)
    void whatIsOffIsNotThere() {
        assertThat(expect(Exit.OK, "status", NETWORK).out()).containsPattern("nat +h +off")
            .containsPattern("bridge +h +off");
        assertUnchanged("now");
        assertThat(connects(STATION, "192.0.2.2", "8080")).isFalse();
    }

    @Test
    @Order(2)
    void natLetsOutWhatIsAllowedAndNothingElse() throws Exception {
        assertThat(expect(Exit.OK, "jetway", "on", NETWORK, "nat").out())
            .contains("h: nat is on: NAT by the default route: ping, tcp/8080");
        assertThat(expect(Exit.OK, "inspect", "jetways", "-n", NETWORK).out()).containsPattern("nat +on +nat +lan");
        for (String server : List.of("192.0.2.2", "2001:db8:1::2")) {
            TestRun.await("the server at " + server, () -> connects(STATION, server, "8080"));
            assertThat(connects(STATION, server, "8081")).as("a port that is not allowed, of " + server).isFalse();
            assertPings(STATION, server);
        }
        inGuest("set -e; for server in 192.0.2.2 2001:db8:1::2; do ping -q -c 1 -W 5 $server;"
            + " iperf3 -c $server -p 8080 -n 64K; done");
        for (String own : List.of("10.77.0.1", "fd77::1", "192.0.2.1", "2001:db8:1::1", "198.51.100.1")) {
            assertThat(connects(HOST, own, "8080")).as("the host's service at " + own).isTrue();
            assertThat(connects(STATION, own, "8080")).as("the host's service at " + own).isFalse();
        }
        assertPings(STATION, "10.77.0.1");
        assertNoPings(STATION, "192.0.2.1");
        assertThat(connects(STATION, "198.51.100.2", "8080")).as("another interface's neighbour").isFalse();
        assertNoPings(STATION, "198.51.100.2");

        INTERNET.ip("route add 10.77.0.0/24 via 192.0.2.1", "route add fd77::/64 via 2001:db8:1::1",
            "route add 198.51.100.0/24 via 192.0.2.1");
        assertPings(HOST, "10.77.0.3");
        assertNoPings(INTERNET, "10.77.0.3");
        assertNoPings(INTERNET, "fd77::3");
        assertNoPings(INTERNET, "198.51.100.2");
        assertThat(in(HOST, "ip route get 10.78.1.1")).contains("via 10.77.0.3 dev nat");

        // What both need of the host stays until the last of them is off.
        expect(Exit.OK, "jetway", "on", NETWORK, "side");
        expect(Exit.OK, "jetway", "off", NETWORK, "nat");
        assertThat(in(HOST, "cat /proc/sys/net/ipv4/conf/wan/forwarding; nft list tables"))
            .isEqualTo("1\ntable inet violin-jetway-" + NETWORK + ".side\n");
        assertThat(connects(STATION, "192.0.2.2", "8080")).isFalse();
        expect(Exit.OK, "jetway", "off", NETWORK, "side");
        assertUnchanged("now");
    }

    @Test
    @Order(3)
    void aBridgedLanIsOneWithTheSegment() throws Exception {
        expect(Exit.OK, "jetway", "on", NETWORK, "bridge");
        for (String machine : List.of("10.77.0.9", "fd77::9")) {
            TestRun.await(machine, () -> pings(STATION, machine));
        }
        for (String inside : List.of("10.77.0.2", "fd77::2", "10.77.0.3", "fd77::3")) {
            assertPings(SEGMENT, inside);
        }
        assertThat(in(SEGMENT, "ip neigh show 10.77.0.3; ip neigh show fd77::3")).contains(mac(STATION, "station"));
        assertThat(in(STATION, "ip neigh show 10.77.0.9; ip neigh show fd77::9")).contains(mac(SEGMENT, "up0"));
        assertThat(inGuest("set -e; ping -q -c 1 -W 5 10.77.0.9; ping -q -c 1 -W 5 fd77::9; ip neigh"))
            .containsPattern("10.77.0.9 .*" + mac(SEGMENT, "up0")).containsPattern("fd77::9 .*" + mac(SEGMENT, "up0"));
        assertThat(expect(Exit.OK, "inspect", "macs", "-n", NETWORK).out()).contains(mac(SEGMENT, "up0"));
        // The host has not lost its own place there.
        assertPings(HOST, "198.51.100.2");
        assertPings(SEGMENT, "2001:db8:2::1");
        assertThat(in(HOST, "ip route get 203.0.113.5"))
            .containsPattern("via 198.51.100.2 dev vj\\w+ src 198.51.100.1");

        expect(Exit.OK, "jetway", "off", NETWORK, "bridge");
        assertUnchanged("now");
        assertThat(pings(STATION, "10.77.0.9")).isFalse();
        assertPings(HOST, "198.51.100.2");
    }

    @Test
    @Order(4)
    void whatCannotBeMadeSaysWhyAndChangesNothing() {
        String[][] refused = {
            {"uplink", "interface wan is where this host's default route leads", "add 'take-over: true'"},
            {"nowhere", "interface nosuch: there is none on this host; there is lo, ", "office"},
            {"taken", "interface spare is in other already"},
            {"clash", "office of this host has 198.51.100.1/24"},
            {"wat", "no jetway wat: there is bridge, clash, nat, nowhere, side, taken, uplink"}};
        for (String[] each : refused) {
            Product.Result result = expect(Exit.FAILED, "jetway", "on", NETWORK, each[0]);
            assertThat(result.err()).contains(List.of(each).subList(1, each.length));
        }
        assertUnchanged("now");
        assertThat(expect(Exit.OK, "jetway", "off", NETWORK).out()).contains("nowhere is off (as before)");
    }

    @Test
    @Order(5)
    void theHostKeepsItsOwnWayOutOnAnInterfaceThatIsTakenOver() throws Exception {
        String topology = TOPOLOGY.replace("interface: wan }", "interface: wan, take-over: true }");
        expect(Exit.OK, "up", write(topology + GUEST));
        expect(Exit.OK, "jetway", "on", NETWORK, "uplink");
        assertPings(HOST, "192.0.2.2");
        assertPings(HOST, "2001:db8:1::2");
        for (String afar : List.of("203.0.114.1", "2001:db8:9::9")) {
            assertThat(in(HOST, "ip route get " + afar)).containsPattern("dev vj\\w+ ");
        }
        expect(Exit.OK, "jetway", "off", NETWORK, "uplink");
        assertUnchanged("now");
    }

    /**
     * {@code examples/border-router} under another name, beside the network that there is already: FRR in a namespace
     * stands for the router outside. The switch restricts groups as strictly as it can, and still passes OSPF's.
     */
    @Test
    @Order(6)
    void aRouterExchangesRoutesWithOneOutside() throws Exception {
        Path example = Product.ROOT.resolve("examples/border-router");
        Path file = Files.writeString(directory.resolve("border.yaml"),
            Files.readString(example.resolve("border-router.yaml")).replace("network: border-router",
                "network: " + BORDER).replace("/var/lib/violin/hosts/gate/api.sock", stateDirectory() + "/api.sock")
                .replace("border: { host: gate }", "border: { host: gate, multicast: { querier: true,"
                    + " query-interval: 1s, unknown: drop } }"));
        SEGMENT.ip("link add behind type veth peer name eth0 netns " + BEHIND, "link set behind up");
        BEHIND.ip("addr add 10.7.2.2/24 dev eth0", "addr add fd00:7:2::2/64 dev eth0 nodad", "link set eth0 up",
            "route add default via 10.7.2.1", "route add default via fd00:7:2::1");
        Path log = directory.resolve("outside.log");
        Process outside = new ProcessBuilder(example.resolve("outside").toString(), SEGMENT.toString(),
            TestRun.requireGuests().image().toString()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try (Capture capture = new Capture(directory, SEGMENT, "up0", "ip proto 89 or ip6 proto 89")) {
            expect(Exit.OK, "up", file.toString());
            assertThat(expect(Exit.OK, "inspect", "groups", "-n", BORDER).out())
                .containsPattern("border +\\* +- +querier +igmp").containsPattern("border +\\* +- +querier +mld");
            expect(Exit.OK, "jetway", "on", BORDER, "office");
            awaitRoutes(true, log);
            assertPings(BEHIND, "10.7.1.2");
            assertPings(BEHIND, "fd00:7:1::2");
            for (String group : List.of("224.0.0.5", "224.0.0.6", "ff02::5", "ff02::6")) {
                TestRun.await("OSPF's packets to " + group, () -> capture.text().contains(" > " + group + ": OSPF"),
                    capture::text);
            }

            expect(Exit.OK, "jetway", "off", BORDER, "office");
            assertUnchanged("now");
            awaitRoutes(false, log);
            assertThat(pings(BEHIND, "10.7.1.2")).isFalse();
            expect(Exit.OK, "jetway", "on", BORDER, "office");
            awaitRoutes(true, log);
            assertPings(BEHIND, "10.7.1.2");
            assertPings(BEHIND, "fd00:7:1::2");
            expect(Exit.OK, "down", BORDER);
            assertUnchanged("now");
        } finally {
            outside.getOutputStream().close();
            assertThat(outside.waitFor(30, TimeUnit.SECONDS)).as("the router outside ends").isTrue();
        }
    }

    /** Until each of the two routers has, or has not, what is behind the other from OSPF. */
    private void awaitRoutes(boolean are, Path log) {
        String script = "ip route show proto ospf; ip -6 route show proto ospf";
        TestRun.await("routes outside: " + are, () -> {
            String routes = in(SEGMENT, script);
            return routes.contains("10.7.1.0/24 ") == are && routes.contains("fd00:7:1::/64 ") == are;
        }, () -> in(SEGMENT, script) + Product.read(log));
        TestRun.await("routes inside: " + are, () -> {
            String routes = inRouter(script);
            return routes.contains("10.7.2.0/24 ") == are && routes.contains("fd00:7:2::/64 ") == are;
        }, () -> inRouter(script + "; vtysh -c 'show ip ospf neighbor' -c 'show ipv6 ospf6 neighbor'"));
    }

    private String inRouter(String script) {
        return expect(Exit.OK, "exec", BORDER + "/vrouter1", "--", "sh", "-c", script).out();
    }

    @Test
    @Order(7)
    void nothingIsLeftAfterDownOrAKilledDaemon() throws Exception {
        expect(Exit.OK, "up", write(TOPOLOGY.replace("routes: [", "on: true, routes: [")
            .replace("interface: office", "interface: office, on: true")));
        TestRun.await("the server", () -> connects(STATION, "192.0.2.2", "8080"));
        assertOneAnswersForTheGateway();
        kill();
        assertThat(state()).as("a killed daemon cannot clean up").isNotEqualTo(before);
        startDaemon();
        moveStation();
        TestRun.await("the server", () -> connects(STATION, "192.0.2.2", "8080"));
        TestRun.await("the segment", () -> pings(STATION, "10.77.0.9"));
        assertThat(in(HOST, "nft list tables").lines()).hasSize(1);

        kill();
        assertThat(expect(Exit.FAILED, "down", NETWORK).out()).contains("its jetways off");
        assertUnchanged("now");
        startDaemon();
        daemon.process.destroy();
        assertThat(daemon.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertUnchanged("after an orderly end");
        startDaemon();
        expect(Exit.OK, "down", NETWORK);
        assertUnchanged("now");
    }

    /** Both jetways are on, so the host is in the LAN twice; on the segment it is silent about the gateway. */
    private static void assertOneAnswersForTheGateway() throws Exception {
        try (Capture capture = new Capture(directory, STATION, "station", "arp")) {
            STATION.ip("neigh flush dev station");
            assertPings(STATION, "10.77.0.1");
            // Asked later, by the same way: all answers of before have come when this one has.
            assertPings(STATION, "10.77.0.9");
            TestRun.await("the segment's answer", () -> capture.text().contains("10.77.0.9 is-at "), capture::text);
            assertThat(capture.lines().filter(line -> line.contains(" 10.77.0.1 is-at ")).toList()).isNotEmpty()
                .allMatch(line -> line.contains("is-at " + mac(HOST, "nat")));
        }
    }

    private void kill() throws Exception {
        Namespaces.signal("KILL", Long.parseLong(Files.readString(stateDirectory().resolve("daemon.lock")).strip()));
        assertThat(daemon.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    /** All of the host's network that a jetway could leave something in. */
    private static List<String> state() {
        return in(HOST, "nft list ruleset; ip -o -d link; ip -o addr; ip route show table all; "
            + "ip -6 route show table all; cd /proc/sys/net && grep . ipv4/conf/*/forwarding ipv6/conf/*/f*forwarding")
            .lines().map(line -> line.replaceAll("(promiscuity \\d+).*| +valid_lft .*", "$1").strip())
            // The network's own TAP, which is moved away, is no jetway's.
            .filter(line -> !line.matches(".*\\bstation\\b.*")).sorted().toList();
    }

    private void assertUnchanged(String when) {
        assertThat(state()).as(when).containsExactlyElementsOf(before);
    }

    private static String mac(Netns namespace, String device) {
        return in(namespace, "cat /sys/class/net/" + device + "/address").strip();
    }

    private static boolean connects(Netns from, String address, String port) {
        return from.bash("exec timeout 1 bash -c 'exec 3<>/dev/tcp/" + address + "/" + port + "'").exit() == 0;
    }

    private static boolean pings(Netns from, String address) {
        return ping(from, address).exit() == 0;
    }

    private static Command.Result ping(Netns from, String address) {
        return from.tried("ping -q -c 1 -W 0.5 " + address);
    }

    private static void assertPings(Netns from, String address) throws Exception {
        TestRun.await(address + " from " + from, () -> pings(from, address));
    }

    private static void assertNoPings(Netns from, String address) {
        Command.Result result = ping(from, address);
        assertThat(result.exit()).as(result.said()).isOne();
        assertThat(result.output()).contains("100% packet loss");
    }

    private static String in(Netns namespace, String script) {
        return namespace.bash(script).orThrow().output();
    }

    private String inGuest(String script) {
        return expect(Exit.OK, "exec", "guest", "--", "sh", "-c", script).out();
    }

    private Product.Result expect(int exit, String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isEqualTo(exit);
        return result;
    }
}
