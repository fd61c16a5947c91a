package org.violin.control.stream;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * The stream of one tunnel.
 *
 * @param tunnel what this end calls the tunnel
 * @param name   what both ends call it
 * @param tls    whether it is TLS; else it is TCP
 * @param remote where the peer listens; null: it connects
 * @param proxy  the way to {@code remote}; null: straight
 */
public record StreamConfig(String tunnel, TunnelName name, boolean tls, InetSocketAddress remote, HttpProxy proxy) {
    public StreamConfig {
        Objects.requireNonNull(name, "name");
    }

    /** As people write it. */
    String transport() {
        return tls ? "tls" : "tcp";
    }
}
