package org.violin.dataplane.bridge;

import org.agrona.DirectBuffer;

/**
 * Joins ports and decides, batch by batch, by which of them frames leave. A port is an index from 0 to
 * {@link MacTable#MAX_PORT}. Called by the owning worker alone; {@link #addPort} and {@link #removePort} may allocate,
 * the rest does not.
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

    /** Removes a member, and all that was learned about it. Nothing happens if it is none. */
    void removePort(int port);

    /** The members, the first {@link #memberCount()} elements; the caller does not change it nor keep it. */
    int[] members();

    int memberCount();

    /**
     * Ages what was learned, in bounded steps; to be called about once a second.
     *
     * @param nowNs a monotonic clock's time, {@link System#nanoTime()}
     */
    void onTick(long nowNs);
}
