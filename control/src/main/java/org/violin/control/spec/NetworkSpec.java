package org.violin.control.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What one daemon has to hold for one network: the unit of desired state. The planner makes one for each host of a
 * topology; a daemon journals it and brings itself into line with it.
 *
 * @param network     the network's name
 * @param host        the name the topology gives this host
 * @param impairments at most one a port; null, as in what versions without it have written: none
 * @param jetways     also those that are off; null, as in what versions without it have written: none
 */
public record NetworkSpec(
    String network,
    String host,
    List<BridgeSpec> bridges,
    List<TunnelSpec> tunnels,
    List<LinkSpec> links,
    List<GuestSpec> guests,
    List<TapSpec> taps,
    List<ImpairmentSpec> impairments,
    List<JetwaySpec> jetways) {

    public NetworkSpec {
        bridges = List.copyOf(bridges);
        tunnels = List.copyOf(tunnels);
        links = List.copyOf(links);
        guests = List.copyOf(guests);
        taps = List.copyOf(taps);
        impairments = impairments == null ? List.of() : List.copyOf(impairments);
        jetways = jetways == null ? List.of() : List.copyOf(jetways);
    }

    /** A network with nothing on this host. */
    public static NetworkSpec empty(String network, String host) {
        return new NetworkSpec(network, host, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(),
            List.of());
    }

    /** The same with what leaves by {@code port} on a line such as this, instead of what is said of it now. */
    public NetworkSpec withImpairment(String port, LineSpec line) {
        List<ImpairmentSpec> changed = new ArrayList<>(impairments);
        changed.removeIf(impairment -> impairment.port().equals(port));
        if (!line.equals(LineSpec.NONE)) {
            changed.add(new ImpairmentSpec(port, line));
        }
        changed.sort(Comparator.comparing(ImpairmentSpec::port));
        return new NetworkSpec(network, host, bridges, tunnels, links, guests, taps, changed, jetways);
    }

    /** The same with the tunnel to {@code peer} protected like this. */
    public NetworkSpec withFec(String peer, FecSpec fec) {
        return withTunnel(peer, tunnel -> tunnel.withFec(fec));
    }

    /** The same with the tunnel to {@code peer} going by this. */
    public NetworkSpec withTransport(String peer, Transport transport) {
        return withTunnel(peer, tunnel -> tunnel.withTransport(transport));
    }

    private NetworkSpec withTunnel(String peer, UnaryOperator<TunnelSpec> change) {
        List<TunnelSpec> changed = tunnels.stream()
            .map(tunnel -> tunnel.peer().equals(peer) ? change.apply(tunnel) : tunnel).toList();
        return new NetworkSpec(network, host, bridges, changed, links, guests, taps, impairments, jetways);
    }

    /** The same with those who send through {@code link} told this. */
    public NetworkSpec withFit(String link, FitSpec fit) {
        List<LinkSpec> changed = links.stream()
            .map(each -> each.name().equals(link) ? each.withFit(fit) : each).toList();
        return new NetworkSpec(network, host, bridges, tunnels, changed, guests, taps, impairments, jetways);
    }

    /** The same with {@code jetway} switched on or off. */
    public NetworkSpec withJetway(String jetway, boolean on) {
        List<JetwaySpec> changed = jetways.stream()
            .map(each -> each.name().equals(jetway) ? each.withOn(on) : each).toList();
        return new NetworkSpec(network, host, bridges, tunnels, links, guests, taps, impairments, changed);
    }

    /** What becomes of the frames that leave by {@code port}. */
    public LineSpec impairment(String port) {
        return impairments.stream().filter(impairment -> impairment.port().equals(port))
            .map(ImpairmentSpec::line).findFirst().orElse(LineSpec.NONE);
    }
}
