package org.violin.dataplane.memory;

/**
 * A bounded list of frames: for each its slot, where it begins and how long it is in the pool's storage, and what its
 * sender has left undone. Several frames may lie in one slot (records of one datagram); each entry is one hold on its
 * slot.
 *
 * <p>The arrays are the interface: loops over a batch index them directly. Not thread-safe.
 */
public final class FrameBatch {
    /** Frames of a batch: some full receive buffers of a tunnel, so that a flow's frames stay together. */
    public static final int CAPACITY = 256;

    private final int[] slots = new int[CAPACITY];
    private final int[] offsets = new int[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private final long[] offloads = new long[CAPACITY];
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

    /** {@link Offload} words. */
    public long[] offloads() {
        return offloads;
    }

    public int count() {
        return count;
    }

    public boolean isFull() {
        return count == CAPACITY;
    }

    /** Appends a frame; the caller's hold on the slot goes with it. The batch must not be full. */
    public void add(int slot, int offset, int length, long offload) {
        slots[count] = slot;
        offsets[count] = offset;
        lengths[count] = length;
        offloads[count] = offload;
        count++;
    }

    /** Puts a frame in the place of one before it, or its own. */
    public void move(int from, int to) {
        slots[to] = slots[from];
        offsets[to] = offsets[from];
        lengths[to] = lengths[from];
        offloads[to] = offloads[from];
    }

    /** Forgets all frames but the first {@code first}; somebody has taken the others, or moved them forward. */
    public void keep(int first) {
        count = first;
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
