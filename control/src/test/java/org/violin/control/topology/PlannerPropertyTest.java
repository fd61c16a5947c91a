package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;

/** What holds for whatever is planned. A failure names the seed of the topology. */
class PlannerPropertyTest {
    private static void forAll(String name, RandomTopology.Property property) {
        RandomTopology.forAll("PlannerPropertyTest." + name, property);
    }

    @Test
    void everyNameHasItsOtherEnd() {
        forAll("everyNameHasItsOtherEnd", (topology, random) ->
            PlanAssert.assertSound(Planner.plan(RandomTopology.parse(topology.yaml()))));
    }

    @Test
    void orderOfTheFileDoesNotMatter() {
        forAll("orderOfTheFileDoesNotMatter", (topology, random) -> {
            Plan plan = Planner.plan(RandomTopology.parse(topology.yaml()));
            Plan other = Planner.plan(RandomTopology.parse(topology.yaml(Set.of(), random, true)));
            assertThat(other.hosts()).containsExactlyInAnyOrderElementsOf(plan.hosts());
        });
    }

    @Test
    void removingANodeChangesOnlyWhatItMust() {
        forAll("removingANodeChangesOnlyWhatItMust", (topology, random) -> {
            if (topology.free.isEmpty()) {
                return;
            }
            String node = topology.free.get(random.nextInt(topology.free.size()));
            Plan before = Planner.plan(RandomTopology.parse(topology.yaml()));
            Plan after = Planner.plan(RandomTopology.parse(topology.yaml(Set.of(node), random, false)));
            Map<String, NetworkSpec> left = specs(after);
            specs(before).forEach((host, spec) -> assertWithout(node, spec, left.get(host)));
        });
    }

    private static Map<String, NetworkSpec> specs(Plan plan) {
        Map<String, NetworkSpec> specs = new HashMap<>();
        plan.hosts().forEach(host -> specs.put(host.name(), host.spec()));
        return specs;
    }

    /** {@code after} is {@code before} less everything that bears the node's name, and tunnels left without links. */
    private static void assertWithout(String node, NetworkSpec before, NetworkSpec after) {
        Predicate<String> others = name -> !name.equals(node) && !name.startsWith(node + ".")
            && !name.startsWith("link:" + node + ".");
        assertThat(after.guests()).isEqualTo(keep(before.guests(), GuestSpec::name, others));
        assertThat(after.bridges()).isEqualTo(keep(before.bridges(), BridgeSpec::name, others));
        assertThat(after.links()).isEqualTo(keep(before.links(), LinkSpec::name, others));
        assertThat(after.taps()).isEqualTo(before.taps());
        assertThat(after.jetways()).isEqualTo(before.jetways());
        assertThat(after.packets()).isEqualTo(before.packets());
        assertThat(after.udpPorts()).isEqualTo(before.udpPorts());
        assertThat(after.impairments()).isEqualTo(keep(before.impairments(), ImpairmentSpec::port, others));
        assertThat(after.guards()).isEqualTo(keep(before.guards(), GuardSpec::port, others));
        Set<String> peers = after.links().stream().map(LinkSpec::peer).collect(Collectors.toSet());
        assertThat(after.tunnels()).isEqualTo(
            before.tunnels().stream().filter(tunnel -> peers.contains(tunnel.peer())).toList());
    }

    private static <T> List<T> keep(List<T> all, Function<T, String> name, Predicate<String> others) {
        return all.stream().filter(one -> others.test(name.apply(one))).toList();
    }

    @Test
    void underlayAddressesStayWhenHostsComeAndGo() {
        forAll("underlayAddressesStayWhenHostsComeAndGo", (topology, random) -> {
            Map<String, String> held = new HashMap<>();
            Set<String> used = new HashSet<>();
            for (int round = 0; round < 20; round++) {
                StringBuilder yaml = new StringBuilder("network: random\nhosts:\n");
                Set<String> hosts = new HashSet<>();
                while (hosts.size() < 30) {
                    hosts.add("x" + random.nextInt(200));
                }
                hosts.forEach(host -> yaml.append("  ").append(host).append(": {netns: true}\n"));
                held.keySet().retainAll(hosts);
                Plan plan = Planner.plan(RandomTopology.parse(yaml.toString()), held);
                used.clear();
                for (Plan.Host host : plan.hosts()) {
                    String address = host.underlay().substring(0, host.underlay().indexOf(':'));
                    assertThat(address).matches("198\\.18\\.[0-9]+\\.[0-9]+").isNotEqualTo("198.18.0.0")
                        .isNotEqualTo("198.18.255.255");
                    assertThat(used.add(address)).isTrue();
                    String before = held.put(host.name(), address);
                    assertThat(before == null || before.equals(address)).isTrue();
                }
            }
        });
    }
}
