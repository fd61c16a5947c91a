package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/**
 * Frames read through an array of slices that one native call fills, and written as the messages of a {@link Gather};
 * the kinds differ in those calls, and in what stands in front of a frame.
 */
abstract class SliceChannel implements FrameChannel {
    final int fd;
    final Gather gather = new Gather();
    private final Poller poller;
    private final OffHeap memory = OffHeap.map((long) Layout.BATCH_MAX * Layout.SLICE_BYTES);
    private final UnsafeBuffer slices = memory.buffer();
    private final int[] claimed = new int[RECEIVE_MAX];
    /** For each message: the frames in it and their bytes. */
    private final int[] messageFrames = new int[Layout.MESSAGES_MAX];
    private final int[] messageBytes = new int[Layout.MESSAGES_MAX];
    private boolean closed;

    SliceChannel(Poller poller, int fd) {
        this.poller = poller;
        this.fd = fd;
    }

    /** Reads up to {@code count} frames: how many, 0 when none is waiting, {@link #CLOSED}. */
    abstract int read(long sliceAddress, int count);

    /** Appends a frame that was read to {@code offset}; or says why it is dropped. */
    abstract DropReason take(FramePool pool, FrameBatch batch, int slot, int offset, int length);

    /** Makes messages of the frames; {@link #end} ends each, and {@link #flush} makes room. */
    abstract void gather(FramePool pool, FrameBatch batch, PortCounters counters);

    /** Writes the messages and leaves each one's status. */
    abstract void write(long parts, long messages, int count);

    @Override
    public final int receive(FramePool pool, FrameBatch batch, PortCounters counters) {
        int room = claim(pool);
        if (room == 0) {
            counters.dropped(DropReason.NO_BUFFER, 1);
            return 0;
        }
        int count = read(memory.address(), room);
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int slot = claimed[i];
            int slice = i * Layout.SLICE_BYTES;
            int length = slices.getInt(slice + Layout.SLICE_LENGTH);
            boolean truncated = slices.getInt(slice + Layout.SLICE_STATUS) == Layout.TRUNCATED;
            DropReason bad = truncated ? DropReason.OVERSIZED : take(pool, batch, slot, pool.offset(slot), length);
            if (bad != null) {
                counters.dropped(bad, 1);
                pool.release(slot);
            }
            bytes += length;
        }
        // The last one first, so that the next call finds the slots in the order of this one: used ones are in cache.
        for (int i = room - 1; i >= Math.max(count, 0); i--) {
            pool.release(claimed[i]);
        }
        if (count > 0) {
            counters.received(count, bytes - (long) count * headerBytes());
        }
        return count;
    }

    /** Bytes that stand in front of each frame. */
    int headerBytes() {
        return 0;
    }

    private int claim(FramePool pool) {
        long storage = pool.storage().addressOffset();
        for (int i = 0; i < RECEIVE_MAX; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                return i;
            }
            claimed[i] = slot;
            int slice = i * Layout.SLICE_BYTES;
            slices.putLong(slice + Layout.SLICE_ADDRESS, storage + pool.offset(slot));
            slices.putInt(slice + Layout.SLICE_LENGTH, pool.slotBytes());
        }
        return RECEIVE_MAX;
    }

    /** The length of the {@code index}-th frame just read. */
    final int lengthAt(int index) {
        return slices.getInt(index * Layout.SLICE_BYTES + Layout.SLICE_LENGTH);
    }

    @Override
    public final void send(FramePool pool, FrameBatch batch, PortCounters counters) {
        gather(pool, batch, counters);
        flush(counters);
        batch.release(pool);
    }

    /** Ends the message that has been gathered. */
    final void end(int frames, int bytes) {
        int message = gather.endMessage();
        messageFrames[message] = frames;
        messageBytes[message] = bytes;
    }

    /** Writes what has been gathered. */
    final void flush(PortCounters counters) {
        int count = gather.messageCount();
        if (count == 0) {
            return;
        }
        write(gather.partsAddress(), gather.messagesAddress(), count);
        long frames = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int status = gather.status(i);
            if (status == 0) {
                frames += messageFrames[i];
                bytes += messageBytes[i];
            } else {
                counters.dropped(status == -Errno.EAGAIN || status == -Errno.ENOBUFS
                    ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR, messageFrames[i]);
            }
        }
        counters.sent(frames, bytes);
        gather.reset();
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            poller.unwatch(fd);
            Native.close(fd);
            gather.close();
            memory.close();
        }
    }
}
