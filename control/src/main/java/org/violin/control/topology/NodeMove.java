package org.violin.control.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;

/**
 * Places a guest of a network that is up on a host, as {@link Planner} would have planned it there. All that its vNICs
 * are plugged in by is taken away everywhere and made anew, and what they lead to is taken from whichever host tells
 * it: so it also leads out of what a move has left that was broken off. What is wrong is told by an
 * {@link IllegalArgumentException}.
 */
public final class NodeMove {
    private static final String LINK = "link:";

    private final String network;
    private final Map<String, NetworkSpec> before = new TreeMap<>();
    private final Map<String, String> underlays;

    /**
     * A move.
     *
     * @param prepared specs of the hosts that change, by host: what they have now, and the tunnels that are missing
     * @param specs    of the same hosts, when it is done
     * @param peers    of the new host, to which the guest's vNICs have links there
     */
    public record Moved(Map<String, NetworkSpec> prepared, Map<String, NetworkSpec> specs, List<String> peers) {
    }

    /**
     * @param specs     what each host has now, by its name
     * @param underlays {@code address:port} of each host; one that has no spec has nothing of the network
     */
    public NodeMove(String network, Map<String, NetworkSpec> specs, Map<String, String> underlays) {
        this.network = network;
        this.underlays = Map.copyOf(underlays);
        underlays.keySet().forEach(host -> before.put(host, NetworkSpec.empty(network, host)));
        before.putAll(specs);
    }

    /** The hosts that have a node: one, or two when a move was broken off; empty: there is no such node. */
    public List<String> hostsOf(String node) {
        return before.values().stream().filter(spec -> has(spec, node)).map(NetworkSpec::host).toList();
    }

    /** Whether a host has a guest of this name. */
    public static boolean has(NetworkSpec spec, String node) {
        return spec.guests().stream().anyMatch(guest -> guest.name().equals(node));
    }

    /** How a message about a name that no guest has goes on. */
    public static String hint(String name, Collection<NetworkSpec> specs) {
        return specs.stream().map(spec -> what(spec, name)).filter(Objects::nonNull).findFirst()
            .orElseGet(() -> Words.hint(name, specs.stream().flatMap(spec -> spec.guests().stream())
                .map(GuestSpec::name).sorted().toList(), "nodes"));
    }

    private static String what(NetworkSpec spec, String name) {
        if (SwitchMove.switches(List.of(spec)).contains(name)) {
            return ": it is a switch, which 'violin switch migrate " + name + " --to HOST' moves";
        }
        String kind = spec.taps().stream().map(TapSpec::name).anyMatch(name::equals) ? "a TAP"
            : spec.jetways().stream().map(JetwaySpec::name).anyMatch(name::equals) ? "a jetway"
            : spec.packets().stream().map(PacketSpec::name).anyMatch(name::equals) ? "a packet port"
            : spec.udpPorts().stream().map(UdpPortSpec::name).anyMatch(name::equals) ? "a UDP port" : null;
        return kind == null ? null
            : ": it is " + kind + ", a part of host " + spec.host() + " itself, which cannot move; guests can";
    }

    /** Moves a guest to another host than its own. */
    public Moved move(String node, String to) {
        List<String> hosts = hostsOf(node);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException(
                "there is no node '" + Words.shorten(node) + "'" + hint(node, before.values()));
        }
        if (!before.containsKey(to)) {
            throw new IllegalArgumentException("there is no host '" + Words.shorten(to) + "'"
                + Words.hint(to, before.keySet(), "hosts"));
        }
        if (hosts.contains(to)) {
            throw new IllegalArgumentException("node " + node + " is on " + to + " already");
        }
        return place(node, to);
    }

    /** Has a guest on a host and nowhere else, wherever it is; if it is there already, as it is there. */
    public Moved place(String node, String host) {
        List<String> hosts = hostsOf(node);
        return new Move(node, before.get(hosts.contains(host) ? host : hosts.getFirst()), host).run();
    }

    private NetworkSpec hostOfSwitch(String name) {
        return before.values().stream().filter(spec -> isSwitch(spec, name)).findFirst().orElseThrow();
    }

    private static boolean isSwitch(NetworkSpec spec, String bridge) {
        return SwitchMove.switches(List.of(spec)).contains(bridge);
    }

    private static String node(String port) {
        return port.substring(0, port.indexOf('.'));
    }

    /**
     * What a vNIC leads to.
     *
     * @param wire       what its link has after {@code link:}, if it has one; of a lone cable, what its patch has
     * @param switchName null: it is on a lone cable
     * @param own        what becomes of frames that leave by its port
     * @param out        what becomes of frames from the guest on the wire
     * @param in         what becomes of frames to the guest on the wire
     */
    private record Plug(NicSpec nic, String port, String wire, String switchName, LineSpec own, LineSpec out,
        LineSpec in) {

        /** The port at the other end of a lone cable. */
        String other() {
            return wire.startsWith(port + ":") ? wire.substring(port.length() + 1)
                : wire.substring(0, wire.length() - port.length() - 1);
        }
    }

    private final class Move {
        private final GuestSpec guest;
        private final NetworkSpec source;
        private final String to;
        private final Map<String, SpecDraft> drafts = new TreeMap<>();
        private final StableIds ids =
            SpecDraft.linkIds(network, before.values().stream().map(NetworkSpec::links));
        private final List<NicSpec> nics = new ArrayList<>();
        private final Set<String> wires = new HashSet<>();

        private Move(String node, NetworkSpec source, String to) {
            this.source = source;
            this.to = to;
            guest = source.guests().stream().filter(each -> each.name().equals(node)).findFirst().orElseThrow();
            before.forEach((host, spec) -> drafts.put(host, new SpecDraft(spec)));
        }

        private Moved run() {
            List<Plug> plugs = guest.nics().stream().map(this::plug).toList();
            drafts.values().forEach(draft -> draft.guests.removeIf(each -> each.name().equals(guest.name())));
            plugs.forEach(plug -> drafts.values().forEach(draft -> strip(draft, plug)));
            for (Plug plug : plugs) {
                String bridge = plug.switchName() == null ? cable(plug) : plugInto(plug);
                nics.add(plug.nic().withBridge(bridge));
                guards(plug.port()).forEach(here().guards::add);
            }
            here().guests.add(guest.withNics(nics));
            here().guests.sort(Comparator.comparing(GuestSpec::name));
            return result();
        }

        private SpecDraft here() {
            return drafts.get(to);
        }

        private Plug plug(NicSpec nic) {
            String port = guest.name() + "." + nic.name();
            String switchName = switchOf(nic.name(), port);
            if (switchName != null) {
                return new Plug(nic, port, port, switchName, source.impairment(port), source.impairment(LINK + port),
                    hostOfSwitch(switchName).impairment(LINK + port));
            }
            String cable = before.values().stream().flatMap(NodeMove::wires)
                .filter(wire -> wire.startsWith(port + ":") || wire.endsWith(":" + port)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                    port + " is plugged in nowhere: run 'violin up' again first"));
            Plug plug = new Plug(nic, port, cable, null, source.impairment(port), source.impairment(LINK + cable),
                LineSpec.NONE);
            // Of a cable inside a host there is no link: what comes in at one vNIC leaves at the other.
            return source.bridges().stream().anyMatch(bridge -> bridge.name().equals(cable))
                ? new Plug(nic, port, cable, null, LineSpec.NONE, source.impairment(plug.other()), plug.own())
                : new Plug(nic, port, cable, null, plug.own(), plug.out(),
                    before.get(hostOf(plug.other())).impairment(LINK + cable));
        }

        /** Null: none. */
        private String switchOf(String nicName, String port) {
            return before.values().stream().flatMap(spec -> Stream.concat(
                    spec.guests().stream().filter(each -> each.name().equals(guest.name()))
                        .flatMap(each -> each.nics().stream()).filter(nic -> nic.name().equals(nicName))
                        .map(NicSpec::bridge),
                    spec.links().stream().filter(link -> link.name().equals(LINK + port)).map(LinkSpec::bridge))
                .filter(bridge -> isSwitch(spec, bridge))).findFirst().orElse(null);
        }

        /** Where a port of a lone cable is; one of the guest itself, where it will be. */
        private String hostOf(String port) {
            return node(port).equals(guest.name()) ? to : hostsOf(node(port)).stream().findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                    port + ", the other end of a cable, is nowhere: run 'violin up' again first"));
        }

        private void strip(SpecDraft draft, Plug plug) {
            draft.unlink(LINK + plug.wire());
            unset(draft, plug.port());
            draft.guards.removeIf(guard -> guard.port().equals(plug.port()));
            Set<String> patches = new HashSet<>(List.of(plug.port(), plug.wire()));
            if (plug.switchName() == null) {
                patches.add(plug.other());
                if (draft.bridges.stream().anyMatch(bridge -> bridge.name().equals(plug.wire()))) {
                    unset(draft, plug.other());
                }
            }
            draft.bridges.removeIf(bridge ->
                bridge.kind() == BridgeSpec.Kind.PATCH && patches.contains(bridge.name()));
        }

        private static void unset(SpecDraft draft, String port) {
            draft.impairments.removeIf(impairment -> impairment.port().equals(port));
        }

        /** Returns the bridge that the vNIC is plugged into. */
        private String plugInto(Plug plug) {
            String host = hostOfSwitch(plug.switchName()).host();
            here().impair(plug.port(), plug.own());
            if (host.equals(to)) {
                return plug.switchName();
            }
            link(plug, host, plug.switchName());
            guards(plug.port()).map(GuardSpec::atSwitch).filter(Objects::nonNull)
                .forEach(drafts.get(host).guards::add);
            return plug.port();
        }

        /** The same for a lone cable; its other end is plugged in anew, too. */
        private String cable(Plug plug) {
            String host = hostOf(plug.other());
            SpecDraft there = drafts.get(host);
            if (!host.equals(to)) {
                here().impair(plug.port(), plug.own());
                there.bridges.add(BridgeSpec.patch(plug.other()));
                replug(there, plug.other(), plug.other());
                link(plug, host, plug.other());
                return plug.port();
            }
            here().impair(plug.port(), plug.in().equals(LineSpec.NONE) ? plug.own() : plug.in());
            if (here().bridges.stream().noneMatch(bridge -> bridge.name().equals(plug.wire()))) {
                here().bridges.add(BridgeSpec.patch(plug.wire()));
            }
            if (!node(plug.other()).equals(guest.name())) {
                if (!plug.out().equals(LineSpec.NONE)) {
                    unset(here(), plug.other());
                }
                here().impair(plug.other(), plug.out());
                replug(here(), plug.other(), plug.wire());
            }
            return plug.wire();
        }

        private static void replug(SpecDraft draft, String port, String bridge) {
            draft.guests.replaceAll(each -> !each.name().equals(node(port)) ? each
                : each.withNics(each.nics().stream()
                    .map(nic -> port.equals(each.name() + "." + nic.name()) ? nic.withBridge(bridge) : nic).toList()));
        }

        /** Patches the vNIC to a link that ends on a bridge of another host. */
        private void link(Plug plug, String host, String bridge) {
            String name = LINK + plug.wire();
            int id = before.values().stream().flatMap(spec -> spec.links().stream())
                .filter(link -> link.name().equals(name)).map(LinkSpec::linkId).findFirst()
                .orElseGet(() -> ids.linkId(name));
            here().bridges.add(BridgeSpec.patch(plug.port()));
            here().link(name, plug.port(), host, id, underlays);
            here().impair(name, plug.out());
            drafts.get(host).link(name, bridge, to, id, underlays);
            drafts.get(host).impair(name, plug.in());
            wires.add(name);
        }

        /** What a port of the guest lets in, if that is said. */
        private Stream<GuardSpec> guards(String port) {
            return source.guards().stream().filter(guard -> guard.port().equals(port));
        }

        private Moved result() {
            Map<String, NetworkSpec> specs = new LinkedHashMap<>();
            Map<String, NetworkSpec> prepared = new LinkedHashMap<>();
            drafts.forEach((host, draft) -> specs.put(host, draft.spec()));
            specs.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
            specs.forEach((host, spec) -> prepared.put(host, before.get(host).toBuilder().tunnels(
                SwitchMove.union(before.get(host).tunnels(), spec.tunnels(), TunnelSpec::peer)).build()));
            List<String> peers = here().links.stream().filter(link -> wires.contains(link.name()))
                .map(LinkSpec::peer).distinct().toList();
            return new Moved(prepared, specs, peers);
        }
    }

    private static Stream<String> wires(NetworkSpec spec) {
        return Stream.concat(spec.bridges().stream().map(BridgeSpec::name),
            spec.links().stream().map(link -> link.name().replaceFirst("^" + LINK, "")));
    }
}
