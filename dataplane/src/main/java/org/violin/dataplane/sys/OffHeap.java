package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory mapped outside the heap, zeroed, of a fixed address; pages take room only once touched. Closed by its owner
 * when nothing refers to it any more: using the buffer after that is a crash.
 */
public final class OffHeap implements AutoCloseable {
    private final long address;
    private final long bytes;
    private final UnsafeBuffer buffer;
    private boolean closed;

    private OffHeap(long address, long bytes) {
        this.address = address;
        this.bytes = bytes;
        this.buffer = new UnsafeBuffer(address, (int) bytes);
    }

    /** Maps {@code bytes} of memory, less than 2 GiB. */
    public static OffHeap map(long bytes) {
        if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("bytes: " + bytes + ": 1 to " + Integer.MAX_VALUE);
        }
        long address = Native.memoryMap(bytes);
        if (address < 0) {
            throw new KernelException("frame memory of " + bytes + " bytes", "mmap", (int) -address);
        }
        return new OffHeap(address, bytes);
    }

    public UnsafeBuffer buffer() {
        return buffer;
    }

    public long address() {
        return address;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            KernelException.check(Native.memoryUnmap(address, bytes), "frame memory", "munmap");
        }
    }
}
