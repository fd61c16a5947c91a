package org.violin.control.host;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.violin.control.spec.FecSpec;

/**
 * Which networks use which tunnel, and how each wants it protected: the first one opens it, the last one closes it, and
 * those that want no protection get that which another one wants. Under the engine's lock.
 */
final class TunnelUsers {
    private final HostDriver driver;
    /** By remote and network; {@link SpecCheck} sees to it that no two networks want different protection. */
    private final Map<String, Map<String, FecSpec>> wishesByRemote = new HashMap<>();

    TunnelUsers(HostDriver driver) {
        this.driver = driver;
    }

    void join(String network, String peer, String remote, int pathMtu) {
        if (!wishesByRemote.containsKey(remote)) {
            driver.openTunnel(peer, remote, pathMtu);
        }
        wishesByRemote.computeIfAbsent(remote, r -> new TreeMap<>()).put(network, FecSpec.OFF);
    }

    void leave(String network, String peer, String remote) {
        Map<String, FecSpec> wishes = wishesByRemote.get(remote);
        if (wishes.size() == 1) {
            driver.closeTunnel(peer, remote);
            wishesByRemote.remove(remote);
        } else {
            wishes.remove(network);
        }
    }

    /** Has a tunnel that {@code network} uses protected as it wants. */
    void protect(String network, String remote, FecSpec fec) {
        Map<String, FecSpec> wishes = wishesByRemote.get(remote);
        Map<String, FecSpec> changed = new TreeMap<>(wishes);
        changed.put(network, fec);
        if (!wanted(changed).equals(wanted(wishes))) {
            driver.protect(remote, wanted(changed));
        }
        wishesByRemote.put(remote, changed);
    }

    private static FecSpec wanted(Map<String, FecSpec> wishes) {
        return wishes.values().stream().filter(fec -> !fec.equals(FecSpec.OFF)).findFirst().orElse(FecSpec.OFF);
    }
}
