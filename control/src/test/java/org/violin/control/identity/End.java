package org.violin.control.identity;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.violin.control.keys.KeyTaker;
import org.violin.control.keys.SharedKey;

/** A host with a control port on loopback, and the keys that its one tunnel has been given. */
final class End implements KeyTaker, AutoCloseable {
    /** @param fingerprint of the shared key */
    record Given(String tunnel, String fingerprint, boolean known) { }

    final Identity identity;
    final ControlPort port;
    final List<Given> given = new CopyOnWriteArrayList<>();
    final List<String> notices = new CopyOnWriteArrayList<>();
    volatile boolean up;
    volatile Instant now = Instant.now();

    End(Identity identity) {
        this(identity, new InetSocketAddress("127.0.0.1", 0));
    }

    End(Identity identity, InetSocketAddress local) {
        this.identity = identity;
        port = ControlPort.open(local, identity, this, () -> now, notices::add);
    }

    static Identity identity(Path directory, String name) {
        return Identity.create(directory.resolve(name));
    }

    @Override
    public void give(String tunnel, SharedKey key, boolean known) {
        given.add(new Given(tunnel, key.fingerprint(), known));
        key.close();
    }

    @Override
    public boolean wantsKey(String tunnel) {
        return !up;
    }

    /** Waits for whoever comes. */
    void expect(Peer peer) {
        port.add("tunnel", peer, null, null);
    }

    void connect(Peer peer, End to) {
        port.add("tunnel", peer, to.port.address(), null);
    }

    Peer pin() {
        return new Peer.Pinned(identity.fingerprint());
    }

    long count(ControlEvent event) {
        return port.counts().getOrDefault(event.label(), 0L);
    }

    String heard() {
        return String.join("\n", notices);
    }

    @Override
    public void close() {
        port.close();
    }

    @Override
    public String toString() {
        return given + " " + notices + " " + Map.copyOf(port.counts());
    }
}
