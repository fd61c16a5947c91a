package org.violin.control.host;

import org.violin.control.spec.JetwaySpec;

/** A jetway that is on. */
record JetwayPiece(JetwaySpec spec) implements Plugged {
    @Override
    public String port() {
        return spec.name();
    }

    @Override
    public String bridge() {
        return spec.tap().bridge();
    }

    @Override
    public Plugged on(String otherBridge) {
        return new JetwayPiece(spec.withTap(spec.tap().withBridge(otherBridge)));
    }

    @Override
    public String making() {
        return "switch on jetway " + spec.name() + ": " + spec.text();
    }

    @Override
    public String unmaking() {
        return "switch off jetway " + spec.name();
    }

    @Override
    public void make(Site site) {
        site.driver().openJetway(site.network(), spec);
    }

    @Override
    public void unmake(Site site) {
        site.driver().closeJetway(site.network(), spec.name());
    }
}
