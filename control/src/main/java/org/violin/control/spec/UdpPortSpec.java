package org.violin.control.spec;

import java.util.Locale;

/**
 * A port by which a peer that is no daemon is plugged into a bridge, over UDP. What passes is neither encrypted nor
 * authenticated.
 *
 * @param name          unique in the network
 * @param local         {@code address:port} of this host, which nobody else has ({@code [v6]:port} for IPv6)
 * @param remote        {@code address:port} of the peer
 * @param vni           the VXLAN network identifier, 24 bits; L2TPv3: 0
 * @param localSession  the L2TPv3 session of what comes in, 32 bits and not 0; VXLAN: 0
 * @param remoteSession of what leaves, alike
 * @param localCookie   the L2TPv3 cookie of what comes in, 8 or 16 hex digits; empty: none
 * @param remoteCookie  of what leaves, alike
 * @param counter       whether an L2TPv3 sequence number follows, each way
 */
public record UdpPortSpec(String name, String bridge, Kind kind, String local, String remote, int vni,
    long localSession, long remoteSession, String localCookie, String remoteCookie, boolean counter) {

    public enum Kind {
        VXLAN, L2TPV3;

        /** As people write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public UdpPortSpec {
        localCookie = localCookie == null ? "" : localCookie;
        remoteCookie = remoteCookie == null ? "" : remoteCookie;
    }

    public static UdpPortSpec vxlan(String name, String bridge, String local, String remote, int vni) {
        return new UdpPortSpec(name, bridge, Kind.VXLAN, local, remote, vni, 0, 0, "", "", false);
    }

    public UdpPortSpec withBridge(String newBridge) {
        return new UdpPortSpec(name, newBridge, kind, local, remote, vni, localSession, remoteSession, localCookie,
            remoteCookie, counter);
    }

    /** For people: {@code vxlan port rack on lan1 from 192.0.2.1:4789 to 192.0.2.9:4789}. */
    public String text() {
        return kind.label() + " port " + name + " on " + bridge + " from " + local + " to " + remote;
    }
}
