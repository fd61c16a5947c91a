package org.violin.control.spec;

import java.util.List;
import java.util.Locale;

/**
 * A port by which a peer that is no daemon is plugged into a bridge, over UDP. What passes is neither encrypted nor
 * authenticated.
 *
 * @param name          unique in the network
 * @param local         {@code address:port} of this host, which nobody else has ({@code [v6]:port} for IPv6)
 * @param remote        {@code address:port} of the peer; empty: a guest is to ask for the port, and none has
 * @param vni           the VXLAN network identifier, 24 bits; L2TPv3: 0
 * @param localSession  the L2TPv3 session of what comes in, 32 bits and not 0; VXLAN, or no remote: 0
 * @param remoteSession of what leaves, alike
 * @param localCookie   the L2TPv3 cookie of what comes in, 8 or 16 hex digits; empty: none
 * @param remoteCookie  of what leaves, alike
 * @param counter       whether an L2TPv3 sequence number follows, each way
 * @param tokenFile     of the shared key by which a guest asks for the port, absolute, on this host; empty, or null as
 *                      in what versions without it have written: nobody may ask, the remote is fixed
 */
public record UdpPortSpec(String name, String bridge, Kind kind, String local, String remote, int vni,
    long localSession, long remoteSession, String localCookie, String remoteCookie, boolean counter,
    String tokenFile) {

    public enum Kind {
        VXLAN, L2TPV3;

        /** As people write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public UdpPortSpec {
        remote = remote == null ? "" : remote;
        tokenFile = tokenFile == null ? "" : tokenFile;
        localCookie = localCookie == null ? "" : localCookie;
        remoteCookie = remoteCookie == null ? "" : remoteCookie;
    }

    public static UdpPortSpec vxlan(String name, String bridge, String local, String remote, int vni) {
        return new UdpPortSpec(name, bridge, Kind.VXLAN, local, remote, vni, 0, 0, "", "", false, "");
    }

    public UdpPortSpec withBridge(String newBridge) {
        return new UdpPortSpec(name, newBridge, kind, local, remote, vni, localSession, remoteSession, localCookie,
            remoteCookie, counter, tokenFile);
    }

    /** The same with another peer, and what is in front of its frames. */
    public UdpPortSpec withPeer(String to, long localId, long remoteId, String cookieIn, String cookieOut) {
        return new UdpPortSpec(name, bridge, kind, local, to, vni, localId, remoteId, cookieIn, cookieOut, counter,
            tokenFile);
    }

    public UdpPortSpec withoutPeer() {
        return withPeer("", 0, 0, "", "");
    }

    /** Whether a guest asks for it. */
    public boolean onRequest() {
        return !tokenFile.isEmpty();
    }

    /** Whether its peer is known. */
    public boolean hasPeer() {
        return !remote.isEmpty();
    }

    /** The same with the peer that it has among these; where it is fixed, just the same. */
    UdpPortSpec withPeerOf(List<UdpPortSpec> ports) {
        return !onRequest() ? this : ports.stream()
            .map(port -> port.withBridge(bridge)).filter(port -> port.withoutPeer().equals(withoutPeer()))
            .findFirst().orElse(withoutPeer());
    }

    /** For people: {@code vxlan port rack on lan1 from 192.0.2.1:4789 to 192.0.2.9:4789}. */
    public String text() {
        return kind.label() + " port " + name + " on " + bridge + " from " + local + " to "
            + (hasPeer() ? remote : "who asks for it");
    }
}
