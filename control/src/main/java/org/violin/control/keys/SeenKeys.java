package org.violin.control.keys;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/** The last ephemeral keys of authentic first messages: a fixed number, the oldest of which makes room for the next. */
final class SeenKeys {
    private final int countMax;
    private final Queue<ByteBuffer> inOrder = new ArrayDeque<>();
    private final Set<ByteBuffer> all = new HashSet<>();

    SeenKeys(int countMax) {
        this.countMax = countMax;
    }

    boolean contains(byte[] key) {
        return all.contains(ByteBuffer.wrap(key));
    }

    /** @param key not changed afterwards */
    void add(byte[] key) {
        ByteBuffer added = ByteBuffer.wrap(key);
        if (all.add(added)) {
            inOrder.add(added);
        }
        if (inOrder.size() > countMax) {
            all.remove(inOrder.remove());
        }
    }

    int count() {
        return all.size();
    }
}
