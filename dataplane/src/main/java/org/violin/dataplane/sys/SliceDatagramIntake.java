package org.violin.dataplane.sys;

import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;

/** Datagrams of a socket under epoll, by recvmmsg. */
final class SliceDatagramIntake extends DatagramIntake {
    /** Buffers of joined datagrams to take at once, so that they are still in cache when they are passed on. */
    private static final int LARGE_BUFFERS = 4;
    private static final int SMALL_BUFFER_BYTES = 8192;

    private final EpollPoller poller;
    private final int fd;
    /** Slots to read into. */
    private int wanted = DatagramChannel.RECEIVE_MAX;

    SliceDatagramIntake(EpollPoller poller, int fd) {
        this.poller = poller;
        this.fd = fd;
    }

    @Override
    int receive(FramePool pool, FrameBatch batch) {
        int room = claim(pool, batch);
        if (room == 0) {
            return -1;
        }
        int result = Native.udpReceive(fd, memory.address(), room);
        note(result);
        int count = Math.max(result, 0);
        int[] slots = batch.slots();
        int bytes = 0;
        batch.clear();
        for (int i = 0; i < count; i++) {
            int length = received.getInt(slice(i) + Layout.SLICE_LENGTH);
            batch.add(slots[i], pool.offset(slots[i]), length, Offload.NONE);
            bytes += length;
        }
        for (int i = room - 1; i >= count; i--) {
            pool.release(slots[i]);
        }
        boolean large = bytes > count * SMALL_BUFFER_BYTES;
        wanted = ReadSize.after(count, room, large ? LARGE_BUFFERS : DatagramChannel.RECEIVE_MAX);
        return count;
    }

    /** Fills the batch with free slots and the native array with where they are; returns how many. */
    private int claim(FramePool pool, FrameBatch batch) {
        long storage = pool.storage().addressOffset();
        for (int i = 0; i < wanted; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                return i;
            }
            batch.slots()[i] = slot;
            received.putLong(slice(i) + Layout.SLICE_ADDRESS, storage + pool.offset(slot));
            received.putInt(slice(i) + Layout.SLICE_LENGTH, pool.slotBytes());
        }
        return wanted;
    }

    @Override
    public void close() {
        poller.unwatch(fd);
        memory.close();
    }
}
