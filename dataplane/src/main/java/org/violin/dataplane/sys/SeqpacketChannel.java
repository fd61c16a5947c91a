package org.violin.dataplane.sys;

/** A guest's connection under epoll. */
final class SeqpacketChannel extends SliceChannel {

    SeqpacketChannel(Poller poller, int fd) {
        super(poller, fd);
    }

    @Override
    int read(long slices, int room) {
        int count = Native.unixReceive(fd, slices, room);
        if (count < 0) {
            return CLOSED;
        }
        // The end of the connection reads as messages without bytes, for ever: what came before them is still good.
        if (count > 0 && lengthAt(count - 1) == 0 && Native.unixIsHungUp(fd) != 0) {
            while (count > 0 && lengthAt(count - 1) == 0) {
                count--;
            }
            return count == 0 ? CLOSED : count;
        }
        return count;
    }

    @Override
    int write(long slices, int count) {
        return Native.unixSend(fd, slices, count);
    }
}
