package org.violin.dataplane.tunnel;

import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;

/**
 * Handshakes on their way from the workers to the one thread that answers them. Bounded: what comes while it is full is
 * dropped before anything is allocated for it, so a flood costs no more than that thread's pace.
 */
public final class HandshakeQueue {
    private static final int CAPACITY = 64;

    /** A datagram that came from a tunnel's peer, with a header that has been checked and nothing else. */
    public record Handshake(Tunnel tunnel, byte[] datagram) {
    }

    private final MpscVarHandleArrayQueue<Handshake> queue = new MpscVarHandleArrayQueue<>(CAPACITY);
    private volatile Thread taker;

    /** Workers: false if the queue is full. */
    boolean offer(Tunnel tunnel, DirectBuffer storage, int offset, int length) {
        if (queue.size() >= CAPACITY) {
            return false;
        }
        byte[] datagram = new byte[length];
        storage.getBytes(offset, datagram);
        boolean taken = queue.offer(new Handshake(tunnel, datagram));
        LockSupport.unpark(taker);
        return taken;
    }

    /** One thread: the next handshake; null if none comes in time, or the thread is interrupted. */
    public Handshake poll(long timeoutNs) {
        taker = Thread.currentThread();
        long deadlineNs = System.nanoTime() + timeoutNs;
        while (true) {
            Handshake next = queue.poll();
            long leftNs = deadlineNs - System.nanoTime();
            if (next != null || leftNs <= 0 || Thread.currentThread().isInterrupted()) {
                return next;
            }
            LockSupport.parkNanos(this, leftNs);
        }
    }
}
