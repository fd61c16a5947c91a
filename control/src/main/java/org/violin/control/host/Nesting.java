package org.violin.control.host;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.violin.control.host.HostException.Kind;
import org.violin.dataplane.PortStatus;

/**
 * Which networks of this host carry which, at one moment. One carries another where what the other sends to its peers
 * leaves by a TAP of the one. None may be carried by itself, be it by way of others: its frames would go round, and
 * none would arrive.
 *
 * @param remotes  where each network's frames go: those of its links' tunnels, and of its UDP ports
 * @param networks of TAPs, by device
 * @param devices  of the routes to the remotes; a remote without a route has none
 */
record Nesting(Map<String, Set<String>> remotes, Map<String, String> networks, Map<String, String> devices) {

    /**
     * Asks the kernel for its routes, if there are any that matter, and a TAP that they may lead into.
     *
     * @param ports    named {@code <network>/<port>}
     * @param remoteOf links and UDP ports, by the same names
     */
    static Nesting of(Iterable<PortStatus> ports, Map<String, String> remoteOf) {
        Map<String, String> networks = new HashMap<>();
        for (PortStatus port : ports) {
            if (port.kind().equals("tap")) {
                networks.put(port.detail().split(" ")[0], network(port.name()));
            }
        }
        return new Nesting(byNetwork(remoteOf), networks,
            networks.isEmpty() || remoteOf.isEmpty() ? Map.of() : Way.devices(Set.copyOf(remoteOf.values())));
    }

    /** @param remoteOf ports, named {@code <network>/<port>} */
    static Map<String, Set<String>> byNetwork(Map<String, String> remoteOf) {
        return remoteOf.entrySet().stream().collect(Collectors.groupingBy(
            entry -> network(entry.getKey()), Collectors.mapping(Map.Entry::getValue, Collectors.toSet())));
    }

    private static String network(String port) {
        return port.substring(0, port.indexOf('/'));
    }

    /** Throws {@link Kind#CONFLICT} if this network is carried by itself. */
    void requireNoLoop(String network) {
        devices.forEach((remote, device) -> {
            if (network.equals(networks.get(device)) && isLoop(remote, device)) {
                throw new HostException(Kind.CONFLICT, "network " + network + " would be carried by itself: the route"
                    + " to " + remote + ", where its frames go, leads into " + device + ", which is its own: change"
                    + " the network's addresses, or this host's routes");
            }
        });
    }

    /** Whether the device is of a network that itself, or by way of others, goes to the remote. */
    boolean isLoop(String remote, String device) {
        String network = networks.get(device);
        return network != null && goesTo(remote, network, new HashSet<>());
    }

    private boolean goesTo(String remote, String network, Set<String> seen) {
        Set<String> own = remotes.getOrDefault(network, Set.of());
        return seen.add(network) && (own.contains(remote) || own.stream().map(devices::get).filter(Objects::nonNull)
            .map(networks::get).filter(Objects::nonNull).anyMatch(below -> goesTo(remote, below, seen)));
    }
}
