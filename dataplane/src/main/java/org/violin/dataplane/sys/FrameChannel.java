package org.violin.dataplane.sys;

import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/**
 * Whole frames in and out of one descriptor, by the batch. What a frame's sender has left undone ({@link
 * org.violin.dataplane.memory.Offload}) is passed on or done here, as the descriptor is able. Belongs to the worker's
 * thread.
 */
public interface FrameChannel extends AutoCloseable {
    /** What {@link #receive} returns when the other side has closed or the device is gone. */
    int CLOSED = -1;

    /** Frames that {@link #receive} takes at most. */
    int RECEIVE_MAX = Layout.BATCH_MAX;

    /**
     * Reads what there is, up to {@link #RECEIVE_MAX} frames, into slots claimed from {@code pool}, and appends it.
     * Frames that no port may pass on (shorter than an Ethernet header, longer than a slot, with offloads that do not
     * fit them) are dropped and counted.
     *
     * @param batch empty
     * @return frames read, dropped ones included; less than {@link #RECEIVE_MAX}: nothing more is waiting now; {@link
     *     #CLOSED}
     */
    int receive(FramePool pool, FrameBatch batch, PortCounters counters);

    /** Takes all frames of {@code batch}: sends what the kernel takes, counts the rest as dropped, releases all. */
    void send(FramePool pool, FrameBatch batch, PortCounters counters);

    @Override
    void close();
}
