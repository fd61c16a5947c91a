package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.wire.Segmenter;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * The datagrams of a UDP socket, by the batch. A datagram to send is a list of parts (headers from this channel's
 * arena, payload from the pool) that are put together in the flush: payload stays where it is until then and is not
 * written to, so a frame flooded to many links is one slot. Consecutive datagrams of one size to one peer travel
 * through the kernel as one message, where it is able to cut that (UDP_SEGMENT); what it has joined on the way in
 * (UDP_GRO) comes as one buffer. Belongs to the worker's thread, but for {@link #offloads}.
 */
public interface DatagramChannel extends AutoCloseable {

    /** Buffers that {@link #receive} fills at most. */
    int RECEIVE_MAX = Layout.BATCH_MAX;

    /** Messages that one flush sends at most: their numbers are less. */
    int MESSAGES_MAX = Layout.MESSAGES_MAX;

    /**
     * Reads up to {@link #RECEIVE_MAX} buffers into slots claimed from {@code pool}. Sources, sizes and truncation are
     * asked by the buffer's place in {@code batch}, until the next call.
     *
     * @param batch empty; gets one entry for each buffer
     * @return buffers read; -1: none, and no slot was free to read into
     */
    int receive(FramePool pool, FrameBatch batch);

    /** Bytes of each datagram in buffer {@code index} but the last, which may be shorter. */
    int segmentBytes(int index);

    /** Whether buffer {@code index} was longer than a slot and has been cut. */
    boolean isTruncated(int index);

    /** Whether buffer {@code index} came from {@code endpoint}. */
    boolean isFrom(int index, Endpoint endpoint);

    /** Whether buffer {@code index} came from the address of {@code endpoint}, whatever the port. */
    boolean isFromHost(int index, Endpoint endpoint);

    /** The source of buffer {@code index}; allocates. */
    Endpoint source(int index);

    /** {@link Endpoint#key()} of the source of buffer {@code index}. */
    long sourceKey(int index);

    /** Whether {@code parts} more parts and {@code headerBytes} more of headers fit before a flush. */
    boolean hasRoom(int parts, int headerBytes);

    /** Memory for headers: {@link #claimHeader} says where. */
    MutableDirectBuffer headers();

    /** Claims {@code bytes} of header memory until the next flush and makes it the current datagram's next part. */
    int claimHeader(int bytes);

    /** Makes {@code length} bytes of the pool's storage the current datagram's next part; they stay until the flush. */
    void addPayload(MutableDirectBuffer storage, int offset, int length);

    /**
     * Completes the current datagram.
     *
     * @param seal seals it when it is sent, which makes it {@link TunnelCodec#TAG_BYTES} longer; null: nothing does
     * @param fec  it becomes a member of a block of, when it is sent; null: none
     * @return the message that it is a part of, the last one or the next; 0 is the first after a flush. {@link #status}
     *         knows what became of it
     */
    int end(Endpoint destination, Aead seal, FecEncoder fec);

    /** Whether the kernel cuts messages into datagrams, so that {@link #endCut} may be used; false once it refused. */
    boolean cuts();

    /** The most datagrams of {@code bytes} each, as they are sent, that one message may have; at least 1. */
    int datagramsMax(int bytes);

    /**
     * Begins a message of datagrams that are made while they are sent: claims memory for the headers of the first, and
     * {@link #addPayload} adds the payload of all. No datagram is under way.
     */
    int claimTemplate(int bytes);

    /**
     * Completes a message that {@link #claimTemplate} began. Each datagram has the template's headers, made those of
     * the segment, and the counter one higher than the last's; each but the last has {@code segmentBytes} of payload.
     *
     * @param template    where its headers are; all but the frame's in front of {@code frame}
     * @param frame       where in the template the frame's headers begin
     * @param segmenter   has taken the super-frame, and decided the cut
     * @param payloadFrom where the payload begins in that
     * @return the message, as {@link #end} does
     */
    int endCut(Endpoint destination, Aead seal, FecEncoder fec, int template, int frame, Segmenter segmenter,
        int payloadFrom, int segmentBytes);

    /** Sends all that was completed in as few system calls as possible, and begins anew. */
    void flush();

    /** After a flush: 0 if the message went, else a negative errno. */
    int status(int message);

    /**
     * Any thread: what the kernel does for this socket, for people. {@code gso}: it cuts messages into datagrams;
     * {@code gro}: it joins what comes in. Of these what it has, and has not refused since; empty: neither.
     */
    String offloads();

    /** Datagrams that the kernel dropped since the last call because the socket's receive buffer was full. */
    long takeOverflows();

    /**
     * How often, since the last call, a read has told that a datagram was refused where it was sent (ICMP, "port
     * unreachable"); only a socket that talks with one endpoint alone is told so. What is sent may be told so, too.
     */
    long takeRefusals();

    @Override
    void close();
}
