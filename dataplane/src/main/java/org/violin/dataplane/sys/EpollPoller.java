package org.violin.dataplane.sys;

import java.util.function.IntSupplier;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Readiness by epoll, level-triggered: a descriptor that was not emptied is reported again. Each channel keeps its own
 * descriptor array for the native calls; events are written into one more.
 */
public final class EpollPoller implements Poller {
    private static final int EPOLLIN = 0x001;
    private static final int EPOLLRDHUP = 0x2000;
    private static final int WAKEUP_TOKEN = -1;

    private final OffHeap events = OffHeap.map((long) Layout.BATCH_MAX * Layout.EVENT_BYTES);
    private final Int2ObjectHashMap<Ready> watched = new Int2ObjectHashMap<>();
    private final int epoll;
    private final int wakeup;
    private boolean closed;

    public EpollPoller() {
        epoll = KernelException.check(Native.epollCreate(), "poller", "epoll_create1");
        wakeup = KernelException.check(Native.eventfdCreate(), "poller", "eventfd");
        KernelException.check(Native.epollAdd(epoll, wakeup, EPOLLIN, WAKEUP_TOKEN), "poller", "EPOLL_CTL_ADD");
    }

    @Override
    public FrameChannel tap(int fd, int offload, Ready ready) {
        watch(fd, ready);
        return VnetChannel.ofTap(fd, offload, SliceIntake.ofTap(this, fd));
    }

    @Override
    public FrameChannel packet(int fd, IntSupplier mtu, Ready ready) {
        watch(fd, ready);
        return VnetChannel.ofPacket(fd, mtu, SliceIntake.ofPacket(this, fd));
    }

    @Override
    public FrameChannel seqpacket(int fd, Ready ready) {
        watch(fd, ready);
        return new SeqpacketChannel(fd, SliceIntake.ofSeqpacket(this, fd));
    }

    @Override
    public DatagramChannel udp(int fd, Ready ready) {
        watch(fd, ready);
        return new UdpChannel(fd, new SliceDatagramIntake(this, fd));
    }

    @Override
    public void watch(int fd, Ready ready) {
        KernelException.check(Native.epollAdd(epoll, fd, EPOLLIN | EPOLLRDHUP, fd), "fd " + fd, "EPOLL_CTL_ADD");
        watched.put(fd, ready);
    }

    @Override
    public void unwatch(int fd) {
        if (watched.remove(fd) != null) {
            Native.epollRemove(epoll, fd);
        }
    }

    @Override
    public int poll(long timeoutNs) {
        int count = Native.epollWait(epoll, events.address(), Layout.BATCH_MAX, timeoutNs);
        KernelException.check(count, "poller", "epoll_pwait2");
        for (int i = 0; i < count; i++) {
            int token = (int) events.buffer().getLong(i * Layout.EVENT_BYTES + Layout.EVENT_TOKEN);
            if (token == WAKEUP_TOKEN) {
                Native.eventfdDrain(wakeup);
                continue;
            }
            Ready ready = watched.get(token);
            if (ready != null) {
                ready.onReady();
            }
        }
        return count;
    }

    /** Synchronized with {@link #close}: the descriptor could be somebody else's by then. */
    @Override
    public synchronized void wakeup() {
        if (!closed) {
            Native.eventfdSignal(wakeup);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Native.close(wakeup);
            Native.close(epoll);
            events.close();
        }
    }
}
