package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * An io_uring whose queues are mapped here and driven from Java: entries are written and completions read in place, and
 * one downcall a cycle ({@link #enter}) passes both ways. A C function that takes operations and returns completions as
 * arrays measures the same (105 ns an operation that does nothing, nearly all in the kernel) and would be one more
 * format of everything.
 *
 * <p>Made on any thread; the first {@link #enter} makes the calling thread the only one that may use it.
 */
public final class Uring implements AutoCloseable {
    /** A submission entry's flag. */
    static final int BUFFER_SELECT = 1 << 5;

    /** The completion's flags; the buffer's id is in the upper half. */
    static final int HAS_BUFFER = 1;
    static final int MORE = 1 << 1;
    static final int BUFFER_MORE = 1 << 4;
    private static final int BUFFER_SHIFT = 16;

    static final int OP_NOP = 0;
    static final int OP_POLL_ADD = 6;
    static final int OP_RECVMSG = 10;
    static final int OP_ASYNC_CANCEL = 14;
    static final int OP_RECV = 27;
    static final int OP_READ_MULTISHOT = 49;
    /** In a receive's priority field. */
    static final int RECEIVE_MULTISHOT = 1 << 1;

    private final OffHeap description;
    private final UnsafeBuffer queues;
    private final UnsafeBuffer entries;
    private final int fd;
    private final int entryMask;
    private final int headOffset;
    private final int tailOffset;
    private final int completionHeadOffset;
    private final int completionTailOffset;
    private final int completions;
    private final int completionMask;
    private int tail;
    private int submitted;
    private int completionHead;
    private int completionTail;
    private boolean enabled;
    private boolean closed;

    /**
     * @param entryCount      entries that one enter submits; a power of two
     * @param completionCount completions that the queue holds; a power of two
     * @throws KernelException where io_uring is missing, forbidden or too old
     */
    public Uring(int entryCount, int completionCount) {
        description = OffHeap.map(Layout.URING_BYTES);
        UnsafeBuffer ring = description.buffer();
        int result = NativeUring.open(description.address(), entryCount, completionCount);
        if (result < 0) {
            description.close();
            String why = result == -Errno.EPERM ? " (sysctl kernel.io_uring_disabled)" : "";
            throw new KernelException("io_uring", "io_uring_setup" + why, -result);
        }
        fd = ring.getInt(Layout.URING_FD);
        queues = new UnsafeBuffer(ring.getLong(Layout.URING_QUEUES), (int) ring.getLong(Layout.URING_QUEUE_BYTES));
        entries = new UnsafeBuffer(ring.getLong(Layout.URING_ENTRIES), (int) ring.getLong(Layout.URING_ENTRY_BYTES));
        headOffset = ring.getInt(Layout.URING_SQ_HEAD);
        tailOffset = ring.getInt(Layout.URING_SQ_TAIL);
        entryMask = ring.getInt(Layout.URING_SQ_ENTRIES) - 1;
        completionHeadOffset = ring.getInt(Layout.URING_CQ_HEAD);
        completionTailOffset = ring.getInt(Layout.URING_CQ_TAIL);
        completions = ring.getInt(Layout.URING_CQES);
        completionMask = ring.getInt(Layout.URING_CQ_ENTRIES) - 1;
    }

    int fd() {
        return fd;
    }

    /** Writes one entry, to be submitted by the next {@link #enter}; submits at once what left no room for it. */
    public void prepare(
        int opcode, int flags, int priority, int file, long address, int length, int operationFlags, int group,
        long token) {
        if (tail - submitted > entryMask) {
            enter(0, 0);
            KernelException.check(tail - submitted > entryMask ? -Errno.EBUSY : 0, "io_uring", "io_uring_enter");
        }
        int at = (tail++ & entryMask) * Layout.SQE_BYTES;
        entries.putLong(at, opcode | flags << 8 | priority << 16 | (long) file << 32);
        entries.putLong(at + 8, 0);
        entries.putLong(at + 16, address);
        entries.putLong(at + 24, (length & 0xFFFF_FFFFL) | (long) operationFlags << 32);
        entries.putLong(at + 32, token);
        entries.putLong(at + 40, group);
        entries.putLong(at + 48, 0);
        entries.putLong(at + 56, 0);
    }

    /** An entry that does nothing but complete. */
    public void prepareNop(long token) {
        prepare(OP_NOP, 0, 0, -1, 0, 0, 0, 0, token);
    }

    /** Submits what was prepared, and waits for {@code wait} completions, at most {@code timeoutNs}. */
    public void enter(int wait, long timeoutNs) {
        if (!enabled) {
            enabled = true;
            KernelException.check(NativeUring.enable(fd), "io_uring", "IORING_REGISTER_ENABLE_RINGS");
        }
        queues.putIntRelease(tailOffset, tail);
        int count = NativeUring.enter(fd, tail - submitted, wait, timeoutNs);
        submitted += KernelException.check(count, "io_uring", "io_uring_enter");
    }

    /** Goes on to the next completion: its place, for {@link #token} and its like, or -1 when there is none. */
    public int next() {
        if (completionHead == completionTail) {
            queues.putIntRelease(completionHeadOffset, completionHead);
            completionTail = queues.getIntAcquire(completionTailOffset);
            if (completionHead == completionTail) {
                return -1;
            }
        }
        return completions + (completionHead++ & completionMask) * Layout.CQE_BYTES;
    }

    /** What {@link #prepare} was given. */
    public long token(int completion) {
        return queues.getLong(completion);
    }

    public int result(int completion) {
        return queues.getInt(completion + 8);
    }

    int flags(int completion) {
        return queues.getInt(completion + 12);
    }

    static int buffer(int flags) {
        return flags >>> BUFFER_SHIFT;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            KernelException.check(NativeUring.close(description.address()), "io_uring", "close");
            description.close();
        }
    }
}
