package org.violin.dataplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Objects;
import org.violin.dataplane.wire.Encapsulation;
import org.violin.dataplane.wire.L2tpv3Header;
import org.violin.dataplane.wire.VxlanHeader;

/**
 * A port with a UDP socket of its own, for one peer that is no dataplane. What passes is neither encrypted nor
 * authenticated.
 *
 * @param name   the port's name, unique in the dataplane
 * @param local  where the socket is bound; nobody else has that
 * @param remote the peer: datagrams go there, and come from this address; with L2TPv3, from this port as well
 * @param header in front of each frame
 */
public record UdpPortConfig(String name, InetSocketAddress local, InetSocketAddress remote, Header header) {

    /** What stands in front of a frame. */
    public sealed interface Header permits Vxlan, L2tpv3 {
    }

    /**
     * VXLAN (RFC 7348).
     *
     * @param vni the VXLAN network identifier, 0 to {@value #VNI_MAX}; what comes with another one is dropped
     */
    public record Vxlan(int vni) implements Header {
        public static final int VNI_MAX = (1 << 24) - 1;

        public Vxlan {
            require(vni >= 0 && vni <= VNI_MAX, "vni: " + vni + ": 0 to " + VNI_MAX);
        }
    }

    /**
     * L2TPv3 over UDP (RFC 3931) without its control protocol.
     *
     * @param localSession  of what comes in, an unsigned number; not 0
     * @param remoteSession of what leaves, alike
     * @param localCookie   of what comes in: 8 or 16 hex digits, or none
     * @param remoteCookie  of what leaves, alike
     * @param counter       whether a sequence number follows them, each way (the default sublayer)
     */
    public record L2tpv3(int localSession, int remoteSession, String localCookie, String remoteCookie, boolean counter)
        implements Header {

        public L2tpv3 {
            require(localSession != 0, "localSession: 0 is not a session's");
            require(remoteSession != 0, "remoteSession: 0 is not a session's");
            requireCookie("localCookie", localCookie);
            requireCookie("remoteCookie", remoteCookie);
        }

        private static void requireCookie(String what, String cookie) {
            require(cookie.matches("([0-9A-Fa-f]{8}){0,2}"), what + ": '" + cookie + "': 8 or 16 hex digits, or none");
        }
    }

    public UdpPortConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(header, "header");
        require(!local.isUnresolved() && !remote.isUnresolved(), "local, remote: addresses, not names");
        require(local.getPort() != 0 && remote.getPort() != 0, "local, remote: port 0 is none");
        InetAddress peer = remote.getAddress();
        require(local.getAddress().getClass() == peer.getClass(),
            "remote: " + peer.getHostAddress() + ": local has an address of the other family");
        require(!peer.isAnyLocalAddress() && !peer.isMulticastAddress(),
            "remote: " + peer.getHostAddress() + ": one host's address is expected");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    Encapsulation encapsulation() {
        return switch (header) {
            case Vxlan vxlan -> new VxlanHeader(vxlan.vni());
            case L2tpv3 l2tpv3 -> new L2tpv3Header(l2tpv3.localSession(), l2tpv3.remoteSession(),
                HexFormat.of().parseHex(l2tpv3.localCookie()), HexFormat.of().parseHex(l2tpv3.remoteCookie()),
                l2tpv3.counter());
        };
    }
}
