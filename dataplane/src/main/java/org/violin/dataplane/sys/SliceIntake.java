package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.FramePool;

/** Frames of a descriptor that is read when it is ready, through an array of slices that one native call fills. */
abstract class SliceIntake implements FrameIntake {
    final int fd;
    private final Poller poller;
    private final OffHeap memory = OffHeap.map((long) Layout.BATCH_MAX * Layout.SLICE_BYTES);
    private final UnsafeBuffer slices = memory.buffer();
    private final int[] claimed = new int[FrameChannel.RECEIVE_MAX];
    /** Slots to read into. */
    private int wanted = FrameChannel.RECEIVE_MAX;
    /** The pool's, that addresses count from. */
    private long storage;

    private SliceIntake(Poller poller, int fd) {
        this.poller = poller;
        this.fd = fd;
    }

    /**
     * Frames of a TAP. One that is down reads EIO and may come up again; a frame that a virtio-net header cannot
     * describe reads EINVAL and has gone; a device that was deleted reads EBADFD for ever.
     */
    static SliceIntake ofTap(EpollPoller poller, int fd) {
        return new SliceIntake(poller, fd) {
            @Override
            int read(long slices, int count) {
                int result = Native.tapRead(fd, slices, count);
                boolean passing = result == -Errno.EIO || result == -Errno.EINVAL;
                return result >= 0 || passing ? Math.max(result, 0) : FrameChannel.CLOSED;
            }
        };
    }

    /**
     * Frames of a packet socket. Of a VLAN tag recvmsg tells, and a read does not, so under io_uring it is read like
     * this as well. One whose interface goes down reads ENETDOWN once; a frame that a virtio-net header cannot describe
     * reads EINVAL and has gone.
     */
    static SliceIntake ofPacket(Poller poller, int fd) {
        return new SliceIntake(poller, fd) {
            @Override
            int read(long slices, int count) {
                return Math.max(NativePacket.receive(fd, slices, count), 0);
            }
        };
    }

    /** Frames of a unix SEQPACKET socket. */
    static SliceIntake ofSeqpacket(EpollPoller poller, int fd) {
        return new SliceIntake(poller, fd) {
            @Override
            int read(long slices, int count) {
                int result = Native.unixReceive(fd, slices, count);
                return result < 0 ? FrameChannel.CLOSED : withoutEnd(result);
            }

            /** The end of the connection reads as empty messages, for ever: what came before them is still good. */
            private int withoutEnd(int count) {
                if (count == 0 || length(count - 1) > 0 || Native.unixIsHungUp(fd) == 0) {
                    return count;
                }
                int good = count;
                while (good > 0 && length(good - 1) == 0) {
                    good--;
                }
                return good == 0 ? FrameChannel.CLOSED : good;
            }
        };
    }

    /** Reads up to {@code count} frames: how many, 0 when none is waiting, {@link FrameChannel#CLOSED}. */
    abstract int read(long sliceAddress, int count);

    @Override
    public final int receive(FramePool pool) {
        int room = claim(pool);
        if (room == 0) {
            return NO_SLOT;
        }
        int count = read(memory.address(), room);
        // The last one first, so that the next call finds the slots in the order of this one: used ones are in cache.
        for (int i = room - 1; i >= Math.max(count, 0); i--) {
            pool.release(claimed[i]);
        }
        wanted = ReadSize.after(count, room, claimed.length);
        return count;
    }

    private int claim(FramePool pool) {
        storage = pool.storage().addressOffset();
        for (int i = 0; i < wanted; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                return i;
            }
            claimed[i] = slot;
            int slice = i * Layout.SLICE_BYTES;
            slices.putLong(slice + Layout.SLICE_ADDRESS, storage + pool.offset(slot));
            slices.putInt(slice + Layout.SLICE_LENGTH, pool.slotBytes());
        }
        return wanted;
    }

    @Override
    public final int slot(int index) {
        return claimed[index];
    }

    @Override
    public final int offset(int index) {
        return (int) (slices.getLong(index * Layout.SLICE_BYTES + Layout.SLICE_ADDRESS) - storage);
    }

    @Override
    public final int length(int index) {
        return slices.getInt(index * Layout.SLICE_BYTES + Layout.SLICE_LENGTH);
    }

    @Override
    public final boolean isTruncated(int index) {
        return slices.getInt(index * Layout.SLICE_BYTES + Layout.SLICE_STATUS) == Layout.TRUNCATED;
    }

    @Override
    public final void close() {
        poller.unwatch(fd);
        memory.close();
    }
}
