package org.violin.control.keys;

import java.util.ArrayList;
import java.util.List;

/**
 * The shared keys of one tunnel: that of a file, or the last ones that control connections have given. The peer may
 * begin a handshake with any of them; this side begins with the one that the peer is known to have. Keys are
 * overwritten when they make room for others.
 */
final class KeyRing implements AutoCloseable {
    /** As many as there may be when both sides connect at once: one of each connection, and the one before. */
    static final int KEYS_MAX = 3;

    /** The newest first. */
    private final List<SharedKey> keys = new ArrayList<>(KEYS_MAX + 1);
    private SharedKey chosen;

    /** @param key closed by this from now on */
    void add(SharedKey key) {
        keys.addFirst(key);
        if (keys.size() > KEYS_MAX) {
            int last = keys.getLast() == chosen ? KEYS_MAX - 1 : KEYS_MAX;
            keys.remove(last).close();
        }
    }

    /** The peer is known to have this one; nothing happens if it is not here any more. */
    void choose(SharedKey key) {
        if (keys.contains(key)) {
            chosen = key;
        }
    }

    /** What this side begins handshakes with; null: nothing yet. */
    SharedKey chosen() {
        return chosen;
    }

    /** What the peer may begin with, in the order to try them. */
    List<SharedKey> all() {
        return keys;
    }

    @Override
    public void close() {
        keys.forEach(SharedKey::close);
        keys.clear();
        chosen = null;
    }
}
