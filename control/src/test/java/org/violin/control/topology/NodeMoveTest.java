package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TunnelSpec;

/** A guest that is moved is where the planner would have put it, with all that it is plugged in by. */
class NodeMoveTest {
    private static final String FILE = """
        network: n
        hosts: {a: {netns: true}, b: {netns: true}, c: {netns: true}, d: {netns: true}}
        switches: {lan: {host: a}, far: {host: c}}
        nodes:
          v:
            host: a
            nics:
              - {switch: lan, addresses: [10.0.0.1/24], impair: {delay: 5ms}, guard: {macs: declared, max-macs: 3}}
              - {switch: far}
              - {}
              - {}
          w: {host: b, nics: [{switch: lan, addresses: [10.0.0.2/24]}, {}, {}]}
        taps: {t: {host: b, switch: lan, addresses: [10.0.0.4/24]}}
        links:
          - {ends: [v.eth2, w.eth1], impair: {loss: 1%}}
          - {ends: [w.eth2, v.eth3]}
        tunnels: [{ends: [a, b], fec: auto, df: honor}, {ends: [b, c], fec: 10+3, transport: tls}]
        """;

    private static NodeMove of(Plan plan, Map<String, NetworkSpec> now) {
        return new NodeMove(plan.network(), now,
            plan.hosts().stream().collect(Collectors.toMap(Plan.Host::name, Plan.Host::underlay)));
    }

    private static Plan plan(String file) throws TopologyException {
        return Planner.plan(RandomTopology.parse(file));
    }

    /** To where a switch, and both cables, are inside the host; to where none is; and back. */
    @Test
    void aMovedNodeIsAsPlannedThere() throws Exception {
        Plan before = plan(FILE);
        Map<String, NetworkSpec> now = SwitchMoveTest.specs(before);
        for (String to : List.of("b", "c", "d", "a")) {
            Plan wanted = plan(FILE.replace("  v:\n    host: a", "  v:\n    host: " + to));
            NodeMove move = of(before, now);
            Map<String, NetworkSpec> last = Map.copyOf(now);
            now.putAll(move.move("v", to).specs());
            assertThat(move(now, last)).as(to).isEqualTo(move(SwitchMoveTest.specs(wanted), last));
            assertThat(of(before, now).hostsOf("v")).containsExactly(to);
        }
    }

    /** Nothing is known of a tunnel that was not there. */
    private static Map<String, NetworkSpec> move(Map<String, NetworkSpec> specs, Map<String, NetworkSpec> before) {
        return specs.values().stream().collect(Collectors.toMap(NetworkSpec::host,
            spec -> SwitchMoveTest.plain(spec, before.get(spec.host())).toBuilder().tunnels(List.of()).build()));
    }

    @Test
    void missingTunnelsComeFirst() throws Exception {
        Plan before = plan(FILE);
        NodeMove.Moved moved = of(before, SwitchMoveTest.specs(before)).move("v", "d");
        assertThat(moved.peers()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(moved.prepared().get("d").tunnels()).extracting(TunnelSpec::peer).containsExactly("a", "b", "c");
        assertThat(moved.prepared().get("d").guests()).isEmpty();
        assertThat(moved.prepared().get("a").guests()).extracting(GuestSpec::name).containsExactly("v");
        assertThat(moved.specs()).containsOnlyKeys("a", "b", "c", "d");
    }

    /** What was set by hand at a link stays as long as there is one. */
    @Test
    void whatALinkIsSetToGoesWithIt() throws Exception {
        Plan before = plan(FILE);
        Map<String, NetworkSpec> now = SwitchMoveTest.specs(before);
        LineSpec down = LineSpec.NONE.withDown(true);
        now.computeIfPresent("a", (host, spec) -> spec.withImpairment("link:v.eth1", down));
        now.computeIfPresent("b", (host, spec) -> spec.withImpairment("link:v.eth2:w.eth1", down));
        Map<String, NetworkSpec> moved = of(before, now).move("v", "d").specs();
        assertThat(moved.get("d").impairment("link:v.eth1")).isEqualTo(down);
        assertThat(moved.get("b").impairment("link:v.eth2:w.eth1")).isEqualTo(down);
        assertThat(moved.get("d").impairment("link:v.eth2:w.eth1"))
            .isEqualTo(now.get("a").impairment("link:v.eth2:w.eth1")).isNotEqualTo(LineSpec.NONE);
        now.putAll(of(before, now).move("v", "b").specs());
        assertThat(now.get("b").impairment("v.eth2")).as("what comes to v").isEqualTo(down);
    }

    /** After any part of a move, in any order, the whole of it can be found out, there as well as back. */
    @Test
    void whatIsLeftOfAMoveThatWasBrokenOffLeadsOutOfIt() throws Exception {
        Plan plan = plan(FILE);
        Map<String, NetworkSpec> before = SwitchMoveTest.specs(plan);
        for (String to : List.of("b", "c", "d")) {
            Map<String, NetworkSpec> after = SwitchMoveTest.specs(plan);
            after.putAll(of(plan, before).move("v", to).specs());
            List<String> others = new ArrayList<>(after.keySet());
            others.removeAll(List.of("a", to));
            for (int done = 0; done < 1 << others.size(); done++) {
                Map<String, NetworkSpec> half = SwitchMoveTest.specs(plan);
                for (int i = 0; i < others.size(); i++) {
                    if ((done & 1 << i) != 0) {
                        half.put(others.get(i), after.get(others.get(i)));
                    }
                }
                String what = to + ", without it " + half;
                Map<String, NetworkSpec> back = SwitchMoveTest.specs(plan);
                back.putAll(half);
                back.putAll(of(plan, half).place("v", "a").specs());
                assertThat(move(back, before)).as(what).isEqualTo(move(before, before));
                half.put(to, after.get(to));
                assertThat(of(plan, half).hostsOf("v")).containsExactlyInAnyOrder("a", to);
                half.putAll(of(plan, half).place("v", to).specs());
                assertThat(move(half, before)).as(to + ", with it").isEqualTo(move(after, before));
            }
        }
    }

    @Test
    void whatIsWrongIsTold() throws Exception {
        Plan plan = plan(FILE);
        NodeMove move = of(plan, SwitchMoveTest.specs(plan));
        assertRefused(() -> move.move("vv", "b"), "there is no node 'vv'; did you mean 'v'?");
        assertRefused(() -> move.move("nobody", "b"), "there is no node 'nobody'; the nodes are v, w");
        assertRefused(() -> move.move("lan", "b"),
            "there is no node 'lan': it is a switch, which 'violin switch migrate lan --to HOST' moves");
        assertRefused(() -> move.move("t", "c"),
            "there is no node 't': it is a TAP, a part of host b itself, which cannot move; guests can");
        assertRefused(() -> move.move("v", "e"), "there is no host 'e'; ");
        assertRefused(() -> move.move("v", "a"), "node v is on a already");
    }

    private static void assertRefused(Runnable change, String why) {
        assertThatThrownBy(change::run).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    /** In any topology, from any host to any other: but a tunnel that was not there is plain, as nobody said more. */
    @Test
    void anyMoveIsAPlan() {
        AtomicInteger moves = new AtomicInteger();
        RandomTopology.forAll("NodeMoveTest", (topology, random) -> moves.addAndGet(move(topology, random)));
        assertThat(moves).hasValueGreaterThan(RandomTopology.RUNS / 4);
    }

    private static int move(RandomTopology topology, Random random) throws TopologyException {
        String yaml = topology.yaml();
        Plan before = plan(yaml);
        Map<String, NetworkSpec> now = SwitchMoveTest.specs(before);
        List<String> nodes = now.values().stream().flatMap(spec -> spec.guests().stream()).map(GuestSpec::name)
            .sorted().toList();
        if (nodes.isEmpty()) {
            return 0;
        }
        String node = nodes.get(random.nextInt(nodes.size()));
        NodeMove move = of(before, now);
        String from = move.hostsOf(node).getFirst();
        String to = topology.hosts.get(random.nextInt(topology.hosts.size()));
        if (from.equals(to)) {
            assertThat(move.place(node, to).specs()).isEmpty();
            return 0;
        }
        Map<String, NetworkSpec> wanted = SwitchMoveTest.specs(
            plan(yaml.replace("  " + node + ": {host: " + from, "  " + node + ": {host: " + to)));
        wanted.replaceAll((host, spec) -> SwitchMoveTest.plain(spec, SwitchMoveTest.specs(before).get(host)));
        now.putAll(move.move(node, to).specs());
        assertThat(now).isEqualTo(wanted);
        return 1;
    }
}
