package org.violin.control.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
 * Places a switch of a network that is up on another host, as {@link Planner} would have planned it there: ports on its
 * new host are plugged in directly, those on the old one by a patch and a link, and those elsewhere by a link to the
 * new host. What is wrong is told by an {@link IllegalArgumentException}.
 */
public final class SwitchMove {
    private static final String LINK = "link:";

    private final String network;
    private final Map<String, NetworkSpec> before;
    private final Map<String, String> underlays;

    /**
     * A move.
     *
     * @param from     the host that the switch leaves
     * @param prepared specs of the hosts that change, by host: what they have now, and what of the rest can be there
     *                 beside it: the switch with most of its links, by which no frame comes yet
     * @param specs    of the same hosts, when it is done
     * @param peers    of the new host, to which the switch has links there
     * @param ports    where what is behind a port of the switch will be, by the names of its ports
     * @param dropped  what links were set to that there will be no more, in words
     */
    public record Moved(String from, Map<String, NetworkSpec> prepared, Map<String, NetworkSpec> specs,
        List<String> peers, Map<String, String> ports, List<String> dropped) {
    }

    /**
     * @param specs     what each host has now, by its name
     * @param underlays {@code address:port} of each host; one that has no spec has nothing of the network
     */
    public SwitchMove(String network, Map<String, NetworkSpec> specs, Map<String, String> underlays) {
        this.network = network;
        this.underlays = Map.copyOf(underlays);
        before = new TreeMap<>();
        underlays.keySet().forEach(host -> before.put(host, NetworkSpec.empty(network, host)));
        before.putAll(specs);
    }

    /** Where the switch is. */
    public String hostOf(String switchName) {
        return before.values().stream()
            .filter(spec -> spec.bridges().stream().anyMatch(bridge -> is(bridge, switchName)))
            .map(NetworkSpec::host).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no switch '" + Words.shorten(switchName) + "'"
                + hint(switchName, before.values())));
    }

    /** How a message about a name that no switch has goes on. */
    public static String hint(String name, Collection<NetworkSpec> specs) {
        return Words.hint(name, switches(specs), "switches");
    }

    /** The switches of specifications, in the order of their names. */
    public static List<String> switches(Collection<NetworkSpec> specs) {
        return specs.stream().flatMap(spec -> spec.bridges().stream())
            .filter(bridge -> bridge.kind() == BridgeSpec.Kind.SWITCH).map(BridgeSpec::name).sorted().toList();
    }

    private static boolean is(BridgeSpec bridge, String switchName) {
        return bridge.name().equals(switchName) && bridge.kind() == BridgeSpec.Kind.SWITCH;
    }

    /** Moves a switch to another host than its own. */
    public Moved move(String switchName, String to) {
        String from = hostOf(switchName);
        if (!before.containsKey(to)) {
            throw new IllegalArgumentException("there is no host '" + Words.shorten(to) + "'"
                + Words.hint(to, before.keySet(), "hosts"));
        }
        if (from.equals(to)) {
            throw new IllegalArgumentException("switch " + switchName + " is on " + to + " already");
        }
        return new Move(switchName, before.get(from), before.get(to)).run();
    }

    private final class Move {
        private final String switchName;
        private final NetworkSpec source;
        private final NetworkSpec target;
        private final Map<String, SpecDraft> drafts = new TreeMap<>();
        /** Patches of the new host that are there no more. */
        private final Set<String> shortened = new HashSet<>();
        private final Map<String, String> portAfter = new TreeMap<>();
        private final List<String> dropped = new ArrayList<>();

        private Move(String switchName, NetworkSpec source, NetworkSpec target) {
            this.switchName = switchName;
            this.source = source;
            this.target = target;
            before.forEach((host, spec) -> drafts.put(host, new SpecDraft(spec)));
        }

        private Moved run() {
            BridgeSpec bridge = source.bridges().stream().filter(each -> is(each, switchName)).findFirst()
                .orElseThrow();
            old().bridges.remove(bridge);
            fresh().bridges.add(bridge);
            List<LinkSpec> links = source.links().stream().filter(link -> link.bridge().equals(switchName)).toList();
            links.forEach(link -> {
                if (link.peer().equals(target.host())) {
                    shorten(link);
                } else {
                    redirect(link);
                }
            });
            lengthen();
            return result();
        }

        private SpecDraft old() {
            return drafts.get(source.host());
        }

        private SpecDraft fresh() {
            return drafts.get(target.host());
        }

        /** What was patched to a link on the new host is plugged in there. */
        private void shorten(LinkSpec link) {
            String patch = other(link).bridge();
            if (target.bridges().stream().anyMatch(bridge -> is(bridge, patch))) {
                throw new IllegalArgumentException("switch " + patch + ", to which " + switchName
                    + " has a trunk, is on " + target.host() + "; a trunk joins two hosts");
            }
            drop(source, link.name(), old().unlink(link.name()));
            drop(target, link.name(), fresh().unlink(link.name()));
            fresh().bridges.removeIf(bridge -> bridge.name().equals(patch));
            shortened.add(patch);
            ports(target).forEach((port, bridge) -> {
                if (bridge.equals(patch)) {
                    portAfter.put(link.name(), port);
                }
            });
        }

        /** What a link was set to that is no more. One that is down keeps a port out, which would come in again. */
        private void drop(NetworkSpec spec, String link, LineSpec line) {
            if (line.down()) {
                throw new IllegalArgumentException(link + " is down, and there would be no such link any more: with "
                    + switchName + " on " + target.host() + ", " + link.substring(LINK.length())
                    + " would be connected again. Bring it up first (violin link set " + network + " " + link
                    + " --up)");
            }
            if (!line.changesNothing()) {
                dropped.add(link + " on " + spec.host() + ": " + line.text());
            }
        }

        private LinkSpec other(LinkSpec link) {
            NetworkSpec there = before.get(link.peer());
            return (there == null ? List.<LinkSpec>of() : there.links()).stream()
                .filter(each -> each.name().equals(link.name())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(link.name() + " from " + source.host() + " to "
                    + link.peer() + " has no other end there: run 'violin up' again first"));
        }

        private void redirect(LinkSpec link) {
            SpecDraft there = drafts.get(link.peer());
            LineSpec line = there.unlink(link.name());
            there.link(link.name(), other(link).bridge(), target.host(), link.linkId(), underlays);
            there.impair(link.name(), line);
            line = old().unlink(link.name());
            fresh().link(link.name(), switchName, link.peer(), link.linkId(), underlays);
            fresh().impair(link.name(), line);
            guards(link.name()).forEach(fresh().guards::add);
            portAfter.put(link.name(), link.name());
        }

        /** What is plugged in on the old host is patched to a link there. */
        private void lengthen() {
            StableIds ids = SpecDraft.linkIds(network, drafts.values().stream().map(draft -> draft.links));
            ports(source).forEach((port, bridge) -> {
                if (bridge.equals(switchName)) {
                    int id = ids.linkId(LINK + port);
                    portAfter.put(port, LINK + port);
                    old().bridges.add(BridgeSpec.patch(port));
                    old().link(LINK + port, port, target.host(), id, underlays);
                    fresh().link(LINK + port, switchName, source.host(), id, underlays);
                    guards(port).map(GuardSpec::atSwitch).filter(Objects::nonNull).forEach(fresh().guards::add);
                }
            });
        }

        /** What a port of the old host lets in, if that is said. */
        private Stream<GuardSpec> guards(String port) {
            return source.guards().stream().filter(guard -> guard.port().equals(port));
        }

        private Moved result() {
            Map<String, NetworkSpec> specs = new LinkedHashMap<>();
            drafts.forEach((host, draft) -> specs.put(host, draft.spec()));
            specs.compute(source.host(), (host, spec) ->
                replugged(spec, (port, bridge) -> bridge.equals(switchName) ? port : bridge));
            specs.compute(target.host(), (host, spec) ->
                replugged(spec, (port, bridge) -> shortened.contains(bridge) ? switchName : bridge));
            Map<String, NetworkSpec> prepared = new LinkedHashMap<>();
            specs.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
            specs.forEach((host, spec) -> prepared.put(host, beforehand(before.get(host), spec)));
            List<String> peers = specs.get(target.host()).links().stream()
                .filter(link -> link.bridge().equals(switchName)).map(LinkSpec::peer).distinct().toList();
            return new Moved(source.host(), prepared, specs, peers, Map.copyOf(portAfter), List.copyOf(dropped));
        }
    }

    private static Map<String, String> ports(NetworkSpec spec) {
        Map<String, String> bridges = new TreeMap<>();
        spec.guests().forEach(guest ->
            guest.nics().forEach(nic -> bridges.put(guest.name() + "." + nic.name(), nic.bridge())));
        spec.taps().forEach(tap -> bridges.put(tap.name(), tap.bridge()));
        spec.jetways().forEach(jetway -> bridges.put(jetway.name(), jetway.tap().bridge()));
        spec.packets().forEach(packet -> bridges.put(packet.name(), packet.bridge()));
        spec.udpPorts().forEach(port -> bridges.put(port.name(), port.bridge()));
        return bridges;
    }

    /** @param bridgeOf a port, from its name and the bridge that it is plugged into now */
    private static NetworkSpec replugged(NetworkSpec spec, BinaryOperator<String> bridgeOf) {
        List<GuestSpec> guests = spec.guests().stream().map(guest -> guest.withNics(guest.nics().stream().map(nic ->
            nic.withBridge(bridgeOf.apply(guest.name() + "." + nic.name(), nic.bridge()))).toList())).toList();
        List<TapSpec> taps = spec.taps().stream()
            .map(tap -> tap.withBridge(bridgeOf.apply(tap.name(), tap.bridge()))).toList();
        List<JetwaySpec> jetways = spec.jetways().stream().map(jetway ->
            jetway.withTap(jetway.tap().withBridge(bridgeOf.apply(jetway.name(), jetway.tap().bridge())))).toList();
        List<PacketSpec> packets = spec.packets().stream()
            .map(packet -> packet.withBridge(bridgeOf.apply(packet.name(), packet.bridge()))).toList();
        List<UdpPortSpec> udpPorts = spec.udpPorts().stream()
            .map(port -> port.withBridge(bridgeOf.apply(port.name(), port.bridge()))).toList();
        return spec.toBuilder().guests(guests).taps(taps).jetways(jetways).packets(packets).udpPorts(udpPorts).build();
    }

    /** What there is now, and what of what is to come has no place that is taken. */
    private static NetworkSpec beforehand(NetworkSpec now, NetworkSpec then) {
        return now.toBuilder().tunnels(union(now.tunnels(), then.tunnels(), TunnelSpec::peer))
            .bridges(union(now.bridges(), then.bridges(), BridgeSpec::name))
            .links(union(now.links(), then.links(), LinkSpec::name))
            .impairments(union(now.impairments(), then.impairments(), ImpairmentSpec::port))
            .guards(union(now.guards(), then.guards(), GuardSpec::port)).build();
    }

    /** The first, and what of the second has a name of its own. */
    static <T> List<T> union(List<T> now, List<T> then, Function<T, String> name) {
        Set<String> taken = now.stream().map(name).collect(Collectors.toSet());
        return Stream.concat(now.stream(), then.stream().filter(each -> !taken.contains(name.apply(each)))).toList();
    }
}
