package org.violin.control.topology;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Valid topologies of every shape, as the YAML that a user would write. One seed, one topology. */
final class RandomTopology {
    /** Of {@link #forAll}. */
    static final int RUNS = 500;

    final List<String> hosts = new ArrayList<>();
    /** Nodes that no cable ends at: each can be left out and the rest stays valid. */
    final List<String> free = new ArrayList<>();
    private final List<String> hostLines = new ArrayList<>();
    private final List<String> switchLines = new ArrayList<>();
    private final List<String[]> nodeLines = new ArrayList<>();
    private final List<String> linkLines = new ArrayList<>();
    private final List<String> tapLines = new ArrayList<>();
    private final List<String> jetwayLines = new ArrayList<>();
    private final List<String> packetLines = new ArrayList<>();
    private final List<String> udpPortLines = new ArrayList<>();
    private final List<String> tunnelLines = new ArrayList<>();
    private final boolean secured;

    /** What holds for any topology. */
    @FunctionalInterface
    interface Property {
        void check(RandomTopology topology, Random random) throws TopologyException;
    }

    /** Checks it with {@value #RUNS} topologies. A failure names the seed of the topology, and tells what it is. */
    static void forAll(String test, Property property) {
        long first = Long.getLong("violin.seed", System.nanoTime());
        System.out.println(test + ": -Dviolin.seed=" + first);
        for (long seed = first; seed != first + RUNS; seed++) {
            RandomTopology topology = new RandomTopology(seed);
            try {
                property.check(topology, new Random(seed));
            } catch (TopologyException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + topology.yaml(), e);
            }
        }
    }

    RandomTopology(long seed) {
        Random random = new Random(seed);
        boolean namespaces = random.nextBoolean();
        secured = random.nextBoolean();
        int hostCount = 1 + random.nextInt(5);
        for (int i = 0; i < hostCount; i++) {
            hosts.add("h" + i);
            String pathMtu = random.nextInt(3) == 0 ? ", path-mtu: " + (1280 + random.nextInt(8000)) : "";
            hostLines.add("  h" + i + ": {" + (namespaces ? "netns: true"
                : "daemon: /run/h" + i + ".sock, underlay: 192.0.2." + (1 + i) + ":7000") + pathMtu + "}");
        }
        int switchCount = 1 + random.nextInt(6);
        List<Integer> switchHosts = new ArrayList<>();
        for (int i = 0; i < switchCount; i++) {
            int host = random.nextInt(hostCount);
            switchHosts.add(host);
            switchLines.add("  s" + i + ": {host: h" + host + List.of("", ", multicast: {snooping: false}",
                ", multicast: {querier: true, query-interval: 30s, unknown: drop}").get(random.nextInt(3)) + "}");
            // A trunk to one switch before it, if that is on another host: a tree, so never a loop.
            int other = random.nextInt(i + 1);
            if (other != i && switchHosts.get(other) != host && random.nextBoolean()) {
                linkLines.add("  - {ends: [s" + i + ", s" + other + "]" + impair(random) + "}");
            }
        }
        nodes(random, switchCount);
        int tapCount = namespaces ? random.nextInt(4) : 0;
        for (int i = 0; i < tapCount; i++) {
            tapLines.add("  t" + i + ": {host: " + host(random) + ", switch: s" + random.nextInt(switchCount)
                + ", addresses: [10.0.200." + (1 + i) + "/16]" + impair(random)
                + List.of("", ", guard: {addresses: declared, max-macs: 3}").get(random.nextInt(2)) + "}");
        }
        for (int i = 0; i < random.nextInt(3); i++) {
            jetwayLines.add("  j" + i + ": {host: " + host(random) + ", switch: s" + random.nextInt(switchCount)
                + ", on: " + random.nextBoolean() + (random.nextBoolean() ? ", mode: bridge, interface: eth" + i + "}"
                : ", mode: nat, addresses: [10.0.201." + (1 + i) + "/16], allow: [ping, udp/53 to 192.0.2.53]}"));
        }
        for (int i = 0; i < random.nextInt(3); i++) {
            packetLines.add("  p" + i + ": {host: " + host(random) + ", switch: s" + random.nextInt(switchCount)
                + ", interface: eth" + i + impair(random)
                + List.of("", ", role: host, macs: [02:00:00:00:00:01]",
                    ", role: proxy, macs: [02:00:00:00:00:01], multicast: true").get(random.nextInt(3)) + "}");
            udpPortLines.add("  u" + i + ": {switch: s" + random.nextInt(switchCount) + ", host: " + host(random)
                + ", local: '192.0.2." + (101 + i) + ":4789', remote: '198.51.100.9:4789', insecure-plaintext: true"
                + (random.nextBoolean() ? ", kind: vxlan, vni: " + random.nextInt(1 << 24)
                : ", kind: l2tpv3, local-session: " + (1L + random.nextInt(9)) + ", remote-session: 4294967295,"
                    + " remote-cookie: 0123ABCD, counter: " + random.nextBoolean()) + impair(random) + "}");
        }
        for (int i = 1; i < hostCount; i++) {
            if (random.nextBoolean()) {
                tunnelLines.add("  - {ends: [h" + i + ", h" + random.nextInt(i) + "], fec: "
                    + List.of("off", "auto", "10+3", "10+3x4").get(random.nextInt(4))
                    + List.of("", ", transport: udp", ", transport: tls", ", transport: auto").get(random.nextInt(4))
                    + List.of("", ", mss-clamp: auto", ", mss-clamp: 1200, df: honor").get(random.nextInt(3)) + "}");
            }
        }
    }

    private String host(Random random) {
        return hosts.get(random.nextInt(hosts.size()));
    }

    private static String impair(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> ", impair: {delay: " + random.nextInt(60) + "ms, loss: " + random.nextInt(100) + "%}";
            case 1 -> ", impair: {rate: 10Mbit, down: " + random.nextBoolean() + ", seed: " + random.nextInt() + "}";
            case 2 -> ", impair: {}";
            default -> "";
        };
    }

    private static String guard(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> ", guard: {macs: declared, addresses: [declared, 10.9.0.0/16], max-macs: 7}";
            case 1 -> ", guard: {storm: {broadcast: 9/s, unknown: 8/s}, bpdu: pass}";
            case 2 -> ", guard: {bpdu: drop}";
            default -> "";
        };
    }

    private void nodes(Random random, int switchCount) {
        int nodeCount = random.nextInt(9);
        String open = null;
        int address = 1;
        for (int i = 0; i < nodeCount; i++) {
            List<String> nics = new ArrayList<>();
            int nicCount = random.nextInt(4);
            boolean cabled = false;
            for (int n = 0; n < nicCount; n++) {
                if (random.nextInt(4) == 0) {
                    cabled = true;
                    nics.add(random.nextInt(3) == 0 ? "{guard: {macs: declared}}" : "{}");
                    String end = "n" + i + ".eth" + n;
                    if (open != null) {
                        linkLines.add("  - {ends: [" + open + ", " + end + "]" + impair(random) + "}");
                        open = null;
                    } else {
                        open = end;
                    }
                } else {
                    String mac = random.nextInt(5) == 0 ? String.format(", mac: 02:FF:00:00:00:%02x", address) : "";
                    nics.add("{switch: s" + random.nextInt(switchCount) + ", addresses: [10.0.1." + address
                        + "/16, fd00::" + address + "/64]" + mac + impair(random) + guard(random) + "}");
                    address++;
                }
            }
            String name = "n" + i;
            nodeLines.add(new String[] {name, "  n" + i + ": {host: " + host(random) + ", kind: "
                + (random.nextBoolean() ? "host" : "router") + ", nics: [" + String.join(", ", nics) + "]}"});
            if (!cabled) {
                free.add(name);
            }
        }
        if (open != null) {
            nodeLines.add(new String[] {"last", "  last: {host: " + host(random) + ", nics: [{}]}"});
            linkLines.add("  - ends: [last.eth0, " + open + "]");
        }
    }

    String yaml() {
        return yaml(Set.of(), new Random(0), false);
    }

    /** Leaves out the nodes {@code without}; {@code shuffled}: entries in another order. */
    String yaml(Set<String> without, Random random, boolean shuffled) {
        List<String> nodes = new ArrayList<>();
        nodeLines.stream().filter(node -> !without.contains(node[0])).forEach(node -> nodes.add(node[1]));
        StringBuilder text = new StringBuilder("network: random\nport-security: " + secured + "\n");
        section(text, "hosts", hostLines, random, shuffled);
        section(text, "taps", tapLines, random, shuffled);
        section(text, "jetways", jetwayLines, random, shuffled);
        section(text, "packets", packetLines, random, shuffled);
        section(text, "udp-ports", udpPortLines, random, shuffled);
        section(text, "links", linkLines, random, shuffled);
        section(text, "tunnels", tunnelLines, random, shuffled);
        section(text, "nodes", nodes, random, shuffled);
        section(text, "switches", switchLines, random, shuffled);
        return text.toString();
    }

    private static void section(StringBuilder text, String name, List<String> lines, Random random, boolean shuffled) {
        List<String> order = new ArrayList<>(lines);
        if (shuffled) {
            Collections.shuffle(order, random);
        }
        if (!order.isEmpty()) {
            text.append(name).append(":\n").append(String.join("\n", order)).append('\n');
        }
    }

    static Topology parse(String yaml) throws TopologyException {
        return TopologyFile.parse("random.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }
}
