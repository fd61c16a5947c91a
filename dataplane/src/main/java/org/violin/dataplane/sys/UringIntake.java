package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.FramePool;

/**
 * One descriptor's multishot read, the slots that the kernel reads into, and what it has read and nobody has taken yet.
 *
 * <p>Where the kernel can ({@code min_left}), a slot takes frames until its shared bytes are used: a long frame has one
 * of its own, small ones hold it together. Elsewhere each frame has its slot. Either way the number of slots that the
 * kernel has bounds what one poll brings.
 */
final class UringIntake extends UringRequest {
    /** Slots that the kernel has of one descriptor: some 1 MiB of super-frames, or 400 of the smallest frames. */
    private static final int BUFFERS = 16;
    private static final int UNSHARED_BUFFERS = 64;
    /** Beyond so many, a quarter of the pool is left to frames on their way and to others. */
    private static final int MIN_BUFFERS = 2;
    /**
     * Frames read and not taken. While one receive's worth is waiting the kernel gets no more slots, and those that it
     * has hold no more than 16 times 86 of a TAP's shortest frames. A guest's messages may be shorter, but come 66 at a
     * time: only a worker that closes many ports, and takes nothing between, may find more, and drops them.
     */
    private static final int QUEUED_MAX = 2048;

    private static final int RING_ENTRY_BYTES = 16;
    private static final int RING_LENGTH = 8;
    private static final int RING_ID = 12;
    /** The ring's tail lies in a field of its first entry that buffers do not use. */
    private static final int RING_TAIL = 14;

    /** What the read was asked for with. */
    record Operation(int opcode, int priority, long address, int length) {
    }

    private final UringPoller poller;
    private final FramePool pool;
    private final int fd;
    private final Operation operation;
    private final Ready ready;
    private final int bufferBytes;
    private final int bufferCount;
    private final OffHeap ringMemory = OffHeap.map((long) UNSHARED_BUFFERS * RING_ENTRY_BYTES);
    private final UnsafeBuffer ring = ringMemory.buffer();
    private short tail;

    /** Of each buffer that the kernel has: its slot, and the bytes of it that are used. */
    private final int[] bufferSlots;
    private final int[] usedBytes;
    private final int[] spare;
    private int spareCount;

    private final int[] slots = new int[QUEUED_MAX];
    private final int[] offsets = new int[QUEUED_MAX];
    private final int[] lengths = new int[QUEUED_MAX];
    private int head;
    private int queued;
    private boolean ended;
    private int endResult;
    private boolean closing;

    /** @param maxBytes the most that one read yields, and a byte more */
    UringIntake(UringPoller poller, int fd, Operation operation, int maxBytes, Ready ready) {
        this.poller = poller;
        this.pool = poller.pool();
        this.fd = fd;
        this.operation = operation;
        this.ready = ready;
        poller.add(this);
        boolean shares = maxBytes + FramePool.SHARED_BYTES <= pool.slotBytes() && provide(maxBytes) == 0;
        if (!shares) {
            KernelException.check(provide(0), "fd " + fd, "IORING_REGISTER_PBUF_RING");
        }
        bufferCount = shares ? BUFFERS : UNSHARED_BUFFERS;
        bufferBytes = shares ? maxBytes + FramePool.SHARED_BYTES : Math.min(maxBytes, pool.slotBytes());
        bufferSlots = new int[bufferCount];
        usedBytes = new int[bufferCount];
        spare = new int[bufferCount];
        for (int i = 0; i < bufferCount; i++) {
            spare[spareCount++] = i;
        }
    }

    private int provide(int minLeft) {
        return NativeUring.provide(poller.uring().fd(), token, ringMemory.address(), UNSHARED_BUFFERS, minLeft);
    }

    /** Gives the kernel slots in place of those it has filled, and asks for frames if it has stopped reading. */
    @Override
    boolean arm() {
        if (queued >= FrameChannel.RECEIVE_MAX) {
            return false;
        }
        long storage = pool.storage().addressOffset();
        while (spareCount > 0) {
            boolean mayClaim = bufferCount - spareCount < MIN_BUFFERS || pool.freeCount() > pool.slotCount() / 4;
            int slot = mayClaim ? pool.claim() : FramePool.NONE;
            if (slot == FramePool.NONE) {
                break;
            }
            int buffer = spare[--spareCount];
            bufferSlots[buffer] = slot;
            usedBytes[buffer] = 0;
            int entry = (tail++ & UNSHARED_BUFFERS - 1) * RING_ENTRY_BYTES;
            ring.putLong(entry, storage + pool.offset(slot));
            ring.putInt(entry + RING_LENGTH, bufferBytes);
            ring.putShort(entry + RING_ID, (short) buffer);
        }
        // The kernel is in this thread's own system call when it reads the tail: program order is enough.
        ring.putShort(RING_TAIL, tail);
        if (!armed && !ended && spareCount < bufferCount) {
            armed = true;
            poller.uring().prepare(operation.opcode, Uring.BUFFER_SELECT, operation.priority, fd, operation.address,
                operation.length, 0, token, token);
        }
        return spareCount == 0;
    }

    @Override
    void onCompletion(int result, int flags) {
        if ((flags & Uring.HAS_BUFFER) != 0) {
            onBuffer(Math.max(result, 0), flags);
        }
        if ((flags & Uring.MORE) == 0) {
            armed = false;
            if (result == 0 || result < 0 && !isPassing(result)) {
                ended = true;
                endResult = result;
            }
        }
        if (!closing) {
            poller.due(this);
            ready.onReady();
        }
    }

    /** Whether the read can be asked for again: no buffers, a signal, no memory, a device that is down. */
    private static boolean isPassing(int result) {
        return switch (-result) {
            case Errno.ENOBUFS, Errno.EINTR, Errno.ENOMEM, Errno.EIO, Errno.EAGAIN -> true;
            default -> false;
        };
    }

    private void onBuffer(int length, int flags) {
        int buffer = Uring.buffer(flags);
        int slot = bufferSlots[buffer];
        int offset = pool.offset(slot) + usedBytes[buffer];
        if ((flags & Uring.BUFFER_MORE) != 0) {
            usedBytes[buffer] += length;
            pool.retain(slot, 1);
        } else {
            spare[spareCount++] = buffer;
        }
        if (closing || queued == QUEUED_MAX) {
            pool.release(slot);
            return;
        }
        int last = head + queued++ & QUEUED_MAX - 1;
        slots[last] = slot;
        offsets[last] = offset;
        lengths[last] = length;
    }

    /** Frames that wait, at most {@code max}: they are taken, and their places begin at {@link #head}. */
    int take(int max) {
        int count = Math.min(queued, max);
        head = head + count & QUEUED_MAX - 1;
        queued -= count;
        if (ended && queued == 0 && count > 0) {
            // The end is told when all that came before it has been taken.
            ready.onReady();
        }
        return count;
    }

    /** The first place that a {@link #take} of now yields. */
    int head() {
        return head;
    }

    int slot(int place) {
        return slots[place & QUEUED_MAX - 1];
    }

    int offset(int place) {
        return offsets[place & QUEUED_MAX - 1];
    }

    int length(int place) {
        return lengths[place & QUEUED_MAX - 1];
    }

    /** Whether the read ended for good, and all that it brought was taken. */
    boolean isEnded() {
        return ended && queued == 0;
    }

    /** What it ended with: 0 or a negative errno. */
    int endResult() {
        return endResult;
    }

    /** After an end that was none. */
    void resume() {
        ended = false;
        poller.due(this);
    }

    /** Whether the kernel has no slot to read into and none could be had. */
    boolean isStarved() {
        return spareCount == bufferCount && pool.freeCount() == 0;
    }

    /** The longest frame that was not cut. */
    int maxBytes() {
        return bufferBytes - (bufferCount == BUFFERS ? FramePool.SHARED_BYTES : 0);
    }

    void close() {
        closing = true;
        poller.remove(this);
        KernelException.check(NativeUring.withdraw(poller.uring().fd(), token), "fd " + fd, "UNREGISTER_PBUF_RING");
        boolean[] isSpare = new boolean[bufferCount];
        for (int i = 0; i < spareCount; i++) {
            isSpare[spare[i]] = true;
        }
        for (int buffer = 0; buffer < bufferCount; buffer++) {
            if (!isSpare[buffer]) {
                pool.release(bufferSlots[buffer]);
            }
        }
        for (int i = 0; i < queued; i++) {
            pool.release(slot(head + i));
        }
        queued = 0;
        ringMemory.close();
    }
}
