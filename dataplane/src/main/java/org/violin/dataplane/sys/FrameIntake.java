package org.violin.dataplane.sys;

import org.violin.dataplane.memory.FramePool;

/**
 * Where a channel's frames come from: read when somebody asks (epoll), or read already (io_uring). What came with the
 * last {@link #receive} is asked for by its index. Worker's thread.
 */
interface FrameIntake extends AutoCloseable {
    /** What {@link #receive} returns when there was no slot to read into. */
    int NO_SLOT = -2;

    /** What {@link #receive} returns when a message of no bytes came, which io_uring has no slot for. */
    int EMPTY = -3;

    /**
     * Takes frames, each with a hold on its slot that passes to the caller.
     *
     * @return how many, at most {@link FrameChannel#RECEIVE_MAX}; {@link FrameChannel#CLOSED}; {@link #NO_SLOT}; {@link
     *     #EMPTY}
     */
    int receive(FramePool pool);

    int slot(int index);

    /** Where in the pool's storage the frame begins. */
    int offset(int index);

    int length(int index);

    /** Whether the frame was longer than the memory it was read into. */
    boolean isTruncated(int index);

    /** Ends the watch on the descriptor, which is the caller's to close. */
    @Override
    void close();
}
