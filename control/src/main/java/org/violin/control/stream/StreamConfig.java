package org.violin.control.stream;

import java.net.InetSocketAddress;
import org.violin.control.keys.SharedKey;

/**
 * A stream to one peer.
 *
 * @param transport not UDP
 * @param listen    where the peer may connect to; null: nowhere
 * @param remote    where the peer listens; null: it connects
 * @param proxy     the way to {@code remote}; null: straight
 * @param key       which both ends prove to have, and which stays open as long as the relay; null: anybody who connects
 *                  is the peer
 */
public record StreamConfig(Transport transport, InetSocketAddress listen, InetSocketAddress remote, HttpProxy proxy,
    SharedKey key) {

    public StreamConfig {
        String option = "--transport " + transport.label();
        if (transport == Transport.UDP) {
            throw new IllegalArgumentException(option + ": no stream");
        }
        if (listen == null && remote == null) {
            throw new IllegalArgumentException(option + ": say --local, where this end waits for the other, or"
                + " --remote, where the other end does");
        }
        if (proxy != null && remote == null) {
            throw new IllegalArgumentException("--proxy: say --remote, what it is to connect to");
        }
        if (transport != Transport.TCP && key == null) {
            throw new IllegalArgumentException(option + " needs --key-file, by which the ends know each other;"
                + " with --insecure-plaintext there are udp and tcp");
        }
    }

    /** Whether the stream is TLS; else it is TCP. */
    boolean isTls() {
        return transport != Transport.TCP;
    }
}
