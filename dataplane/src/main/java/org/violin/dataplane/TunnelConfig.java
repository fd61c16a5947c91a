package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * The one association with another daemon.
 *
 * @param name     the tunnel's name, unique in the dataplane; normally the peer's name
 * @param remote   the peer's UDP address; datagrams from anywhere else are not the peer's
 * @param pathMtu  the largest IP packet the path carries, in bytes; 0: the MTU of the route's interface
 * @param sealed   whether datagrams are sealed, with the keys of {@link Dataplane#installKeys}; else they go as they
 *                 are, which the operator has to spell out: {@code insecure-plaintext}
 */
public record TunnelConfig(String name, InetSocketAddress remote, int pathMtu, boolean sealed) {
    public static final int MIN_PATH_MTU = 576;

    /** Whoever can send from the peer's address is the peer, and whoever is on the path reads everything. */
    public static TunnelConfig plaintext(String name, InetSocketAddress remote, int pathMtu) {
        return new TunnelConfig(name, remote, pathMtu, false);
    }

    /** Down until it has been given keys. */
    public static TunnelConfig sealed(String name, InetSocketAddress remote, int pathMtu) {
        return new TunnelConfig(name, remote, pathMtu, true);
    }

    public TunnelConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(remote, "remote");
        if (remote.isUnresolved()) {
            throw new IllegalArgumentException("remote: " + remote.getHostString() + " does not resolve");
        }
        if (pathMtu != 0 && (pathMtu < MIN_PATH_MTU || pathMtu > 65_535)) {
            throw new IllegalArgumentException("pathMtu: " + pathMtu + ": 0 or " + MIN_PATH_MTU + " to 65535");
        }
    }
}
