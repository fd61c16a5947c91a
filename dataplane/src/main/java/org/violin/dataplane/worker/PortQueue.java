package org.violin.dataplane.worker;

/** Ports that wait for their turn, first in, first out, each at most once. */
final class PortQueue {
    private PortSlot[] ring;
    private boolean[] isQueued;
    private int head;
    private int count;

    PortQueue(int portCapacity) {
        ring = new PortSlot[portCapacity];
        isQueued = new boolean[portCapacity];
    }

    /** Makes room for indices below {@code portCapacity}. */
    void grow(int portCapacity) {
        PortSlot[] queued = new PortSlot[portCapacity];
        boolean[] flags = new boolean[portCapacity];
        System.arraycopy(isQueued, 0, flags, 0, isQueued.length);
        for (int i = 0; i < count; i++) {
            queued[i] = ring[(head + i) % ring.length];
        }
        ring = queued;
        isQueued = flags;
        head = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /** Queues {@code slot} unless it is queued already. */
    void add(PortSlot slot) {
        if (!isQueued[slot.index]) {
            isQueued[slot.index] = true;
            int tail = head + count++;
            ring[tail < ring.length ? tail : tail - ring.length] = slot;
        }
    }

    /** Takes the first; there must be one. */
    PortSlot take() {
        PortSlot slot = ring[head];
        ring[head] = null;
        head = head + 1 == ring.length ? 0 : head + 1;
        count--;
        isQueued[slot.index] = false;
        return slot;
    }

    /** Takes {@code slot} out, wherever it stands. */
    void remove(PortSlot slot) {
        for (int i = count; i > 0; i--) {
            PortSlot next = take();
            if (next != slot) {
                add(next);
            }
        }
    }
}
