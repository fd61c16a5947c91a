package org.violin.control.host;

import java.nio.file.Path;
import org.violin.control.spec.UdpPortSpec;
import org.violin.dataplane.UdpPortConfig;

/** A port for a peer that is no daemon. */
record UdpPortPiece(UdpPortSpec spec) implements Plugged {

    /** Throws {@link IllegalArgumentException}, with a message that says what is wrong. */
    static void check(UdpPortSpec spec) {
        if (spec.onRequest() && (spec.kind() != UdpPortSpec.Kind.L2TPV3 || !Path.of(spec.tokenFile()).isAbsolute())) {
            throw new IllegalArgumentException("token-file: an absolute path, of a port of kind l2tpv3");
        }
        if (spec.onRequest() && !spec.hasPeer()) {
            Remote.parse(spec.local());
        } else {
            config(spec.name(), spec);
        }
    }

    /**
     * As the dataplane has it.
     *
     * @param name of the port there
     * @throws IllegalArgumentException with a message that says what is wrong
     */
    static UdpPortConfig config(String name, UdpPortSpec spec) {
        UdpPortConfig.Header header = switch (spec.kind()) {
            case VXLAN -> new UdpPortConfig.Vxlan(spec.vni());
            case L2TPV3 -> new UdpPortConfig.L2tpv3(session(spec.localSession()), session(spec.remoteSession()),
                spec.localCookie(), spec.remoteCookie(), spec.counter());
            case null -> throw new IllegalArgumentException("kind: VXLAN or L2TPV3");
        };
        return new UdpPortConfig(name, Remote.parse(spec.local()), Remote.parse(spec.remote()), header);
    }

    private static int session(long session) {
        if (session < 1 || session > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("session " + session + ": 1 to " + 0xFFFF_FFFFL);
        }
        return (int) session;
    }

    @Override
    public String port() {
        return spec.name();
    }

    @Override
    public String bridge() {
        return spec.bridge();
    }

    @Override
    public Plugged on(String otherBridge) {
        return new UdpPortPiece(spec.withBridge(otherBridge));
    }

    @Override
    public String making() {
        return "open " + spec.text();
    }

    @Override
    public String unmaking() {
        return "close " + spec.text();
    }

    @Override
    public void make(Site site) {
        site.driver().openUdpPort(site.network(), spec);
    }
}
