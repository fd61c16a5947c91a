package org.violin.control.host;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which networks use which tunnel: the first one opens it, the last one closes it. Under the engine's lock.
 */
final class TunnelUsers {
    private final HostDriver driver;
    private final Map<String, Set<String>> networksByRemote = new HashMap<>();

    TunnelUsers(HostDriver driver) {
        this.driver = driver;
    }

    void join(String network, String remote, int pathMtu) {
        Set<String> networks = networksByRemote.getOrDefault(remote, Set.of());
        if (networks.isEmpty()) {
            driver.openTunnel(remote, pathMtu);
        }
        networksByRemote.computeIfAbsent(remote, r -> new HashSet<>()).add(network);
    }

    void leave(String network, String remote) {
        Set<String> networks = networksByRemote.getOrDefault(remote, Set.of());
        if (networks.equals(Set.of(network))) {
            driver.closeTunnel(remote);
            networksByRemote.remove(remote);
        } else {
            networks.remove(network);
        }
    }
}
