package org.violin.dataplane.shaping;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.OffHeap;

/** Copies of frames, first in, first out, each with the time when it is due; no frame is due before the one ahead. */
final class FrameRing implements AutoCloseable {
    /** {@link #headDueNs} of an empty ring. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int FRAME = 1;
    private static final int DUE = 0;
    private static final int OFFLOAD = 8;
    private static final int HEADER_BYTES = 16;

    private final OffHeap memory;
    private final OneToOneRingBuffer ring;
    private final ControlledMessageHandler reader = this::onFrame;
    private long headDueNs = NEVER;

    /** Where a frame goes that is being taken; null: it is only looked at. */
    private FramePool pool;
    private FrameBatch batch;

    /** @param bytes of memory; a power of two, of which a frame may have an eighth */
    FrameRing(int bytes) {
        memory = OffHeap.map((long) bytes + RingBufferDescriptor.TRAILER_LENGTH);
        ring = new OneToOneRingBuffer(memory.buffer());
    }

    /** When the first frame is due; {@link #NEVER} if there is none. */
    long headDueNs() {
        return headDueNs;
    }

    /** Room for a frame, which is to be written to {@link #memory()} from there on; negative: there is none. */
    int claim(int length, long offload, long dueNs) {
        int index = ring.tryClaim(FRAME, HEADER_BYTES + length);
        if (index < 0) {
            return -1;
        }
        memory().putLong(index + DUE, dueNs);
        memory().putLong(index + OFFLOAD, offload);
        return index + HEADER_BYTES;
    }

    /** The frame at {@code offset}, as {@link #claim} has said, is complete. */
    void commit(int offset) {
        if (headDueNs == NEVER) {
            headDueNs = memory().getLong(offset - HEADER_BYTES + DUE);
        }
        ring.commit(offset - HEADER_BYTES);
    }

    MutableDirectBuffer memory() {
        return memory.buffer();
    }

    /** Moves the first frame to a slot of the pool; false: none is free, and the frame stays. There must be a frame. */
    boolean take(FramePool toPool, FrameBatch toBatch) {
        if (toPool.freeCount() == 0) {
            return false;
        }
        pool = toPool;
        batch = toBatch;
        // A read ends where the memory does, perhaps with nothing but the padding there.
        do {
            ring.controlledRead(reader, 1);
        } while (pool != null);
        headDueNs = NEVER;
        while (headDueNs == NEVER && ring.size() > 0) {
            ring.controlledRead(reader, 1);
        }
        return true;
    }

    private ControlledMessageHandler.Action onFrame(int type, MutableDirectBuffer buffer, int index, int length) {
        if (pool == null) {
            headDueNs = buffer.getLong(index + DUE);
            return ControlledMessageHandler.Action.ABORT;
        }
        int slot = pool.claim();
        int bytes = length - HEADER_BYTES;
        pool.storage().putBytes(pool.offset(slot), buffer, index + HEADER_BYTES, bytes);
        batch.add(slot, pool.offset(slot), bytes, buffer.getLong(index + OFFLOAD));
        pool = null;
        batch = null;
        return ControlledMessageHandler.Action.CONTINUE;
    }

    @Override
    public void close() {
        memory.close();
    }
}
