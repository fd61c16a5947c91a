package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

/** A switch that is moved is where the planner would have put it. */
class SwitchMoveTest {
    private static final int RUNS = 500;
    private static final String FILE = """
        network: n
        hosts: {a: {netns: true}, b: {netns: true}, c: {netns: true}, d: {netns: true}}
        switches: {lan: {host: a, ageing: 60}, far: {host: c}}
        nodes:
          v: {host: a, nics: [{switch: lan, addresses: [10.0.0.1/24], impair: {delay: 5ms}}]}
          w: {host: b, nics: [{switch: lan, addresses: [10.0.0.2/24]}, {switch: far}]}
          x: {host: c, nics: [{switch: lan, addresses: [10.0.0.3/24]}]}
        taps: {t: {host: b, switch: lan, addresses: [10.0.0.4/24]}}
        links: [{ends: [lan, far], impair: {loss: 1%}}]
        tunnels: [{ends: [a, b], fec: auto, df: honor}, {ends: [b, c], fec: 10+3, transport: tls}]
        """;

    private static Map<String, NetworkSpec> specs(Plan plan) {
        Map<String, NetworkSpec> specs = new HashMap<>();
        plan.hosts().forEach(host -> specs.put(host.name(), host.spec()));
        return specs;
    }

    private static SwitchMove of(Plan plan, Map<String, NetworkSpec> now) {
        return new SwitchMove(plan.network(), now,
            plan.hosts().stream().collect(Collectors.toMap(Plan.Host::name, Plan.Host::underlay)));
    }

    private static Plan plan(String file) throws TopologyException {
        return Planner.plan(RandomTopology.parse(file));
    }

    @Test
    void aMovedSwitchIsAsPlannedThere() throws Exception {
        Plan before = plan(FILE);
        Map<String, NetworkSpec> now = specs(before);
        SwitchMove.Moved moved = of(before, now).move("lan", "b");
        assertThat(moved.from()).isEqualTo("a");
        assertThat(moved.peers()).containsExactlyInAnyOrder("a", "c");
        now.putAll(moved.specs());
        assertThat(now).isEqualTo(specs(plan(FILE.replace("lan: {host: a", "lan: {host: b"))));
        assertThat(moved.specs()).containsOnlyKeys("a", "b", "c");
        // a and c had one for the links that are gone, b has one to each already.
        assertThat(moved.prepared()).isEqualTo(Map.of("a", specs(before).get("a"), "b", specs(before).get("b"),
            "c", specs(before).get("c")));

        SwitchMove.Moved back = of(before, now).move("lan", "a");
        now.putAll(back.specs());
        // Of the tunnel of a and c, which was gone, nothing is known any more; there is none that was set to anything.
        assertThat(now).isEqualTo(specs(before));
    }

    @Test
    void missingTunnelsComeFirst() throws Exception {
        Plan before = plan(FILE);
        SwitchMove.Moved moved = of(before, specs(before)).move("lan", "d");
        assertThat(moved.peers()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(moved.prepared().get("d").tunnels()).extracting(TunnelSpec::peer).containsExactly("a", "b", "c");
        assertThat(moved.prepared().get("d").links()).isEmpty();
        assertThat(moved.prepared().get("b").tunnels()).extracting(TunnelSpec::peer).containsExactly("a", "c", "d");
        assertThat(moved.prepared().get("b").links()).isEqualTo(specs(before).get("b").links());
    }

    /** What was set by hand at an end of a trunk stays at the switch and at the other end. */
    @Test
    void whatATrunkIsSetToGoesWithIt() throws Exception {
        Plan before = plan(FILE);
        Map<String, NetworkSpec> now = specs(before);
        LineSpec down = LineSpec.NONE.withDown(true);
        now.computeIfPresent("a", (host, spec) -> spec.withImpairment("link:far:lan", down));
        Map<String, NetworkSpec> moved = of(before, now).move("lan", "d").specs();
        assertThat(moved.get("d").impairment("link:far:lan")).isEqualTo(down);
        assertThat(moved.get("a").impairment("link:far:lan")).isEqualTo(LineSpec.NONE);
        assertThat(moved.get("c").impairment("link:far:lan"))
            .isEqualTo(now.get("c").impairment("link:far:lan")).isNotEqualTo(LineSpec.NONE);
    }

    @Test
    void whatIsWrongIsTold() throws Exception {
        Plan plan = plan(FILE);
        SwitchMove move = of(plan, specs(plan));
        assertRefused(() -> move.move("la", "b"), "there is no switch 'la'; did you mean 'lan'?");
        assertRefused(() -> move.move("v.eth0", "b"), "there is no switch 'v.eth0'; the switches are far, lan");
        assertRefused(() -> move.move("lan", "e"), "there is no host 'e'; ");
        assertRefused(() -> move.move("lan", "a"), "switch lan is on a already");
        assertRefused(() -> move.move("lan", "c"),
            "switch far, to which lan has a trunk, is on c; a trunk joins two hosts");
        Map<String, NetworkSpec> half = specs(plan);
        half.remove("b");
        assertRefused(() -> of(plan, half).move("lan", "d"), "has no other end there: run 'violin up' again");
    }

    private static void assertRefused(Runnable change, String why) {
        assertThatThrownBy(change::run).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    /** In any topology, from any host to any other: but a tunnel that was not there is plain, as nobody said more. */
    @Test
    void anyMoveIsAPlan() {
        long first = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("SwitchMoveTest: -Dviolin.seed=" + first);
        int moves = 0;
        for (long seed = first; seed != first + RUNS; seed++) {
            RandomTopology topology = new RandomTopology(seed);
            try {
                moves += move(topology, new Random(seed));
            } catch (TopologyException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + topology.yaml(), e);
            }
        }
        assertThat(moves).isGreaterThan(RUNS / 4);
    }

    private static int move(RandomTopology topology, Random random) throws TopologyException {
        String yaml = topology.yaml();
        Plan before = plan(yaml);
        Map<String, NetworkSpec> now = specs(before);
        String switchName = "s" + random.nextInt(SwitchMove.switches(now.values()).size());
        SwitchMove move = of(before, now);
        String from = move.hostOf(switchName);
        String to = topology.hosts.get(random.nextInt(topology.hosts.size()));
        Plan after;
        try {
            after = plan(yaml.replace("  " + switchName + ": {host: " + from, "  " + switchName + ": {host: " + to));
        } catch (TopologyException e) {
            assertRefused(() -> move.move(switchName, to), "a trunk joins two hosts");
            return 0;
        }
        if (from.equals(to)) {
            return 0;
        }
        Map<String, NetworkSpec> wanted = specs(after);
        wanted.replaceAll((host, spec) -> plain(spec, specs(before).get(host)));
        now.putAll(move.move(switchName, to).specs());
        assertThat(now).isEqualTo(wanted);
        return 1;
    }

    private static NetworkSpec plain(NetworkSpec spec, NetworkSpec before) {
        Set<String> known = before.tunnels().stream().map(TunnelSpec::peer).collect(Collectors.toSet());
        return spec.toBuilder()
            .tunnels(spec.tunnels().stream().map(tunnel -> known.contains(tunnel.peer()) ? tunnel : new TunnelSpec(
                tunnel.peer(), tunnel.remote(), 0, FecSpec.OFF, Transport.UDP, tunnel.local())).toList())
            .links(spec.links().stream()
                .map(link -> known.contains(link.peer()) ? link : link.withFit(FitSpec.NONE)).toList())
            .build();
    }
}
