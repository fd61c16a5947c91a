package org.violin.dataplane.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;

/**
 * What stands in front of the one frame of a UDP datagram, for peers that are no dataplanes. Neither form has anything
 * that encrypts or authenticates. Immutable; any thread.
 */
public interface Encapsulation {

    /** {@code vxlan} or {@code l2tpv3}. */
    String kind();

    /** What tells it from others of its kind, for people. */
    String detail();

    /** Whether a peer sends from the port that it receives at, and from no other. */
    boolean isFromOnePort();

    /** Bytes in front of frames that come in. */
    int receivedBytes();

    /** Bytes in front of frames that leave. */
    int sentBytes();

    /** Writes {@link #sentBytes} bytes. */
    void write(MutableDirectBuffer buffer, int offset);

    /**
     * Checks a datagram that has come in.
     *
     * @return null: a frame follows, {@link #receivedBytes} on, and has an Ethernet header at least; else why not
     */
    DropReason check(DirectBuffer buffer, int offset, int length);
}
