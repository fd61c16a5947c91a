package org.violin.dataplane.tunnel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.violin.dataplane.sys.Endpoint;

/**
 * Handshakes on their way from the workers to the one thread that answers them. Bounded: what comes while it is full is
 * dropped before anything is allocated for it, so a flood costs no more than that thread's pace. What comes from the
 * address of a tunnel's peer does not wait behind what comes from elsewhere.
 */
public final class HandshakeQueue {
    private static final int CAPACITY = 64;

    /**
     * A datagram with a header that has been checked and nothing else.
     *
     * @param tunnel whose peer is where it came from; null: no tunnel's
     */
    public record Handshake(Tunnel tunnel, Endpoint source, byte[] datagram) {
    }

    /** Where a datagram came from, when somebody wants to know: that allocates. */
    @FunctionalInterface
    interface Source {
        Endpoint get();
    }

    private final MpscVarHandleArrayQueue<Handshake> known = new MpscVarHandleArrayQueue<>(CAPACITY);
    private final MpscVarHandleArrayQueue<Handshake> strange = new MpscVarHandleArrayQueue<>(CAPACITY);
    private final AtomicInteger sealedTunnels = new AtomicInteger();
    private volatile Thread taker;

    /** A sealed tunnel has been opened or, by -1, closed. */
    public void onSealed(int change) {
        sealedTunnels.addAndGet(change);
    }

    /** Whether anybody is there to take handshakes. */
    boolean isOpen() {
        return sealedTunnels.get() > 0;
    }

    /** Workers: false if there is no room. */
    boolean offer(Tunnel tunnel, Source source, DirectBuffer storage, int offset, int length) {
        MpscVarHandleArrayQueue<Handshake> queue = tunnel == null ? strange : known;
        if (queue.size() >= CAPACITY) {
            return false;
        }
        byte[] datagram = new byte[length];
        storage.getBytes(offset, datagram);
        boolean taken = queue.offer(new Handshake(tunnel, source.get(), datagram));
        LockSupport.unpark(taker);
        return taken;
    }

    /** One thread: the next handshake; null if none comes in time, or the thread is interrupted. */
    public Handshake poll(long timeoutNs) {
        taker = Thread.currentThread();
        long deadlineNs = System.nanoTime() + timeoutNs;
        while (true) {
            Handshake next = known.poll();
            if (next == null) {
                next = strange.poll();
            }
            long leftNs = deadlineNs - System.nanoTime();
            if (next != null || leftNs <= 0 || Thread.currentThread().isInterrupted()) {
                return next;
            }
            LockSupport.parkNanos(this, leftNs);
        }
    }
}
