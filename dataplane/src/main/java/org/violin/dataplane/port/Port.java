package org.violin.dataplane.port;

import org.violin.dataplane.counters.LatencyHistogram;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.Poller;

/**
 * Where frames enter and leave a dataplane, as one worker sees it. Each worker has an object of its own for every port,
 * by which it sends; a frame that comes in is read by one of them.
 */
public abstract class Port implements AutoCloseable {
    /** Frames that {@link #receive} takes at most, so that no port keeps others waiting for long. */
    public static final int RECEIVE_MAX = FrameChannel.RECEIVE_MAX;

    private final String name;
    private final String kind;
    private final PortCounters counters = new PortCounters();
    private final LatencyHistogram residence = new LatencyHistogram();

    /**
     * @param name unique in the dataplane, but for the other workers' objects of the same port
     * @param kind {@code tap}, {@code packet}, {@code unix}, {@code link}, {@code vxlan}, {@code l2tpv3} or
     *             {@code memory}
     */
    protected Port(String name, String kind) {
        this.name = name;
        this.kind = kind;
    }

    public final String name() {
        return name;
    }

    public final String kind() {
        return kind;
    }

    /** Written by the worker, read by anyone. */
    public final PortCounters counters() {
        return counters;
    }

    /**
     * For each frame that was sent, the time from the poll that told of it, at whatever port, to the return of the
     * system call that took it. Written by the worker, read by anyone.
     */
    public final LatencyHistogram residence() {
        return residence;
    }

    /** Device, interface, socket path, addresses, or tunnel and link id; what the kernel does for it. Any thread. */
    public abstract String detail();

    /** Whether frames can pass. Any thread. */
    public abstract boolean isUp();

    /** Worker: begins to watch the device; {@code inlet} is told when {@link #receive} has something to do. */
    public abstract void attach(Poller poller, Inlet inlet);

    /**
     * Worker: appends to {@code batch}, which is empty, up to {@link #RECEIVE_MAX} frames that have come in; each one's
     * hold passes to the caller. Or hands them over by {@link Inlet#onFrame}.
     *
     * @return frames taken from the device, or buffers with some; less than {@link #RECEIVE_MAX}: nothing more is
     *         waiting now
     */
    public abstract int receive(FramePool pool, FrameBatch batch);

    /** Worker: takes all frames of {@code batch}, also those it drops. */
    public abstract void transmit(FramePool pool, FrameBatch batch);

    /** Whether what {@link #transmit} has taken leaves with the flush of the tunnels' socket, at the end of a cycle. */
    public boolean isFlushed() {
        return false;
    }

    /** Worker: closes the device. Idempotent. */
    @Override
    public abstract void close();
}
