package org.violin.dataplane.sys;

import java.util.Arrays;
import java.util.function.IntSupplier;
import org.agrona.collections.Int2ObjectHashMap;
import org.violin.dataplane.memory.FramePool;

/**
 * Completions by io_uring: frames are read by the kernel, into slots that it was given beforehand, while the worker is
 * in {@link #poll}; one system call a cycle waits, reads from all descriptors and takes what was asked for anew.
 *
 * <p>Theory of operation. Each descriptor has one multishot read and a ring of buffers, which are slots of the pool
 * ({@link UringIntake}). How many buffers a descriptor has bounds what one cycle takes from it: a flood uses its
 * buffers up, its read ends, and both are renewed in the next poll, when the frames have moved on. A poll first renews
 * what is due, then enters the kernel, then hands out completions; channels queue them, and mark themselves ready.
 *
 * <p>Frames are sent as under epoll, by a system call for each descriptor's batch. Through the ring a datagram costs 90
 * to 200 ns more at any batch size, a frame to a TAP more in batches up to 4 and 2 to 4 % less from 16 on (Linux 6.18).
 * Files are not registered either: that would save a send 25 to 90 ns, and an armed read holds its file anyway.
 */
public final class UringPoller implements Poller {
    private static final int ENTRIES = 256;
    /** Completions that one poll hands out; a flood of small frames on a dozen ports. More wait in the kernel. */
    private static final int COMPLETIONS = 4096;
    private static final int POLLIN = 0x001;
    private static final int POLLRDHUP = 0x2000;
    /** Of a completion that nobody waits for. */
    private static final long NOBODY = -1;
    private static final long CANCEL_WAIT_NS = 100_000_000;

    private final FramePool pool;
    private final Uring uring;
    private final Int2ObjectHashMap<Watch> watches = new Int2ObjectHashMap<>();
    private final int wakeup;
    private UringRequest[] requests = new UringRequest[16];
    private UringRequest[] due = new UringRequest[16];
    private int dueCount;
    private boolean closed;

    /**
     * @param pool whose slots the kernel reads into
     * @throws KernelException where io_uring is missing, forbidden, or older than Linux 6.7
     */
    public UringPoller(FramePool pool) {
        this(pool, COMPLETIONS);
    }

    UringPoller(FramePool pool, int completions) {
        this.pool = pool;
        this.uring = new Uring(Math.min(ENTRIES, completions), completions);
        this.wakeup = KernelException.check(Native.eventfdCreate(), "poller", "eventfd");
        watch(wakeup, () -> Native.eventfdDrain(wakeup));
    }

    @Override
    public FrameChannel tap(int fd, int offload, Ready ready) {
        return VnetChannel.ofTap(fd, offload, UringFrameIntake.ofTap(this, fd, ready));
    }

    @Override
    public FrameChannel packet(int fd, IntSupplier mtu, Ready ready) {
        watch(fd, ready);
        return VnetChannel.ofPacket(fd, mtu, SliceIntake.ofPacket(this, fd));
    }

    @Override
    public FrameChannel seqpacket(int fd, Ready ready) {
        return new SeqpacketChannel(fd, UringFrameIntake.ofSeqpacket(this, fd, ready));
    }

    @Override
    public DatagramChannel udp(int fd, Ready ready) {
        return new UdpChannel(fd, new UringDatagramIntake(this, fd, ready));
    }

    @Override
    public void watch(int fd, Ready ready) {
        Watch watch = new Watch(fd, ready);
        add(watch);
        watches.put(fd, watch);
    }

    @Override
    public void unwatch(int fd) {
        Watch watch = watches.remove(fd);
        if (watch != null) {
            watch.ready = null;
            remove(watch);
        }
    }

    @Override
    public int poll(long timeoutNs) {
        int left = 0;
        for (int i = 0; i < dueCount; i++) {
            UringRequest request = due[i];
            request.due = !request.arm();
            if (request.due) {
                due[left++] = request;
            }
        }
        dueCount = left;
        uring.enter(timeoutNs > 0 ? 1 : 0, timeoutNs);
        return reap();
    }

    private int reap() {
        int count = 0;
        for (int at = uring.next(); at >= 0; at = uring.next()) {
            long token = uring.token(at);
            if (token != NOBODY) {
                requests[(int) token].onCompletion(uring.result(at), uring.flags(at));
                count++;
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

    FramePool pool() {
        return pool;
    }

    Uring uring() {
        return uring;
    }

    /** Takes in a request, to be armed by the next poll. */
    void add(UringRequest request) {
        int token = 0;
        while (token < requests.length && requests[token] != null) {
            token++;
        }
        if (token == requests.length) {
            requests = Arrays.copyOf(requests, token * 2);
            due = Arrays.copyOf(due, token * 2);
        }
        request.token = token;
        requests[token] = request;
        due(request);
    }

    /** Has the next poll arm the request. */
    void due(UringRequest request) {
        if (!request.due) {
            request.due = true;
            due[dueCount++] = request;
        }
    }

    /** Takes a request back: the kernel has let go of its descriptor and its buffers when this returns. */
    void remove(UringRequest request) {
        if (request.armed) {
            uring.prepare(Uring.OP_ASYNC_CANCEL, 0, 0, -1, request.token, 0, 0, 0, NOBODY);
            while (request.armed) {
                uring.enter(1, CANCEL_WAIT_NS);
                reap();
            }
        }
        for (int i = 0; i < dueCount; i++) {
            if (due[i] == request) {
                due[i] = due[--dueCount];
            }
        }
        requests[request.token] = null;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            unwatch(wakeup);
            Native.close(wakeup);
            uring.close();
        }
    }

    /** Readiness of a descriptor, asked for anew whenever it was told, so that what was left is told again. */
    private final class Watch extends UringRequest {
        private final int fd;
        private Ready ready;

        Watch(int fd, Ready ready) {
            this.fd = fd;
            this.ready = ready;
        }

        @Override
        boolean arm() {
            armed = true;
            uring.prepare(Uring.OP_POLL_ADD, 0, 0, fd, 0, 0, POLLIN | POLLRDHUP, 0, token);
            return true;
        }

        @Override
        void onCompletion(int result, int flags) {
            armed = false;
            if (ready != null) {
                due(this);
                ready.onReady();
            }
        }
    }
}
