package org.violin.control.cli;

import java.net.InetSocketAddress;
import org.violin.control.keys.Sealing;
import org.violin.control.spec.Transport;
import org.violin.control.stream.Carrier;
import org.violin.control.stream.HttpProxy;
import picocli.CommandLine.Option;

/** What carries a tunnel. */
final class StreamOptions {
    @Option(names = "--transport", paramLabel = "TRANSPORT", defaultValue = "udp", converter = Transports.class,
        completionCandidates = Transports.class,
        description = "What carries the tunnel: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). The streams, tcp"
            + " and tls, are for networks that pass nothing else; auto: udp where it passes, and tls where it does"
            + " not.")
    private Transport transport;

    @Option(names = "--proxy", paramLabel = "http://[USER:PASSWORD@]HOST[:PORT]", converter = Proxy.class,
        description = "Connect to --remote through this proxy, by HTTP CONNECT.")
    private HttpProxy proxy;

    Transport transport() {
        return transport;
    }

    /** Null: none. */
    HttpProxy proxy() {
        return proxy;
    }

    /** Throws {@link IllegalArgumentException} when it is not clear which stream the user wants, if one. */
    void check(InetSocketAddress local, InetSocketAddress remote, Sealing sealing) {
        if (transport == Transport.UDP) {
            require(proxy == null, "--proxy: UDP does not pass one: say --transport tls");
            return;
        }
        String option = "--transport " + transport.label();
        boolean identities = sealing.seals() && sealing.key() == null;
        require(!identities || transport != Transport.TCP, option + ": " + Carrier.TCP_WITH_IDENTITIES);
        require(!identities || local != null, option + ": with --identity say --local, where this end waits for the"
            + " other, too");
        require(local != null || remote != null, option + ": say --local, where this end waits for the other, or"
            + " --remote, where the other end does");
        require(proxy == null || remote != null, "--proxy: say --remote, what it is to connect to");
        require(transport == Transport.TCP || sealing.seals(), option + " needs --key-file or --identity, by which"
            + " the ends know each other; with --insecure-plaintext there are udp and tcp");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    static final class Transports extends Labels<Transport> {
        Transports() {
            super(Transport.values(), Transport::label);
        }
    }

    static final class Proxy extends Converter<HttpProxy> {
        Proxy() {
            super(HttpProxy::parse);
        }
    }
}
