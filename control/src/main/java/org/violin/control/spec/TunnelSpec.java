package org.violin.control.spec;

/**
 * The association with a peer daemon. Several networks on the same two daemons share one tunnel: same remote, same
 * tunnel.
 *
 * @param peer    the peer's name in the topology
 * @param remote  {@code address:port} of the peer's UDP socket ({@code [v6]:port} for IPv6)
 * @param pathMtu bytes; 0: found out
 * @param fec     what this network wants for the tunnel; off leaves it to the others. Null, as in what versions without
 *                it have written: off
 */
public record TunnelSpec(String peer, String remote, int pathMtu, FecSpec fec) {

    public TunnelSpec {
        fec = fec == null ? FecSpec.OFF : fec;
    }

    TunnelSpec withFec(FecSpec newFec) {
        return new TunnelSpec(peer, remote, pathMtu, newFec);
    }
}
