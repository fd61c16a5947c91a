package org.violin.dataplane.bridge;

import org.agrona.DirectBuffer;

/**
 * Joins ports and decides, batch by batch, by which of them frames leave. A port is an index from 0 to
 * {@link MacTable#MAX_PORT}. Each worker has a bridge of its own, which it alone calls; those of one network have the
 * same members, and share what they learn. {@link #addPort} and {@link #removePort} may allocate, the rest does not.
 */
public interface Bridge {

    /**
     * Decides for a batch of frames that came in by one port.
     *
     * @param ingressPort a member
     * @param storage     holds all frames; frame i is {@code lengths[i]} bytes at {@code offsets[i]}, at least
     *                    {@link org.violin.dataplane.wire.Ethernet#HEADER_BYTES} (its port has dropped the runts)
     * @param verdicts    receives one {@link Verdict} a frame
     */
    void decide(int ingressPort, DirectBuffer storage, int[] offsets, int[] lengths, int count, int[] verdicts);

    /**
     * Adds a member that is not one yet.
     *
     * @return false, and nothing changed, if the bridge takes no more ports
     */
    boolean addPort(int port);

    /** Removes a member. Nothing happens if it is none. */
    void removePort(int port);

    /** Forgets what was learned about a port, when it is no worker's member any more. Any thread. */
    void forgetPort(int port);

    /** The members, the first {@link #memberCount()} elements; the caller does not change it nor keep it. */
    int[] members();

    int memberCount();

    /**
     * Ages what was learned, in bounded steps; to be called about once a second, by one of those who share it.
     *
     * @param nowNs a monotonic clock's time, {@link System#nanoTime()}
     */
    void onTick(long nowNs);
}
