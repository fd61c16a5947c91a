package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TunnelSpec;

/** What holds for every plan. */
final class PlanAssert {
    private PlanAssert() {
    }

    static void assertSound(Plan plan) {
        Map<String, Plan.Host> hosts = new HashMap<>();
        plan.hosts().forEach(host -> assertThat(hosts.put(host.name(), host)).isNull());
        assertThat(plan.hosts().stream().map(Plan.Host::underlay)).doesNotHaveDuplicates();
        Set<String> macs = new HashSet<>();
        for (Plan.Host host : plan.hosts()) {
            NetworkSpec spec = host.spec();
            assertThat(spec.network()).isEqualTo(plan.network());
            assertThat(spec.host()).isEqualTo(host.name());
            assertPortsFitBridges(spec);
            assertLinksHaveTheirOtherEnd(spec, hosts);
            assertImpairmentsHaveTheirPorts(spec, hosts);
            assertGuardsHaveTheirPorts(spec);
            assertThat(spec.tunnels().stream().map(TunnelSpec::peer)).doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(
                    spec.links().stream().map(LinkSpec::peer).collect(Collectors.toSet()));
            spec.tunnels().forEach(tunnel ->
                assertThat(tunnel.remote()).isEqualTo(hosts.get(tunnel.peer()).underlay()));
            spec.guests().forEach(guest -> guest.nics().forEach(nic -> {
                assertThat(nic.mac()).matches("[0-9a-f][02468ace](:[0-9a-f]{2}){5}");
                macs.add(nic.mac());
            }));
        }
        assertThat(macs).hasSize(plan.hosts().stream().flatMap(host -> host.spec().guests().stream())
            .mapToInt(guest -> guest.nics().size()).sum());
    }

    private static void assertPortsFitBridges(NetworkSpec spec) {
        List<String> ports = new ArrayList<>();
        Map<String, Integer> portsOf = new HashMap<>();
        forEachPort(spec, (port, bridge) -> {
            ports.add(port);
            portsOf.merge(bridge, 1, Integer::sum);
        });
        assertThat(ports).doesNotHaveDuplicates();
        assertThat(spec.bridges().stream().map(BridgeSpec::name)).doesNotHaveDuplicates()
            .containsAll(portsOf.keySet());
        spec.bridges().stream().filter(bridge -> bridge.kind() == BridgeSpec.Kind.PATCH)
            .forEach(patch -> assertThat(portsOf.get(patch.name())).as("ports of patch " + patch).isEqualTo(2));
    }

    private static void forEachPort(NetworkSpec spec, BiConsumer<String, String> portOnBridge) {
        spec.guests().forEach(guest -> guest.nics().forEach(nic ->
            portOnBridge.accept(guest.name() + "." + nic.name(), nic.bridge())));
        spec.links().forEach(link -> portOnBridge.accept(link.name(), link.bridge()));
        spec.taps().forEach(tap -> portOnBridge.accept(tap.name(), tap.bridge()));
        spec.packets().forEach(packet -> portOnBridge.accept(packet.name(), packet.bridge()));
        spec.jetways().forEach(jetway -> portOnBridge.accept(jetway.name(), jetway.tap().bridge()));
        spec.udpPorts().forEach(port -> portOnBridge.accept(port.name(), port.bridge()));
    }

    private static void assertImpairmentsHaveTheirPorts(NetworkSpec spec, Map<String, Plan.Host> hosts) {
        Set<String> ports = new HashSet<>();
        forEachPort(spec, (port, bridge) -> ports.add(port));
        assertThat(spec.impairments().stream().map(ImpairmentSpec::port)).doesNotHaveDuplicates().isSorted()
            .isSubsetOf(ports);
        assertThat(spec.impairments()).noneMatch(impairment -> impairment.line().changesNothing());
        spec.links().forEach(link -> assertThat(hosts.get(link.peer()).spec().impairment(link.name()))
            .as("the other direction of " + link).isEqualTo(spec.impairment(link.name())));
    }

    private static void assertGuardsHaveTheirPorts(NetworkSpec spec) {
        Set<String> ports = new HashSet<>();
        forEachPort(spec, (port, bridge) -> ports.add(port));
        assertThat(spec.guards().stream().map(GuardSpec::port)).doesNotHaveDuplicates().isSorted().isSubsetOf(ports);
        assertThat(GuardSpec.of(spec)).allSatisfy(guard -> assertThat(guard.text()).doesNotContain("declared"));
    }

    private static void assertLinksHaveTheirOtherEnd(NetworkSpec spec, Map<String, Plan.Host> hosts) {
        assertThat(spec.links().stream().map(LinkSpec::linkId)).doesNotHaveDuplicates().doesNotContain(0);
        for (LinkSpec link : spec.links()) {
            assertThat(link.peer()).isNotEqualTo(spec.host());
            List<LinkSpec> other = hosts.get(link.peer()).spec().links().stream()
                .filter(there -> there.name().equals(link.name())).toList();
            assertThat(other).as("other end of " + link).hasSize(1);
            assertThat(other.getFirst().linkId()).isEqualTo(link.linkId());
            assertThat(other.getFirst().peer()).isEqualTo(spec.host());
        }
    }
}
