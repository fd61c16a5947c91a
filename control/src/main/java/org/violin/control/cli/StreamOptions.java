package org.violin.control.cli;

import java.net.InetSocketAddress;
import org.violin.control.keys.Sealing;
import org.violin.control.stream.HttpProxy;
import org.violin.control.stream.StreamConfig;
import org.violin.control.stream.Transport;
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

    /**
     * The stream that the user wants; null: datagrams.
     *
     * @throws IllegalArgumentException when it is not clear
     */
    StreamConfig config(InetSocketAddress local, InetSocketAddress remote, Sealing sealing) {
        if (transport != Transport.UDP) {
            if (sealing.seals() && sealing.key() == null) {
                throw new IllegalArgumentException("--transport " + transport.label() + ": with --key-file; the"
                    + " connection by which identities agree on keys goes beside UDP alone");
            }
            return new StreamConfig(transport, local, remote, proxy, sealing.key());
        }
        if (proxy != null) {
            throw new IllegalArgumentException("--proxy: UDP does not pass one: say --transport tls");
        }
        return null;
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
