package org.violin.control.vnet;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.violin.control.keys.KeyAgreement;
import org.violin.control.keys.KeyKeeper;
import org.violin.control.keys.Sealing;
import org.violin.control.keys.SharedKey;
import org.violin.control.spec.Transport;
import org.violin.control.stream.Carrier;
import org.violin.control.stream.NetworkText;
import org.violin.control.stream.StreamRelay;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.LinkConfig;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TunnelConfig;
import org.violin.dataplane.TunnelStatus;

/**
 * What joins the two ends of each handler: a tunnel and the link in it. A plaintext tunnel is inside the connection for
 * as long as the handler is there, whoever is at its other end. One that may go by UDP is sealed with a key that comes
 * of the token, so each bond has its own; with AUTO it begins by the connection, which is there, and goes by UDP once
 * that has proved to pass. On the thread for work.
 */
final class Cables implements AutoCloseable {
    private static final int LINK_ID = 1;

    /** What frames of a handler go by now. */
    enum Via {
        /** Nothing passes. */
        NONE, TCP, UDP;

        /** For people. */
        String label() {
            return this == TCP ? "by its connection" : this == UDP ? "by UDP" : "nothing passes";
        }

        static Via parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    private final Dataplane dataplane;
    private final KeyKeeper keys;
    private final Carrier carrier;
    /** By handlers: the token that a tunnel is sealed by, or null where it is not. */
    private final Map<String, Token> opened = new HashMap<>();

    Cables(Dataplane dataplane, Consumer<String> told) {
        this.dataplane = dataplane;
        keys = new KeyKeeper(dataplane);
        carrier = new Carrier(dataplane, Sealing.NONE, null, null, told);
    }

    /**
     * Has the handler be joined as its bond wants it, if that is known yet.
     *
     * @return whether it was not so before
     */
    boolean open(Bond bond) {
        String id = bond.handler().id();
        boolean sealed = bond.spec().way().isSealed();
        Token token = sealed ? bond.token() : null;
        if (sealed && token == null || opened.containsKey(id) && opened.get(id) == token) {
            return false;
        }
        close(id);
        if (sealed) {
            openSealed(id, bond);
        } else {
            openTunnel(id, TunnelConfig.plaintext(id, bond.handler().relay().address(), StreamRelay.PATH_MTU));
        }
        opened.put(id, token);
        return true;
    }

    /** Has a plaintext tunnel begin anew: it says hello at once, where its next one might be a second away. */
    void greet(Bond bond) {
        if (!bond.spec().way().isSealed()) {
            close(bond.handler().id());
            open(bond);
        }
    }

    private void openSealed(String id, Bond bond) {
        StreamRelay relay = bond.handler().relay();
        Way way = bond.spec().way();
        boolean both = way.transport() == Transport.AUTO;
        openTunnel(id, TunnelConfig.sealed(id, both ? relay.address() : bond.datagrams(), 0));
        try (SharedKey key = bond.token().key()) {
            keys.add(id, Sealing.by(key, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT));
        }
        carrier.add(id, bond.datagrams());
        if (both) {
            carrier.carry(id, Transport.AUTO, relay);
        }
        carrier.protect(id, way.fec());
    }

    private void openTunnel(String id, TunnelConfig config) {
        dataplane.openTunnel(config);
        try {
            dataplane.openLink(new LinkConfig(link(id), id, LINK_ID), id);
        } catch (DataplaneException e) {
            dataplane.closeTunnel(id);
            throw e;
        }
    }

    private static String link(String id) {
        return id + " link";
    }

    /** Does nothing if there is none. */
    void close(String id) {
        if (!opened.containsKey(id)) {
            return;
        }
        if (opened.remove(id) != null) {
            carrier.remove(id);
            keys.remove(id);
        }
        dataplane.closePort(link(id));
        dataplane.closeTunnel(id);
    }

    /** Frames that have found no way to the other end, by reason. */
    Map<String, Long> drops(String id) {
        return opened.containsKey(id) ? dataplane.drops(link(id)) : Map.of();
    }

    /** By handlers that may go by UDP: what they go by now. */
    Map<String, Via> ways(Map<String, Handler> handlers) {
        Map<String, Via> ways = new HashMap<>();
        for (TunnelStatus status : dataplane.tunnels()) {
            if (status.sealed()) {
                String relay = NetworkText.address(handlers.get(status.name()).relay().address());
                boolean up = status.state().equals("up");
                ways.put(status.name(), !up ? Via.NONE : status.remote().equals(relay) ? Via.TCP : Via.UDP);
            }
        }
        return ways;
    }

    /** Before the dataplane, and before the relays. */
    @Override
    public void close() {
        carrier.close();
        keys.close();
    }
}
