package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/**
 * The datagrams of one UDP socket, by the batch. A datagram to send is a list of parts (headers from this channel's
 * arena, payload from the pool) that the kernel gathers: payload is not copied here and not written to, so a frame
 * flooded to many links is one slot. Belongs to the worker's thread.
 */
public interface DatagramChannel extends AutoCloseable {

    /**
     * Reads up to {@link FrameBatch#CAPACITY} datagrams into slots claimed from {@code pool}. Sources and truncation
     * are asked by the datagram's place in {@code batch}, until the next call.
     *
     * @param batch empty; gets one entry for each datagram
     * @return datagrams read; -1: none, and no slot was free to read into
     */
    int receive(FramePool pool, FrameBatch batch);

    /** Whether datagram {@code index} was longer than a slot and has been cut. */
    boolean isTruncated(int index);

    /** Whether datagram {@code index} came from {@code endpoint}. */
    boolean isFrom(int index, Endpoint endpoint);

    /** {@link Endpoint#key()} of the source of datagram {@code index}. */
    long sourceKey(int index);

    /** Whether one more datagram of {@code parts} parts, {@code headerBytes} of them headers, fits before a flush. */
    boolean hasRoom(int parts, int headerBytes);

    /** Memory for headers: {@link #claimHeader} says where. */
    MutableDirectBuffer headers();

    /** Claims {@code bytes} of header memory until the next flush and makes it the current datagram's next part. */
    int claimHeader(int bytes);

    /** Makes {@code length} bytes of the pool's storage the current datagram's next part; they stay until the flush. */
    void addPayload(MutableDirectBuffer storage, int offset, int length);

    /** Completes the current datagram. */
    void end(Endpoint destination);

    /** Datagrams completed since the last flush. */
    int pending();

    /** Sends all pending datagrams in one system call, and begins anew; {@link #status} tells of each. */
    void flush();

    /** After a flush: 0 if the {@code index}-th datagram went, else a negative errno. */
    int status(int index);

    /** Datagrams that the kernel dropped since the last call because the socket's receive buffer was full. */
    long takeOverflows();

    @Override
    void close();
}
