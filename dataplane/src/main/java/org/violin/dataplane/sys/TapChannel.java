package org.violin.dataplane.sys;

/** A TAP device's descriptor under epoll. */
final class TapChannel extends SliceChannel {

    TapChannel(Poller poller, int fd) {
        super(poller, fd);
    }

    /** A device that is down reads EIO and may come up again; one that was deleted reads EBADFD for ever. */
    @Override
    int read(long slices, int count) {
        int result = Native.tapRead(fd, slices, count);
        return result >= 0 || result == -Errno.EIO ? Math.max(result, 0) : CLOSED;
    }

    @Override
    int write(long slices, int count) {
        return Native.tapWrite(fd, slices, count);
    }
}
