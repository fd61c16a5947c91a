package org.violin.control.spec;

/**
 * The association with a peer daemon. Several networks on the same two daemons share one tunnel: same remote, same
 * tunnel.
 *
 * @param peer      the peer's name in the topology
 * @param remote    {@code address:port} of the peer's UDP socket ({@code [v6]:port} for IPv6)
 * @param pathMtu   bytes; 0: found out
 * @param fec       what this network wants for the tunnel; off leaves it to the others. Null, as in what versions
 *                  without it have written: off
 * @param transport what this network wants it to go by; UDP leaves it to the others. Null, as in what versions without
 *                  it have written: UDP
 * @param local     what {@code remote} is to the peer: {@code address:port} by which it knows this host. Null, as in
 *                  what versions without it have written: not known, so that there are no streams
 */
public record TunnelSpec(String peer, String remote, int pathMtu, FecSpec fec, Transport transport, String local) {

    public TunnelSpec {
        fec = fec == null ? FecSpec.OFF : fec;
        transport = transport == null ? Transport.UDP : transport;
    }

    TunnelSpec withFec(FecSpec newFec) {
        return new TunnelSpec(peer, remote, pathMtu, newFec, transport, local);
    }

    TunnelSpec withTransport(Transport newTransport) {
        return new TunnelSpec(peer, remote, pathMtu, fec, newTransport, local);
    }
}
