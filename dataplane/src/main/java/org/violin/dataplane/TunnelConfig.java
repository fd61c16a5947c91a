package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * The one association with another daemon. This version of the protocol does not seal its datagrams: whoever opens
 * such a tunnel has spelled out {@code insecure-plaintext} to the operator.
 *
 * @param name     the tunnel's name, unique in the dataplane; normally the peer's name
 * @param remote   the peer's UDP address; datagrams from anywhere else are not the peer's
 * @param pathMtu  the largest IP packet the path carries, in bytes; 0: the MTU of the route's interface
 */
public record TunnelConfig(String name, InetSocketAddress remote, int pathMtu) {
    public static final int MIN_PATH_MTU = 576;

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
