package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;

/**
 * Two networks on the same two hosts, in one tunnel: the second is of IPv6 alone, and has the MAC and IPv6 addresses
 * that the first has. Section 3.1 of the VIOLIN paper is true of them: whatever somebody with root in a guest does, the
 * other network and the hosts do not notice. A TAP of each network stands in a namespace of its own, and everything
 * that comes there is kept, as is everything on the wire between the hosts.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IsolationIT {
    private static final String ONE = TestRun.name("one");
    private static final String TWO = TestRun.name("two");
    private static final String MARK_ONE = "network-number-1";
    private static final String MARK_TWO = "network-number-2";
    private static final long FORGED = 100_000;
    private static final long FORGED_GUARDED = 2000;
    /** 01-80-C2-00-00-00 to -0F: what the flooder sends. */
    private static final long BPDUS = 1600;
    private static final Pattern LOSS = Pattern.compile("([\\d.]+)% packet loss");

    private static final String TOPOLOGY = """
        network: %s
        hosts:
          left: { daemon: %s, underlay: "10.77.0.1:7000" }
          right: { daemon: %s, underlay: "10.77.0.2:7000" }
        port-security: %s
        switches:
          lan: { host: left }
        nodes:
          a: { host: left, nics: [{ switch: lan, mac: 02:00:00:00:00:0a, addresses: [%s] }] }
          b: { host: right, nics: [{ switch: lan, mac: 02:00:00:00:00:0b, addresses: [%s] }] }
        taps:
          %s: { host: left, switch: lan }
        """;

    @TempDir
    private static Path directory;
    private TwoHosts hosts;
    private final List<Netns> watchers = new ArrayList<>();
    private final Map<String, Process> captures = new TreeMap<>();

    @BeforeAll
    void up() throws Exception {
        TestRun.requireGuests();
        hosts = new TwoHosts(directory);
        String key = hosts.newKey("tunnel.key");
        startDaemon("left", hosts.left, key);
        startDaemon("right", hosts.right, key);
        capture("wire", hosts.left, "eth0");
        bringUp(ONE, "tap1", true, "10.94.0.1/24, fd94::1/64", "10.94.0.2/24, fd94::2/64");
        bringUp(TWO, "tap2", false, "fd94::1/64", "fd94::2/64");
    }

    private void startDaemon(String name, TwoHosts.Host host, String key) {
        Product.Running daemon = host.start("daemon", "--name", name, "--listen", host.underlay(), "--key-file", key);
        hosts.await("the daemon", () -> daemon.out().contains("ready"));
    }

    private void bringUp(String network, String tap, boolean isSecured, String a, String b) throws Exception {
        Path sockets = hosts.left.product.home().resolve("hosts");
        Path file = Files.writeString(directory.resolve(tap + ".yaml"), TOPOLOGY.formatted(network,
            sockets.resolve("left/api.sock"), sockets.resolve("right/api.sock"), isSecured, a, b, tap));
        expect(Exit.OK, "up", file.toString());
        Netns watcher = new Netns(TestRun.name(tap));
        watcher.add();
        watchers.add(watcher);
        hosts.left.ip("link set " + tap + " netns " + watcher);
        watcher.ip("link set " + tap + " up");
        capture(tap, watcher, tap);
    }

    /** Keeps all that passes a device. */
    private void capture(String name, Netns where, String device) throws Exception {
        Path log = directory.resolve(name + ".log");
        List<String> command = where.command("tcpdump -n -U -B 65536 -w " + pcap(name) + " -i " + device);
        captures.put(name, new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
        TestRun.await("tcpdump on " + device, () -> Product.read(log).contains("listening on"),
            () -> Product.read(log));
    }

    private static Path pcap(String name) {
        return directory.resolve(name + ".pcap");
    }

    private static boolean isIn(String capture, String text) {
        try {
            return Files.readString(pcap(capture), StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    void down() throws Exception {
        if (hosts == null) {
            return;
        }
        try {
            hosts.left.run("down", "--all");
            for (Process capture : captures.values()) {
                capture.destroyForcibly().waitFor();
            }
        } finally {
            hosts.close();
            watchers.forEach(Netns::remove);
        }
        assertThat(Leftovers.processes(hosts.left.product.home())).as("processes").isEmpty();
    }

    /** As one story, since what was captured is looked at when all has been sent. */
    @Test
    void whatHappensInOneNetworkIsNotSeenInAnother() throws Exception {
        bothAreNetworksOfTheirOwn();
        noGuestReachesAHost();
        noGuestSeesAFileOfItsHost();
        anUnguardedGuestFloods();
        aGuardedGuestForges();
        expect(Exit.OK, "exec", ONE + "/a", "--", "ping", "-q", "-c", "3", "-w", "20", "10.94.0.2");
        assertNothingWasSeenElsewhere();
    }

    /** Marked pings to each other, and to everybody, which the TAPs get. */
    private void bothAreNetworksOfTheirOwn() {
        for (String[] network : new String[][] {{ONE, MARK_ONE}, {TWO, MARK_TWO}}) {
            String mark = HexFormat.of().formatHex(network[1].getBytes(StandardCharsets.US_ASCII));
            String ping = "ping -q -c 3 -i 0.2 -w 20 -p " + mark + " ";
            expect(Exit.OK, "exec", network[0] + "/a", "--", "sh", "-c", ping + "fd94::2");
            expect(Exit.OK, "exec", network[0] + "/b", "--", "sh", "-c", ping + "ff02::1%eth0");
        }
        expect(Exit.OK, "exec", ONE + "/a", "--", "ping", "-q", "-c", "3", "-i", "0.2", "-w", "20", "10.94.0.2");
        Product.Result ipv4 = hosts.left.run("exec", TWO + "/a", "--", "ping", "-q", "-c", "1", "-W", "1", "10.94.0.2");
        assertThat(ipv4.exit()).as("no IPv4 in the second: " + ipv4.all()).isNotZero();
        assertThat(expect(Exit.OK, "inspect", "macs", "-n", TWO).out()).contains("02:00:00:00:00:0a");
    }

    /** Also where they have a route, as if the host were a neighbour. */
    private void noGuestReachesAHost() {
        for (String guest : List.of(ONE + "/a", ONE + "/b", TWO + "/a")) {
            String said = expect(Exit.OK, "exec", guest, "--", "sh", "-c", "ip -6 route add fd77::/64 dev eth0 &&"
                + " ip -4 route add 10.77.0.0/24 dev eth0 || exit 1;"
                + " for host in 10.77.0.1 10.77.0.2 fd77::1 fd77::2; do ping -q -c 3 -i 0.2 -W 1 $host & done;"
                + " wait; exit 0").out();
            assertThat(said).as(guest).contains("100% packet loss").doesNotContain(" 0% packet loss");
            assertThat(said.lines().filter(line -> line.contains("packet loss"))).as(said).hasSizeGreaterThan(1)
                .allMatch(line -> line.contains(" 0 received"));
        }
    }

    /** UML has a file system for that, with paths that lead out of whatever directory it is confined to. */
    private void noGuestSeesAFileOfItsHost() {
        String said = expect(Exit.OK, "exec", ONE + "/a", "--", "sh", "-c",
            "for path in / /etc ../../../../etc; do mount -t hostfs -o $path none /mnt && echo mounted $path; done;"
                + " cat /proc/filesystems").all();
        assertThat(said).contains("ext4").doesNotContain("mounted").doesNotContain("\thostfs\n");
    }

    private Product.Running ping(String guest, String address) {
        return hosts.left.start("exec", guest, "--", "ping", "-c", "60", "-i", "0.1", "-W", "10", address);
    }

    /**
     * No more than a third is lost while the flood takes the processors, which all of them share, and the tests of
     * other classes too.
     */
    private static void assertWentOn(Product.Running ping) {
        String said = ping.await().all();
        Matcher loss = LOSS.matcher(said);
        assertThat(loss.find()).as(said).isTrue();
        assertThat(Double.parseDouble(loss.group(1))).as(said).isLessThanOrEqualTo(33);
    }

    private void flood(String guest, long forged, String mark) {
        System.out.print(guest + ": " + expect(Exit.OK, "exec", guest, "--", "violin-frames", "flood", "eth0",
            "" + forged, mark).out());
    }

    /** 100,000 forged addresses, every EtherType, tags and BPDUs: all in its own network, whose table is full of it. */
    private void anUnguardedGuestFloods() throws Exception {
        Product.Running ping = ping(ONE + "/a", "10.94.0.2");
        TestRun.await("the first answer", () -> ping.out().contains("bytes from"), ping::err);
        flood(TWO + "/b", FORGED, "flood-" + MARK_TWO);
        assertWentOn(ping);
        assertThat(drops(TWO, "b.eth0")).containsKey("bpdu-guard").doesNotContainKey("undeclared-mac");
        assertThat(stations(TWO)).isBetween(1000, 8192);
        assertThat(stations(ONE)).isLessThan(10);
    }

    /** The same where port security is on, and addresses that belong to another. */
    private void aGuardedGuestForges() throws Exception {
        Product.Running ping = ping(TWO + "/a", "fd94::2");
        TestRun.await("the first answer", () -> ping.out().contains("bytes from"), ping::err);
        flood(ONE + "/b", FORGED_GUARDED, "flood-" + MARK_ONE);
        assertWentOn(ping);
        // A guest that still knows its neighbour would not ask for it in the other's name.
        hosts.left.run("exec", ONE + "/b", "--", "sh", "-c", "ip addr add 10.94.0.77/24 dev eth0; "
            + "ip addr add fd94::77/64 dev eth0 nodad; ip neigh flush dev eth0; "
            + "ping -c 1 -W 1 -I 10.94.0.77 10.94.0.1; "
            + "ping -c 1 -W 1 -I fd94::77 fd94::1; ip addr del 10.94.0.77/24 dev eth0; "
            + "ip addr del fd94::77/64 dev eth0");
        // The rest of the flood is lost before it comes to the port, on a machine that is busy.
        Map<String, Long> drops = drops(ONE, "b.eth0");
        assertThat(drops.get("undeclared-mac")).as(drops.toString()).isBetween(1L, FORGED_GUARDED);
        assertThat(drops.get("bpdu-guard")).as(drops.toString()).isBetween(1L, BPDUS);
        assertThat(drops).containsKeys("undeclared-ip", "undeclared-neighbour");
        assertThat(drops(ONE, "a.eth0")).doesNotContainKeys("undeclared-ip", "undeclared-mac");
        assertThat(stations(ONE)).isLessThan(10);
    }

    private void assertNothingWasSeenElsewhere() throws Exception {
        for (String[] network : new String[][] {{"tap1", MARK_ONE, MARK_TWO}, {"tap2", MARK_TWO, MARK_ONE}}) {
            TestRun.await("the flood at " + network[0], () -> isIn(network[0], "flood-" + network[1]));
            assertThat(isIn(network[0], network[2])).as(network[2] + " at " + network[0]).isFalse();
        }
        for (Process capture : captures.values()) {
            capture.destroy();
            capture.waitFor();
        }
        assertThat(Files.size(pcap("wire"))).as("bytes on the wire").isGreaterThan(1 << 20);
        assertThat(isIn("wire", MARK_ONE)).as("the first in clear").isFalse();
        assertThat(isIn("wire", MARK_TWO)).as("the second in clear").isFalse();
    }

    private int stations(String network) throws IOException {
        return json("macs", network).size();
    }

    private Map<String, Long> drops(String network, String port) throws IOException {
        Map<String, Long> drops = new TreeMap<>();
        for (JsonNode each : json("ports", network)) {
            if (port.equals(each.get("name").asText())) {
                each.get("drops").properties().forEach(drop -> drops.put(drop.getKey(), drop.getValue().asLong()));
            }
        }
        return drops;
    }

    private JsonNode json(String what, String network) throws IOException {
        return new ObjectMapper().readTree(expect(Exit.OK, "inspect", what, "-n", network, "-f", "json").out());
    }

    private Product.Result expect(int exit, String... arguments) {
        Product.Result result = hosts.left.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isEqualTo(exit);
        return result;
    }
}
