package org.violin.dataplane.memory;

/**
 * A bounded list of frames: for each its slot, and where it begins and how long it is in the pool's storage. Several
 * frames may lie in one slot (records of one datagram); each entry is one hold on its slot.
 *
 * <p>The arrays are the interface: loops over a batch index them directly. Not thread-safe.
 */
public final class FrameBatch {
    /** Frames that one system call takes, and so the size of every batch. */
    public static final int CAPACITY = 64;

    private final int[] slots = new int[CAPACITY];
    private final int[] offsets = new int[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private int count;

    public int[] slots() {
        return slots;
    }

    /** Offsets of the frames' first bytes in the pool's storage. */
    public int[] offsets() {
        return offsets;
    }

    /** Lengths of the frames in bytes. */
    public int[] lengths() {
        return lengths;
    }

    public int count() {
        return count;
    }

    public boolean isFull() {
        return count == CAPACITY;
    }

    /** Appends a frame; the caller's hold on the slot goes with it. The batch must not be full. */
    public void add(int slot, int offset, int length) {
        slots[count] = slot;
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }

    /** Forgets all frames without releasing them: somebody else has taken them. */
    public void clear() {
        count = 0;
    }

    /** Releases every frame and forgets it. */
    public void release(FramePool pool) {
        for (int i = 0; i < count; i++) {
            pool.release(slots[i]);
        }
        count = 0;
    }
}
