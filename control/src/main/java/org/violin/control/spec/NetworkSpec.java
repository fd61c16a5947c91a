package org.violin.control.spec;

import java.util.List;

/**
 * What one daemon has to hold for one network: the unit of desired state. The planner makes one for each host of a
 * topology; a daemon journals it and brings itself into line with it.
 *
 * @param network the network's name
 * @param host    the name the topology gives this host
 */
public record NetworkSpec(
    String network,
    String host,
    List<BridgeSpec> bridges,
    List<TunnelSpec> tunnels,
    List<LinkSpec> links,
    List<GuestSpec> guests,
    List<TapSpec> taps) {

    public NetworkSpec {
        bridges = List.copyOf(bridges);
        tunnels = List.copyOf(tunnels);
        links = List.copyOf(links);
        guests = List.copyOf(guests);
        taps = List.copyOf(taps);
    }

    /** A network with nothing on this host. */
    public static NetworkSpec empty(String network, String host) {
        return new NetworkSpec(network, host, List.of(), List.of(), List.of(), List.of(), List.of());
    }
}
