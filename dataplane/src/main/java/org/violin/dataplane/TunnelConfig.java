package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * The one association with another daemon.
 *
 * @param name     the tunnel's name, unique in the dataplane; normally the peer's name
 * @param remote   the peer's UDP address, and of a tunnel that is not sealed the only one that it has; null, if it is
 *                 sealed: not known until the peer shows itself
 * @param pathMtu  the largest IP packet the path carries, in bytes; 0: to be found out (RFC 8899)
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
        if (remote == null && !sealed) {
            throw new IllegalArgumentException("remote: none: only the peer of a sealed tunnel can show itself");
        }
        if (remote != null && remote.isUnresolved()) {
            throw new IllegalArgumentException("remote: " + remote.getHostString() + " does not resolve");
        }
        if (pathMtu != 0 && (pathMtu < MIN_PATH_MTU || pathMtu > 65_535)) {
            throw new IllegalArgumentException("pathMtu: " + pathMtu + ": 0 or " + MIN_PATH_MTU + " to 65535");
        }
    }
}
