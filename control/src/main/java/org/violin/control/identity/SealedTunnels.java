package org.violin.control.identity;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import org.violin.control.keys.KeyKeeper;
import org.violin.control.keys.SharedKey;
import org.violin.control.stream.HttpProxy;
import org.violin.control.stream.StreamAuthority;
import org.violin.control.stream.TunnelName;
import org.violin.dataplane.Dataplane;

/**
 * Keeps the tunnels of a dataplane in keys, as {@link Security} wants it: by a shared key, by control connections, or
 * not at all. Any thread may call it.
 */
public final class SealedTunnels implements AutoCloseable {
    private final Security security;
    private final KeyKeeper keeper;
    /** Null: there is no identity, or there are no tunnels. */
    private final ControlPort port;

    private SealedTunnels(Security security, KeyKeeper keeper, ControlPort port) {
        this.security = security;
        this.keeper = keeper;
        this.port = port;
    }

    /**
     * Listens for control connections where the tunnels have their UDP port, if there is an identity.
     *
     * @param local   the tunnels' address; null: there are none
     * @param notices takes a line for the operator when something is wrong; on another thread
     * @throws java.io.UncheckedIOException if the TCP port is in use
     */
    public static SealedTunnels of(Dataplane dataplane, Security security, InetSocketAddress local,
        Consumer<String> notices) {
        KeyKeeper keeper = new KeyKeeper(dataplane);
        ControlPort port = security.self() == null || local == null ? null
            : ControlPort.open(local, security.self(), keeper, InstantSource.system(), notices);
        return new SealedTunnels(security, keeper, port);
    }

    /**
     * Takes care of a tunnel of the dataplane's.
     *
     * @param name  by which both ends know it: of many that have one shared key each gets a key of its own, so that no
     *              handshake of one is taken for another's
     * @param proxy on the way to control connections; null: none
     * @see KeyKeeper#add
     */
    public void add(String tunnel, String peer, InetSocketAddress remote, TunnelName name, HttpProxy proxy) {
        if (!security.sealing().seals()) {
            return;
        }
        try (SharedKey own = keyOf(name)) {
            keeper.add(tunnel, own == null ? security.sealing() : security.sealing().with(own));
        }
        if (port != null) {
            port.add(tunnel, security.peers().apply(peer), remote, proxy);
        }
    }

    /** Null: there is one for all, or none. */
    private SharedKey keyOf(TunnelName name) {
        SharedKey shared = security.sealing().key();
        return shared == null || name.equals(TunnelName.ONLY) ? null : new SharedKey(shared.derive(name.keyLabel()));
    }

    /** Lets go of a tunnel, before it is closed. */
    public void remove(String tunnel) {
        if (port != null) {
            port.remove(tunnel);
        }
        keeper.remove(tunnel);
    }

    /** @see KeyKeeper#counts */
    public Map<String, Long> handshakes(String tunnel) {
        return keeper.counts(tunnel);
    }

    /** @see ControlPort#trouble */
    public String trouble(String tunnel) {
        return port == null ? null : port.trouble(tunnel);
    }

    /** Who knows peers by their identities; null: there are none. */
    public StreamAuthority authority() {
        return port;
    }

    /** @see ControlPort#counts */
    public Map<String, Long> connections() {
        return port == null ? Map.of() : port.counts();
    }

    /** Before the dataplane, which goes on with the keys that it has. */
    @Override
    public void close() {
        if (port != null) {
            port.close();
        }
        keeper.close();
    }
}
