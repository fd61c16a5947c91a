package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Datagrams that are opened, or sealed, together, each where it lies. Belongs to one worker's thread. */
public final class SealedBatch implements AutoCloseable {
    /** The most that there may be. */
    public static final int MAX = 128;

    private final OffHeap memory = OffHeap.map((long) MAX * Layout.SLICE_BYTES);
    private final UnsafeBuffer slices = memory.buffer();
    private int count;

    public int count() {
        return count;
    }

    /**
     * Adds a datagram of the storage, with its header, and with its tag if it is to be opened; there are fewer than
     * {@link #MAX}.
     */
    public void add(MutableDirectBuffer storage, int offset, int length) {
        int slice = count++ * Layout.SLICE_BYTES;
        slices.putLong(slice + Layout.SLICE_ADDRESS, storage.addressOffset() + offset);
        slices.putInt(slice + Layout.SLICE_LENGTH, length);
    }

    /** Seals all, with one key: each gets a tag behind it, which there is room for. */
    public void seal(Aead aead) {
        NativeAead.seal(aead.handle(true), memory.address(), count);
    }

    /** Opens all, with one key. */
    public void open(Aead aead) {
        NativeAead.open(aead.handle(false), memory.address(), count);
    }

    /** Whether the datagram was authentic, and is open; else its records are rubbish. */
    public boolean isOpen(int index) {
        return slices.getInt(index * Layout.SLICE_BYTES + Layout.SLICE_STATUS) == 0;
    }

    public void clear() {
        count = 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
