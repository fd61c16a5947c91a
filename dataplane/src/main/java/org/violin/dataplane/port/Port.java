package org.violin.dataplane.port;

import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Poller;

/** Where frames enter and leave a dataplane; {@code tap}, {@code unix}, {@code link} or {@code memory}. */
public interface Port extends AutoCloseable {

    /** Unique in the dataplane. */
    String name();

    String kind();

    /** Device, socket path, or tunnel and link id. */
    String detail();

    /** Whether frames can pass. Any thread. */
    boolean isUp();

    /** Written by the worker, read by anyone. */
    PortCounters counters();

    /** Worker: begins to watch the device; {@code inlet} is told when {@link #receive} has something to do. */
    void attach(Poller poller, Inlet inlet);

    /**
     * Worker: appends to {@code batch} what has come in, as far as it has room; each frame's hold passes to the caller.
     *
     * @return frames taken from the device; less than there was room for: nothing more is waiting now
     */
    int receive(FramePool pool, FrameBatch batch);

    /** Worker: takes all frames of {@code batch}, also those it drops. */
    void transmit(FramePool pool, FrameBatch batch);

    /** Worker: closes the device. Idempotent. */
    @Override
    void close();
}
