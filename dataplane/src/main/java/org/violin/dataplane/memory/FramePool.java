package org.violin.dataplane.memory;

import org.agrona.MutableDirectBuffer;

/**
 * A fixed number of slots in one stretch of off-heap memory, each large enough for any frame or datagram of the
 * dataplane. A slot is claimed, shared by reference count (a flooded frame is one slot at many ports), and free again
 * when the last holder releases it. Last in, first out: light traffic stays in few, warm slots, and pages that were
 * never needed are never touched.
 *
 * <p>Not thread-safe: one worker owns it. An exhausted pool makes {@link #claim()} return {@link #NONE}; it never
 * grows.
 */
public final class FramePool {
    /**
     * What a read must find room for: the longest super-frame of a TAP (64 KiB of IP packet, Ethernet header, two VLAN
     * tags, virtio-net header), and more than the longest buffer of joined datagrams; one byte further, so that what
     * fills it has been cut.
     */
    public static final int FRAME_BYTES = 65_535 + 14 + 8 + 10 + 1;

    /** What io_uring writes in front of a datagram that it receives. */
    public static final int RECEIVE_HEADER_BYTES = 68;

    /** Where io_uring reads into slots, small frames share the first so many bytes of one. */
    public static final int SHARED_BYTES = 2048;

    /** Bytes of a slot. */
    public static final int SLOT_BYTES = FRAME_BYTES + RECEIVE_HEADER_BYTES + SHARED_BYTES;

    /** What {@link #claim()} returns when no slot is free. */
    public static final int NONE = -1;

    private static final int CACHE_LINE_BYTES = 64;

    private final MutableDirectBuffer storage;
    private final int slotCount;
    private final int slotBytes;
    private final int strideBytes;
    private final int[] free;
    private final int[] holders;
    private int freeCount;

    /**
     * @param storage   at least {@link #storageBytes} long
     * @param slotCount slots
     * @param slotBytes bytes of each
     */
    public FramePool(MutableDirectBuffer storage, int slotCount, int slotBytes) {
        long needed = storageBytes(slotCount, slotBytes);
        if (storage.capacity() < needed) {
            throw new IllegalArgumentException("storage: " + storage.capacity() + " bytes, " + needed + " needed");
        }
        this.storage = storage;
        this.slotCount = slotCount;
        this.slotBytes = slotBytes;
        this.strideBytes = strideBytes(slotBytes);
        this.free = new int[slotCount];
        this.holders = new int[slotCount];
        for (int i = 0; i < slotCount; i++) {
            free[i] = slotCount - 1 - i;
        }
        this.freeCount = slotCount;
    }

    /** Bytes of storage for a pool of {@code slotCount} slots of {@code slotBytes}. */
    public static long storageBytes(int slotCount, int slotBytes) {
        return (long) slotCount * strideBytes(slotBytes);
    }

    /** An odd number of cache lines, so that the first bytes of the slots do not fall into the same cache sets. */
    private static int strideBytes(int slotBytes) {
        int lines = (slotBytes + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES;
        return (lines | 1) * CACHE_LINE_BYTES;
    }

    /** The memory that all offsets of this pool's frames refer to. */
    public MutableDirectBuffer storage() {
        return storage;
    }

    public int slotBytes() {
        return slotBytes;
    }

    /** Where slot {@code slot} begins in {@link #storage()}. */
    public int offset(int slot) {
        return slot * strideBytes;
    }

    /** A free slot, now held once by the caller; {@link #NONE} when there is none. */
    public int claim() {
        if (freeCount == 0) {
            return NONE;
        }
        int slot = free[--freeCount];
        assert holders[slot] == 0 : "slot " + slot + " was free with " + holders[slot] + " holders";
        holders[slot] = 1;
        return slot;
    }

    /** Adds {@code count} holders to a slot that is held. */
    public void retain(int slot, int count) {
        assert holders[slot] > 0 : "slot " + slot + " is not held";
        holders[slot] += count;
    }

    /** Gives up one hold; the last one frees the slot. */
    public void release(int slot) {
        assert holders[slot] > 0 : "slot " + slot + " released once too often";
        if (--holders[slot] == 0) {
            free[freeCount++] = slot;
        }
    }

    public int freeCount() {
        return freeCount;
    }

    public int slotCount() {
        return slotCount;
    }

    /** Proves that every slot is back; called when all ports are closed. */
    public void checkBalance() {
        if (freeCount != slotCount) {
            throw new IllegalStateException((slotCount - freeCount) + " of " + slotCount + " frame slots not released");
        }
    }
}
