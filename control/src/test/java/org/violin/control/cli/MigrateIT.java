package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.Seeds;
import org.violin.control.TestRun;
import org.violin.control.api.MacDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Coherence;

/** A switch that moves between three hosts while frames pass it: namespaces, with a TAP each. */
@ResourceLock("the network of Namespaces")
class MigrateIT {
    /** Two seconds' worth: many times what a loaded machine loses. */
    private static final int LOST_MAX = 2 * Traffic.PER_SECOND;
    private static final int BYTES = 1000;
    private static final int AFTER_EACH = 250;
    private static final List<String> HOSTS = List.of("a", "b", "c");
    /** With three and one more TAPs they are 64 ports. */
    private static final int PAIRS = 30;
    private static final int FLOWS = 3;
    /** So few and so small that only a switch that moves loses any, however late everybody is. */
    private static final int SMALL_BYTES = 100;
    private static final int SLOW_PER_SECOND = 50;
    private static final int PORT = 9100;
    /** A move takes less on an idle machine, once the switch is on its new host. */
    private static final long KILL_NS_MAX = 60_000_000;

    @TempDir
    private Path directory;
    private Namespaces net;

    @BeforeEach
    void take() throws Exception {
        net = new Namespaces(directory);
    }

    private void up(String topology) throws Exception {
        net.write(topology);
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
    private List<String> on(String bridge, String kind) {
        return HOSTS.stream().flatMap(host -> client(host).ports(Namespaces.NETWORK).stream()
            .filter(port -> port.bridge().equals(bridge) && port.kind().equals(kind))
            .map(port -> host + " " + port.name())).toList();
    }

    /** From host to host, all of which have no tunnel to the third before, and back: what is lost is counted. */
    @Test
    void connectionsSurviveAMoveThereAndBack() throws Exception {
        up(Namespaces.THREE_HOSTS);
        long daemon = net.daemonPid("b");
        Namespaces.host("c").serveIperf();
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

    /** All ports at once: nothing is lost but while the switch moves, nothing is doubled, and it knows its stations. */
    @Test
    void aSwitchOfSixtyFourPortsMoves() throws Exception {
        up(sixtyFourPorts());
        // Or each of a host's TAPs would answer for all of its addresses.
        HOSTS.forEach(host -> Namespaces.host(host).in("sysctl -qw net.ipv4.conf.all.arp_ignore=1"));
        List<Traffic> flows = new ArrayList<>();
        try {
            for (int i = 0; i < FLOWS; i++) {
                flows.add(new Traffic(Namespaces.host(HOSTS.get(i % 3)), Namespaces.host(HOSTS.get((i + 1) % 3)),
                    "10.92." + i + ".2", PORT + i, SMALL_BYTES, SLOW_PER_SECOND));
            }
            flows.forEach(flow -> flow.await(SLOW_PER_SECOND / 2));
            List<BitSet> mayBeLost = flows.stream().map(flow -> new BitSet()).toList();
            for (String host : List.of("b", "a")) {
                Map<String, String> stations = stations(host.equals("b") ? "a" : "b");
                List<Integer> from = flows.stream().map(Traffic::next).toList();
                String said = migrate(host);
                for (int i = 0; i < FLOWS; i++) {
                    mayBeLost.get(i).set(from.get(i), flows.get(i).await(1));
                }
                assertKnown(stations, host, said);
                flows.forEach(flow -> flow.await(SLOW_PER_SECOND / 2));
            }
            // Each waits a second for what does not come.
            List<Traffic.Report> reports = flows.parallelStream().map(Traffic::end).toList();
            for (int i = 0; i < FLOWS; i++) {
                Traffic.Report counted = reports.get(i);
                System.out.println("MigrateIT: two moves of 64 ports, one datagram in 20 ms: " + counted);
                assertThat(counted.doubled()).isZero();
                BitSet lost = (BitSet) counted.lost().clone();
                lost.andNot(mayBeLost.get(i));
                assertThat(lost).as("lost while nothing moved: " + counted).isEqualTo(new BitSet());
            }
        } finally {
            for (Traffic flow : flows) {
                flow.close();
            }
        }
        for (int i = FLOWS; i < PAIRS; i += 7) {
            Namespaces.assertPings(HOSTS.get(i % 3), "10.92." + i + ".2");
        }
    }

    /** TAPs in pairs, each of a subnet of its own, as a host sends nothing to itself by a TAP. */
    private static String sixtyFourPorts() {
        StringBuilder taps = new StringBuilder(Namespaces.THREE_HOSTS);
        for (int i = 0; i < PAIRS; i++) {
            for (int end = 0; end < 2; end++) {
                String host = HOSTS.get((i + end) % 3);
                taps.append("  p%d%s: { host: %s, switch: lan, addresses: [10.92.%d.%d/24] }\n"
                    .formatted(i, host, host, i, 1 + end));
            }
        }
        return taps + "  tt: { host: c, switch: lan, addresses: [10.94.0.1/24] }\n";
    }

    /** What the switch on a host has learned: its ports, by stations. */
    private Map<String, String> stations(String host) {
        Map<String, String> stations = new TreeMap<>();
        for (MacDto station : client(host).macs(Namespaces.NETWORK)) {
            assertThat(station.bridge()).isEqualTo("lan");
            stations.put(station.mac(), station.port());
        }
        return stations;
    }

    /** TAPs are named so that the last letter is their host's. */
    private void assertKnown(Map<String, String> before, String host, String said) {
        Map<String, String> wanted = new TreeMap<>();
        before.forEach((mac, port) -> {
            String tap = port.substring(port.indexOf(':') + 1);
            wanted.put(mac, tap.endsWith(host) ? tap : "link:" + tap);
        });
        assertThat(stations(host)).containsAllEntriesOf(wanted).hasSizeGreaterThanOrEqualTo(2 * FLOWS);
        long elsewhere = wanted.values().stream().filter(port -> port.startsWith("link:")).count();
        Matcher known = Pattern.compile("stations that it knows: (\\d+)").matcher(said);
        assertThat(known.find()).as(said).isTrue();
        assertThat(Long.parseLong(known.group(1))).isGreaterThanOrEqualTo(elsewhere).isPositive();
    }

    /** At any moment: what there is then is told, others keep talking, and up has the switch where its file says. */
    @Test
    void whoeverIsKilledHalfWayTheNextUpMendsIt() throws Exception {
        up(Namespaces.THREE_HOSTS.replace("  lan: { host: a }", "  lan: { host: a }\n  far: { host: c }") + """
              fa: { host: a, switch: far, addresses: [10.93.0.1/24] }
              fb: { host: b, switch: far, addresses: [10.93.0.2/24] }
              fc: { host: c, switch: far, addresses: [10.93.0.3/24] }
            """);
        SplittableRandom random = Seeds.random("MigrateIT");
        for (String victim : List.of("nobody", "the command", "a", "b")) {
            String other = victim.equals("a") ? "b" : "a";
            try (Traffic others = new Traffic(Namespaces.host(other), Namespaces.host("c"), "10.93.0.3", PORT,
                SMALL_BYTES, SLOW_PER_SECOND)) {
                others.await(1);
                Product.Running move = net.product.start("switch", "migrate", "lan", "--to", "b");
                TestRun.await("a beginning", () -> !move.process.isAlive() || has("b", "lan"));
                LockSupport.parkNanos(random.nextLong(KILL_NS_MAX));
                if (HOSTS.contains(victim)) {
                    Namespaces.signal("KILL", net.daemonPid(victim));
                } else if (victim.equals("the command")) {
                    move.process.destroyForcibly();
                }
                Product.Result moved = move.await();
                if (!victim.equals("the command") && moved.exit() != Exit.OK) {
                    assertThat(victim).as(moved.all()).isNotEqualTo("nobody");
                    assertThat(moved.err()).contains("violin up");
                }
                assertStatusIsTrue(HOSTS.stream().filter(host -> !host.equals(victim)).toList());
                Traffic.Report counted = others.end();
                counted.assertNothingLost(List.of("when " + victim + " was killed"));
            }
            net.up();
            assertThat(Coherence.faults(specs(HOSTS))).isEmpty();
            assertThat(on("lan", "tap")).as("after the end of " + victim).containsExactly("a ta");
            assertThat(on("tb", "tap")).as("after the end of " + victim).containsExactly("b tb");
            Namespaces.assertPings("a", "10.91.0.2");
            Namespaces.assertPings("b", "10.91.0.3");
        }
    }

    private void assertStatusIsTrue(List<String> living) {
        List<NetworkSpec> specs;
        String said;
        do {
            // Of a command that was killed daemons may be doing the last for a while.
            specs = specs(living);
            said = net.product.run("status").out();
        } while (!specs.equals(specs(living)));
        System.out.println("MigrateIT: " + said.lines().reduce("", (before, line) -> line));
        long places = living.stream().filter(host -> has(host, "lan")).count();
        boolean isWhole = Coherence.faults(specs).isEmpty();
        assertThat(said.contains(Namespaces.NETWORK + " is in between: ")).as(said).isEqualTo(!isWhole);
        assertThat(isWhole || said.contains("run: violin up " + net.file)).as(said).isTrue();
        assertThat(places).as(said).isLessThanOrEqualTo(isWhole ? 1 : 2);
        assertThat(places == 1 || !isWhole || living.size() < HOSTS.size()).as(said).isTrue();
        for (String host : HOSTS) {
            assertThat(said.contains(host + ": its daemon does not answer")).as(said)
                .isEqualTo(!living.contains(host));
        }
    }

    private List<NetworkSpec> specs(List<String> hosts) {
        return hosts.stream().map(host -> client(host).network(Namespaces.NETWORK).orElseThrow()).toList();
    }

    private DaemonClient client(String host) {
        return new DaemonClient(host, net.state(host).resolve("api.sock"));
    }

    private boolean has(String host, String switchName) {
        return client(host).network(Namespaces.NETWORK).stream().flatMap(spec -> spec.bridges().stream())
            .anyMatch(bridge -> bridge.name().equals(switchName));
    }

    @Test
    void aMoveThatCannotBeLeavesAllAsItWas() throws Exception {
        up(Namespaces.THREE_HOSTS);
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
