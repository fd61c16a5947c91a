package org.violin.control.host;

import org.violin.control.spec.PacketSpec;
import org.violin.dataplane.PacketConfig;

/** An interface of the host that is a port. */
record PacketPiece(PacketSpec spec) implements Plugged {
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
        return new PacketPiece(spec.withBridge(otherBridge));
    }

    @Override
    public String making() {
        return "open packet port " + spec.name() + " on " + spec.bridge() + ": " + spec.text();
    }

    @Override
    public String unmaking() {
        return "close packet port " + spec.name() + " on " + spec.bridge();
    }

    @Override
    public void make(Site site) {
        site.driver().openPacket(site.network(), spec);
    }

    /** Throws {@link IllegalArgumentException}, whose message names what is wrong. */
    static PacketConfig config(String port, PacketSpec spec) {
        return new PacketConfig(port, spec.device(), PacketConfig.Role.valueOf(spec.role().name()),
            spec.macs().stream().map(mac -> Long.parseLong(mac.replace(":", ""), 16)).toList(), spec.multicast(),
            spec.promiscuous());
    }
}
