package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

/** A switch that is moved is where the planner would have put it. */
class SwitchMoveTest {
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

    static Map<String, NetworkSpec> specs(Plan plan) {
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
        assertThat(moved.ports()).isEqualTo(Map.of("v.eth0", "link:v.eth0", "link:w.eth0", "w.eth0", "link:t", "t",
            "link:x.eth0", "link:x.eth0", "link:far:lan", "link:far:lan"));
        assertThat(moved.dropped()).isEmpty();

        SwitchMove.Moved back = of(before, now).move("lan", "a");
        now.putAll(back.specs());
        // Of the tunnel of a and c, which was gone, nothing is known any more; there is none that was set to anything.
        assertThat(now).isEqualTo(specs(before));
    }

    /** What has no place that is taken: no port of the old switch has another way by then. */
    @Test
    void whatIsNotInTheWayComesFirst() throws Exception {
        Plan before = plan(FILE);
        SwitchMove.Moved moved = of(before, specs(before)).move("lan", "b");
        NetworkSpec a = moved.prepared().get("a");
        NetworkSpec b = moved.prepared().get("b");
        assertThat(a.bridges()).extracting(BridgeSpec::name).containsExactlyInAnyOrder("lan", "v.eth0");
        assertThat(a.links()).extracting(LinkSpec::name).containsExactlyInAnyOrder("link:t", "link:w.eth0",
            "link:x.eth0", "link:far:lan", "link:v.eth0");
        assertThat(a.guests()).isEqualTo(specs(before).get("a").guests());
        assertThat(b.bridges()).extracting(BridgeSpec::name).contains("lan", "t", "w.eth0");
        assertThat(b.links()).filteredOn(link -> link.bridge().equals("lan")).extracting(LinkSpec::name)
            .containsExactlyInAnyOrder("link:x.eth0", "link:far:lan", "link:v.eth0");
        assertThat(b.impairment("link:far:lan")).isEqualTo(moved.specs().get("b").impairment("link:far:lan"))
            .isNotEqualTo(LineSpec.NONE);
        assertThat(b.taps()).isEqualTo(specs(before).get("b").taps());
        // It has a tunnel to b, and its links are where they are.
        assertThat(moved.prepared().get("c")).isEqualTo(specs(before).get("c"));
    }

    @Test
    void missingTunnelsComeFirst() throws Exception {
        Plan before = plan(FILE);
        SwitchMove.Moved moved = of(before, specs(before)).move("lan", "d");
        assertThat(moved.peers()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(moved.prepared().get("d").tunnels()).extracting(TunnelSpec::peer).containsExactly("a", "b", "c");
        assertThat(moved.prepared().get("d").links()).isEqualTo(moved.specs().get("d").links());
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

    /** A port keeps what becomes of what leaves by it, and a link that leads elsewhere now what it had at each end. */
    @Test
    void whatWasSetByHandStaysWithPortsAndLinks() throws Exception {
        Plan before = plan(FILE);
        Map<String, NetworkSpec> now = specs(before);
        LineSpec slow = new LineSpec(0, 0, 0.01, 3, 10_000_000, 0, 0, 0, 0, false, 7);
        LineSpec lossy = slow.withSeed(8);
        now.computeIfPresent("a", (host, spec) -> spec.withImpairment("link:x.eth0", slow));
        now.computeIfPresent("c", (host, spec) -> spec.withImpairment("link:x.eth0", lossy)
            .withImpairment("x.eth0", slow));
        now.computeIfPresent("b", (host, spec) -> spec.withImpairment("t", lossy).withImpairment("link:t", slow));
        LineSpec delayed = now.get("a").impairment("v.eth0");
        assertThat(delayed).isNotEqualTo(LineSpec.NONE);
        for (String to : List.of("d", "a", "b", "a")) {
            SwitchMove.Moved moved = of(before, now).move("lan", to);
            now.putAll(moved.specs());
            assertThat(now.get(to).impairment("link:x.eth0")).isEqualTo(slow);
            assertThat(now.get("c").impairment("link:x.eth0")).isEqualTo(lossy);
            assertThat(now.get("c").impairment("x.eth0")).isEqualTo(slow);
            assertThat(now.get("a").impairment("v.eth0")).isEqualTo(delayed);
            assertThat(now.get("b").impairment("t")).isEqualTo(lossy);
            boolean isThere = to.equals("b");
            assertThat(moved.dropped()).isEqualTo(isThere ? List.of("link:t on b: " + slow.text()) : List.of());
        }
        assertThat(now.get("b").impairment("link:t")).as("it was gone in between").isEqualTo(LineSpec.NONE);
        now.computeIfPresent("b", (host, spec) -> spec.withImpairment("link:t", slow.withDown(true)));
        assertRefused(() -> of(before, now).move("lan", "b"), "link:t is down, and there would be no such link any"
            + " more: with lan on b, t would be connected again. Bring it up first (violin link set n link:t --up)");
        assertThat(of(before, now).move("lan", "d").specs().get("b").impairment("link:t").down()).isTrue();
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
        AtomicInteger moves = new AtomicInteger();
        RandomTopology.forAll("SwitchMoveTest", (topology, random) -> moves.addAndGet(move(topology, random)));
        assertThat(moves).hasValueGreaterThan(RandomTopology.RUNS / 4);
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
        assertThat(Coherence.faults(now.values())).isEmpty();
        SwitchMove.Moved moved = move.move(switchName, to);
        now.putAll(moved.prepared());
        assertThat(Coherence.faults(now.values())).contains("switch " + switchName + " is on "
            + Stream.of(from, to).sorted().collect(Collectors.joining(" and ")));
        now.putAll(moved.specs());
        assertThat(now).isEqualTo(wanted);
        assertThat(moved.dropped()).isEmpty();
        assertThat(Coherence.faults(now.values())).isEmpty();
        return 1;
    }

    /** As it is when nobody has said anything of the tunnels that were not there before. */
    static NetworkSpec plain(NetworkSpec spec, NetworkSpec before) {
        Set<String> known = before.tunnels().stream().map(TunnelSpec::peer).collect(Collectors.toSet());
        return spec.toBuilder()
            .tunnels(spec.tunnels().stream().map(tunnel -> known.contains(tunnel.peer()) ? tunnel : new TunnelSpec(
                tunnel.peer(), tunnel.remote(), 0, FecSpec.OFF, Transport.UDP, tunnel.local())).toList())
            .links(spec.links().stream()
                .map(link -> known.contains(link.peer()) ? link : link.withFit(FitSpec.NONE)).toList())
            .build();
    }
}
