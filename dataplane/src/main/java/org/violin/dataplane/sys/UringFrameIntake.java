package org.violin.dataplane.sys;

import org.violin.dataplane.memory.FramePool;

/** Frames that the kernel has read by itself. */
abstract class UringFrameIntake implements FrameIntake {
    private final UringIntake intake;
    private int first;

    private UringFrameIntake(UringPoller poller, int fd, UringIntake.Operation operation, Ready ready) {
        intake = new UringIntake(poller, fd, operation, FramePool.FRAME_BYTES, ready);
    }

    /**
     * Frames of a TAP. One that goes down falls silent; a frame that a virtio-net header cannot describe ends the read
     * with EINVAL and has gone; a device that is deleted ends it with EBADFD.
     */
    static UringFrameIntake ofTap(UringPoller poller, int fd, Ready ready) {
        return new UringFrameIntake(poller, fd, new UringIntake.Operation(Uring.OP_READ_MULTISHOT, 0, 0, 0), ready) {
            @Override
            boolean isClosed(int result) {
                return result < 0 && result != -Errno.EINVAL;
            }
        };
    }

    /** Frames of a unix SEQPACKET socket. An empty message ends the read as the end of the connection does. */
    static UringFrameIntake ofSeqpacket(UringPoller poller, int fd, Ready ready) {
        return new UringFrameIntake(
            poller, fd, new UringIntake.Operation(Uring.OP_RECV, Uring.RECEIVE_MULTISHOT, 0, 0), ready) {
            @Override
            boolean isClosed(int result) {
                return result < 0 || Native.unixIsHungUp(fd) != 0;
            }
        };
    }

    /** Whether nothing follows a read that ended with {@code result}. */
    abstract boolean isClosed(int result);

    @Override
    public final int receive(FramePool pool) {
        first = intake.head();
        int count = intake.take(FrameChannel.RECEIVE_MAX);
        if (count > 0) {
            return count;
        }
        if (intake.isEnded()) {
            if (isClosed(intake.endResult())) {
                return FrameChannel.CLOSED;
            }
            intake.resume();
            return EMPTY;
        }
        return intake.isStarved() ? NO_SLOT : 0;
    }

    @Override
    public final int slot(int index) {
        return intake.slot(first + index);
    }

    @Override
    public final int offset(int index) {
        return intake.offset(first + index);
    }

    @Override
    public final int length(int index) {
        return intake.length(first + index);
    }

    @Override
    public final boolean isTruncated(int index) {
        return length(index) >= intake.maxBytes();
    }

    @Override
    public final void close() {
        intake.close();
    }
}
