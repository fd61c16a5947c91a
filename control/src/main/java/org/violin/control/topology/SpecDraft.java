package org.violin.control.topology;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

/** What a host of a network that is up has, in the making of what it is to have; its lists are the planner's. */
final class SpecDraft {
    final List<BridgeSpec> bridges;
    final List<GuestSpec> guests;
    final List<LinkSpec> links;
    final List<ImpairmentSpec> impairments;
    final List<GuardSpec> guards;
    private final NetworkSpec from;
    private final List<TunnelSpec> tunnels;

    SpecDraft(NetworkSpec from) {
        this.from = from;
        bridges = new ArrayList<>(from.bridges());
        tunnels = new ArrayList<>(from.tunnels());
        links = new ArrayList<>(from.links());
        guests = new ArrayList<>(from.guests());
        impairments = new ArrayList<>(from.impairments());
        guards = new ArrayList<>(from.guards());
    }

    /** Ids that none of these links has. */
    static StableIds linkIds(String network, Stream<List<LinkSpec>> links) {
        StableIds ids = new StableIds(network);
        links.forEach(all -> all.forEach(link -> ids.takeLinkId(link.linkId())));
        return ids;
    }

    /** Adds an end of a link, and a tunnel for it if there is none: a plain one, as nothing else is known of it. */
    void link(String name, String bridge, String peer, int id, Map<String, String> underlays) {
        if (tunnels.stream().noneMatch(tunnel -> tunnel.peer().equals(peer))) {
            tunnels.add(new TunnelSpec(
                peer, underlays.get(peer), 0, FecSpec.OFF, Transport.UDP, underlays.get(from.host())));
        }
        FitSpec fit = Stream.concat(links.stream(), from.links().stream()).filter(link -> link.peer().equals(peer))
            .map(LinkSpec::fit).findFirst().orElse(FitSpec.NONE);
        links.add(new LinkSpec(name, bridge, peer, id, fit));
    }

    /** Takes away an end of a link, with what it is set to; returns what became of what left by it. */
    LineSpec unlink(String name) {
        links.removeIf(link -> link.name().equals(name));
        impairments.removeIf(impairment -> impairment.port().equals(name));
        guards.removeIf(guard -> guard.port().equals(name));
        return from.impairment(name);
    }

    void impair(String port, LineSpec line) {
        if (!line.equals(LineSpec.NONE)) {
            impairments.add(new ImpairmentSpec(port, line));
        }
    }

    /** Without the tunnels that have no link any more. */
    NetworkSpec spec() {
        tunnels.removeIf(tunnel -> links.stream().noneMatch(link -> link.peer().equals(tunnel.peer())));
        bridges.sort(Comparator.comparing(BridgeSpec::name));
        tunnels.sort(Comparator.comparing(TunnelSpec::peer));
        links.sort(Comparator.comparing(LinkSpec::name));
        impairments.sort(Comparator.comparing(ImpairmentSpec::port));
        guards.sort(Comparator.comparing(GuardSpec::port));
        return from.toBuilder().bridges(bridges).tunnels(tunnels).links(links).guests(guests)
            .impairments(impairments).guards(guards).build();
    }
}
