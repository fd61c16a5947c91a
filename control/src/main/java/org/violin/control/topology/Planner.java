package org.violin.control.topology;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;

/**
 * Turns a topology into what each host has to hold.
 *
 * <p>What is plugged into a switch on its own host is attached to it. What is plugged into a switch on another host is
 * patched to a link there: on its host a patch named like the vNIC or TAP joins it and the link, on the switch's host
 * the link is a port of the switch. A lone cable is one patch when both guests share a host, else a patch and a link on
 * either side; a trunk is a link between two switches. Two hosts have a tunnel when a link runs between them. What is
 * impaired is so where frames leave: a cable or trunk at both of its ends, a vNIC, TAP or UDP port at its own port.
 * What is guarded is so where frames come in, at the port itself, and what depends on the switch, at the link to it.
 *
 * <p>The plan depends on the topology alone, not on the order of its file. Link ids and MAC addresses are hashes of
 * names, so a change to one node leaves the specs of hosts that it does not touch as they were.
 */
public final class Planner {
    /** The UDP port of daemons that run in namespaces made for a network. */
    public static final int NAMESPACE_PORT = 7000;

    private final Topology topology;
    private final StableIds ids;
    private final Map<String, String> underlays = new LinkedHashMap<>();
    private final Map<String, Topology.Host> hosts = new HashMap<>();
    private final Map<String, Draft> drafts = new HashMap<>();
    private final Map<String, String> switchHosts = new HashMap<>();
    private final Map<String, Topology.Node> nodes = new HashMap<>();
    // Links by name: ids are given in the order of names, so that they never depend on the order of the file.
    private final Map<String, Wire> wires = new TreeMap<>();

    private Planner(Topology topology) {
        this.topology = topology;
        this.ids = new StableIds(topology.network());
        topology.hosts().forEach(host -> hosts.put(host.name(), host));
        topology.hosts().forEach(host -> drafts.put(host.name(), new Draft()));
        topology.switches().forEach(sw -> switchHosts.put(sw.name(), sw.host()));
        topology.nodes().forEach(node -> nodes.put(node.name(), node));
    }

    /** Plans a network that is not up. */
    public static Plan plan(Topology topology) {
        return plan(topology, Map.of());
    }

    /**
     * Plans a network that may be up.
     *
     * @param held the underlay addresses ({@code 198.18.x.y}, without port) that namespaces of this network have: they
     *             keep them. A host that is not in it gets the hash of its name, or the next hash that is free; never
     *             one of a host that is about to go.
     */
    public static Plan plan(Topology topology, Map<String, String> held) {
        Planner planner = new Planner(topology);
        planner.underlays(held);
        topology.switches().forEach(planner::placeSwitch);
        Map<Topology.NicName, String> cabled = planner.cables();
        planner.guests(cabled);
        topology.taps().forEach(planner::placeTap);
        topology.jetways().forEach(planner::placeJetway);
        topology.packets().forEach(planner::placePacket);
        topology.udpPorts().forEach(planner::placeUdpPort);
        for (Topology.Trunk trunk : topology.trunks()) {
            planner.wire(joined(trunk.first(), trunk.second()),
                new End(planner.switchHosts.get(trunk.first()), trunk.first()),
                new End(planner.switchHosts.get(trunk.second()), trunk.second()), trunk.line());
        }
        planner.linksAndTunnels();
        return new Plan(topology.network(), topology.hosts().stream().map(planner::finish).toList());
    }

    private void underlays(Map<String, String> held) {
        List<String> namespaces = topology.hosts().stream().filter(Topology.Host::isNamespace)
            .map(Topology.Host::name).sorted().toList();
        held.values().forEach(ids::takeUnderlay);
        for (String host : namespaces) {
            String address = held.containsKey(host) ? held.get(host) : ids.underlay(host);
            underlays.put(host, address + ":" + NAMESPACE_PORT);
        }
        topology.hosts().stream().filter(host -> !host.isNamespace())
            .forEach(host -> underlays.put(host.name(), host.underlay()));
    }

    private void placeSwitch(Topology.Switch sw) {
        drafts.get(sw.host()).bridges.add(
            new BridgeSpec(sw.name(), BridgeSpec.Kind.SWITCH, sw.macTable(), sw.ageingSeconds(), sw.multicast()));
    }

    /** Places the lone cables; returns the patch that each of their vNICs is plugged into. */
    private Map<Topology.NicName, String> cables() {
        Map<Topology.NicName, String> patches = new HashMap<>();
        for (Topology.Cable cable : topology.cables()) {
            String first = nodes.get(cable.first().node()).host();
            String second = nodes.get(cable.second().node()).host();
            String name = joined(cable.first().toString(), cable.second().toString());
            boolean oneHost = first.equals(second);
            patches.put(cable.first(), oneHost ? name : cable.first().toString());
            patches.put(cable.second(), oneHost ? name : cable.second().toString());
            if (oneHost) {
                drafts.get(first).bridges.add(BridgeSpec.patch(name));
                // There is no link: what comes in at one vNIC leaves at the other.
                drafts.get(first).impair(cable.first().toString(), cable.line());
                drafts.get(first).impair(cable.second().toString(), cable.line());
            } else {
                wire(name, patch(first, cable.first().toString()), patch(second, cable.second().toString()),
                    cable.line());
            }
        }
        return patches;
    }

    private void guests(Map<Topology.NicName, String> cabled) {
        List<Topology.Node> sorted = topology.nodes().stream()
            .sorted(Comparator.comparing(Topology.Node::name)).toList();
        sorted.forEach(node -> node.nics().stream().filter(nic -> nic.mac() != null)
            .forEach(nic -> ids.takeMac(nic.mac())));
        for (Topology.Node node : sorted) {
            List<GuestSpec.NicSpec> nics = new ArrayList<>();
            for (int i = 0; i < node.nics().size(); i++) {
                Topology.NicName name = new Topology.NicName(node.name(), i);
                Topology.Nic nic = node.nics().get(i);
                String bridge = nic.switchName() == null ? cabled.get(name)
                    : plug(name.toString(), node.host(), nic.switchName());
                String mac = nic.mac() == null ? ids.mac(name.toString()) : nic.mac();
                nics.add(new GuestSpec.NicSpec("eth" + i, bridge, mac, nic.mtu(), nic.addresses()));
                drafts.get(node.host()).impair(name.toString(), nic.line());
                if (nic.guard() != null) {
                    guard(node.host(), nic.switchName(), nic.guard());
                }
            }
            List<GuestSpec.RouteSpec> routes = node.routes().stream()
                .map(route -> new GuestSpec.RouteSpec(route.to(), route.via())).toList();
            drafts.get(node.host()).guests.add(
                new GuestSpec(node.name(), node.kind(), node.memoryMiB(), nics, routes,
                    node.startupConfig(), node.vmm()));
        }
    }

    private void placeTap(Topology.Tap tap) {
        String bridge = plug(tap.name(), tap.host(), tap.switchName());
        drafts.get(tap.host()).taps.add(
            new TapSpec(tap.name(), tap.device(), bridge, tap.mtu(), tap.addresses()));
        drafts.get(tap.host()).impair(tap.name(), tap.line());
        if (tap.guard() != null) {
            guard(tap.host(), tap.switchName(), tap.guard());
        }
    }

    /**
     * Guards a port where it is, and what only its switch knows at the link by which frames come there.
     *
     * @param switchName null: none
     */
    private void guard(String host, String switchName, GuardSpec guard) {
        drafts.get(host).guards.add(guard);
        String switchHost = switchName == null ? host : switchHosts.get(switchName);
        GuardSpec there = guard.atSwitch();
        if (!switchHost.equals(host) && there != null) {
            drafts.get(switchHost).guards.add(there);
        }
    }

    private void placeJetway(Topology.Jetway jetway) {
        JetwaySpec spec = jetway.spec();
        TapSpec tap = spec.tap();
        String bridge = plug(tap.name(), jetway.host(), tap.bridge());
        drafts.get(jetway.host()).jetways.add(
            spec.withTap(new TapSpec(tap.name(), tap.device(), bridge, tap.mtu(), tap.addresses())));
    }

    private void placePacket(Topology.Packet packet) {
        PacketSpec spec = packet.spec();
        drafts.get(packet.host()).packets.add(
            spec.withBridge(plug(spec.name(), packet.host(), spec.bridge())));
        drafts.get(packet.host()).impair(spec.name(), packet.line());
    }

    private void placeUdpPort(Topology.UdpPort port) {
        UdpPortSpec spec = port.spec();
        String bridge = plug(spec.name(), port.host(), spec.bridge());
        drafts.get(port.host()).udpPorts.add(spec.withBridge(bridge));
        drafts.get(port.host()).impair(spec.name(), port.line());
    }

    /** Plugs a port into a switch, wherever that is; returns the bridge on the port's own host. */
    private String plug(String port, String host, String switchName) {
        String switchHost = switchHosts.get(switchName);
        if (switchHost.equals(host)) {
            return switchName;
        }
        wire(port, patch(host, port), new End(switchHost, switchName), LineSpec.NONE);
        return port;
    }

    private End patch(String host, String name) {
        drafts.get(host).bridges.add(BridgeSpec.patch(name));
        return new End(host, name);
    }

    private void wire(String name, End first, End second, LineSpec line) {
        wires.put("link:" + name, new Wire(first, second, line));
    }

    /** One name for a cable, whichever end is written first; no name has a colon, so no two cables share one. */
    private static String joined(String first, String second) {
        return first.compareTo(second) < 0 ? first + ":" + second : second + ":" + first;
    }

    private void linksAndTunnels() {
        wires.forEach((name, wire) -> {
            int id = ids.linkId(name);
            end(name, id, wire.line, wire.first, wire.second);
            end(name, id, wire.line, wire.second, wire.first);
        });
    }

    private void end(String name, int id, LineSpec line, End here, End there) {
        Draft draft = drafts.get(here.host);
        Topology.Tunnel said = topology.tunnels().stream()
            .filter(tunnel -> tunnel.joins(here.host, there.host)).findFirst().orElse(Topology.Tunnel.PLAIN);
        draft.links.add(new LinkSpec(name, here.bridge, there.host, id, said.fit()));
        draft.impair(name, line);
        draft.tunnels.computeIfAbsent(there.host, peer ->
            new TunnelSpec(peer, underlays.get(peer), pathMtu(hosts.get(here.host), hosts.get(peer)), said.fec(),
                said.transport(), underlays.get(here.host)));
    }

    /** What passes both ends; 0 when neither says. */
    private static int pathMtu(Topology.Host a, Topology.Host b) {
        return a.pathMtu() == 0 || b.pathMtu() == 0 ? a.pathMtu() + b.pathMtu() : Math.min(a.pathMtu(), b.pathMtu());
    }

    private Plan.Host finish(Topology.Host host) {
        Draft draft = drafts.get(host.name());
        draft.bridges.sort(Comparator.comparing(BridgeSpec::name));
        draft.taps.sort(Comparator.comparing(TapSpec::name));
        draft.impairments.sort(Comparator.comparing(ImpairmentSpec::port));
        draft.jetways.sort(Comparator.comparing(JetwaySpec::name));
        draft.packets.sort(Comparator.comparing(PacketSpec::name));
        draft.udpPorts.sort(Comparator.comparing(UdpPortSpec::name));
        draft.guards.sort(Comparator.comparing(GuardSpec::port));
        NetworkSpec spec = new NetworkSpec.Builder(topology.network(), host.name())
            .bridges(draft.bridges).tunnels(List.copyOf(draft.tunnels.values())).links(draft.links)
            .guests(draft.guests).taps(draft.taps).impairments(draft.impairments).jetways(draft.jetways)
            .packets(draft.packets).udpPorts(draft.udpPorts).guards(draft.guards)
            .portSecurity(topology.portSecurity()).build();
        return new Plan.Host(host.name(), host.daemon(), underlays.get(host.name()), host.pathMtu(), spec);
    }

    /** One end of a link: a bridge on a host. */
    private record End(String host, String bridge) {
    }

    private record Wire(End first, End second, LineSpec line) {
    }

    /** One host's spec in the making. */
    private static final class Draft {
        private final List<BridgeSpec> bridges = new ArrayList<>();
        private final Map<String, TunnelSpec> tunnels = new TreeMap<>();
        private final List<LinkSpec> links = new ArrayList<>();
        private final List<GuestSpec> guests = new ArrayList<>();
        private final List<TapSpec> taps = new ArrayList<>();
        private final List<ImpairmentSpec> impairments = new ArrayList<>();
        private final List<JetwaySpec> jetways = new ArrayList<>();
        private final List<PacketSpec> packets = new ArrayList<>();
        private final List<UdpPortSpec> udpPorts = new ArrayList<>();
        private final List<GuardSpec> guards = new ArrayList<>();

        void impair(String port, LineSpec line) {
            if (!line.changesNothing()) {
                impairments.add(new ImpairmentSpec(port, line));
            }
        }
    }
}
