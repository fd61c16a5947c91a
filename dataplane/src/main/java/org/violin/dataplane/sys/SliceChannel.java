package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.wire.Ethernet;

/** Frames through an array of slices that one native call fills or sends; the kinds differ in that call alone. */
abstract class SliceChannel implements FrameChannel {
    private final Poller poller;
    private final OffHeap memory = OffHeap.map((long) Layout.BATCH_MAX * Layout.SLICE_BYTES);
    private final UnsafeBuffer slices = memory.buffer();
    private final int[] claimed = new int[FrameBatch.CAPACITY];
    final int fd;
    private boolean closed;

    SliceChannel(Poller poller, int fd) {
        this.poller = poller;
        this.fd = fd;
    }

    /** Reads up to {@code count} frames: how many, 0 when none is waiting, {@link #CLOSED}. */
    abstract int read(long slices, int count);

    /** Writes {@code count} frames and leaves each one's status: how many went. */
    abstract int write(long slices, int count);

    @Override
    public final int receive(FramePool pool, FrameBatch batch, PortCounters counters) {
        int room = claim(pool, FrameBatch.CAPACITY - batch.count());
        if (room == 0) {
            counters.dropped(DropReason.NO_BUFFER, 1);
            return 0;
        }
        int count = read(memory.address(), room);
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int slice = i * Layout.SLICE_BYTES;
            int length = slices.getInt(slice + Layout.SLICE_LENGTH);
            if (slices.getInt(slice + Layout.SLICE_STATUS) == Layout.TRUNCATED) {
                counters.dropped(DropReason.OVERSIZED, 1);
                pool.release(claimed[i]);
            } else if (length < Ethernet.HEADER_BYTES) {
                counters.dropped(DropReason.RUNT, 1);
                pool.release(claimed[i]);
            } else {
                batch.add(claimed[i], pool.offset(claimed[i]), length);
            }
            bytes += length;
        }
        for (int i = Math.max(count, 0); i < room; i++) {
            pool.release(claimed[i]);
        }
        if (count > 0) {
            counters.received(count, bytes);
        }
        return count;
    }

    private int claim(FramePool pool, int wanted) {
        long storage = pool.storage().addressOffset();
        for (int i = 0; i < wanted; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                return i;
            }
            claimed[i] = slot;
            put(i, storage + pool.offset(slot), pool.slotBytes());
        }
        return wanted;
    }

    /** The length of the {@code index}-th frame just read. */
    final int lengthAt(int index) {
        return slices.getInt(index * Layout.SLICE_BYTES + Layout.SLICE_LENGTH);
    }

    @Override
    public final void send(FramePool pool, FrameBatch batch, PortCounters counters) {
        long storage = pool.storage().addressOffset();
        int count = batch.count();
        for (int i = 0; i < count; i++) {
            put(i, storage + batch.offsets()[i], batch.lengths()[i]);
        }
        int sent = write(memory.address(), count);
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int status = slices.getInt(i * Layout.SLICE_BYTES + Layout.SLICE_STATUS);
            if (status == 0) {
                bytes += batch.lengths()[i];
            } else {
                counters.dropped(status == -Errno.EAGAIN || status == -Errno.ENOBUFS
                    ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR, 1);
            }
        }
        counters.sent(sent, bytes);
        batch.release(pool);
    }

    private void put(int index, long address, int length) {
        int slice = index * Layout.SLICE_BYTES;
        slices.putLong(slice + Layout.SLICE_ADDRESS, address);
        slices.putInt(slice + Layout.SLICE_LENGTH, length);
        slices.putInt(slice + Layout.SLICE_STATUS, 0);
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            poller.unwatch(fd);
            Native.close(fd);
            memory.close();
        }
    }
}
