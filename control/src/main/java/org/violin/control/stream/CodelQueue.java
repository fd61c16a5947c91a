package org.violin.control.stream;

import io.netty.buffer.ByteBuf;

/**
 * What waits for the stream, managed by CoDel (RFC 8289): once everything has waited for longer than 5 ms for 100 ms on
 * end, single datagrams are dropped from the head, more and more often, until what sends into the tunnel slows down. So
 * a slow stream has a short queue and not a full one. Its size is bounded besides.
 *
 * <p>Holds references, which it gives up with what it drops. Time is the caller's: {@code nowNs}, of any origin.
 */
final class CodelQueue {
    static final long TARGET_NS = 5_000_000;
    static final long INTERVAL_NS = 100_000_000;
    /** More than CoDel leaves at 200,000 datagrams a second; a power of two. */
    static final int FRAMES_MAX = 2048;
    /** What a stream of 6 Gbit/s takes in 5 ms. */
    static final int BYTES_MAX = 4 << 20;

    private final StreamCounters counters;
    private final ByteBuf[] frames = new ByteBuf[FRAMES_MAX];
    private final long[] cameNs = new long[FRAMES_MAX];
    private int head;
    private int count;
    private int bytes;
    private int longestBytes;

    /** RFC 8289, 4: when the wait will have been too long for an interval; 0: it is not now. */
    private long firstAboveNs;
    private boolean aboveForLong;
    private boolean dropping;
    private long dropNextNs;
    private int drops;
    private int dropsBefore;

    CodelQueue(StreamCounters counters) {
        this.counters = counters;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes a frame over, or drops it if there is no room. */
    void offer(ByteBuf frame, long nowNs) {
        int length = frame.readableBytes();
        if (count == FRAMES_MAX || bytes + length > BYTES_MAX) {
            drop(frame, StreamEvent.QUEUE_FULL);
            return;
        }
        int tail = head + count++ & FRAMES_MAX - 1;
        frames[tail] = frame;
        cameNs[tail] = nowNs;
        bytes += length;
        longestBytes = Math.max(longestBytes, length);
    }

    /** The next frame to send, the caller's from now on; null: none. Drops those in front of it that CoDel says. */
    ByteBuf poll(long nowNs) {
        ByteBuf frame = take(nowNs);
        if (dropping) {
            dropping = aboveForLong;
            while (dropping && nowNs - dropNextNs >= 0) {
                drop(frame, StreamEvent.CODEL);
                drops++;
                frame = take(nowNs);
                dropping = aboveForLong;
                dropNextNs += gapNs();
            }
        } else if (aboveForLong) {
            drop(frame, StreamEvent.CODEL);
            frame = take(nowNs);
            dropping = true;
            int since = drops - dropsBefore;
            drops = since > 1 && nowNs - dropNextNs < 16 * INTERVAL_NS ? since : 1;
            dropsBefore = drops;
            dropNextNs = nowNs + gapNs();
        }
        return frame;
    }

    /** So that the drop rate goes up with the square root of the drops (RFC 8289, 3.3). */
    private long gapNs() {
        return (long) (INTERVAL_NS / Math.sqrt(drops));
    }

    private ByteBuf take(long nowNs) {
        aboveForLong = false;
        if (count == 0) {
            firstAboveNs = 0;
            return null;
        }
        ByteBuf frame = frames[head];
        long waitedNs = nowNs - cameNs[head];
        frames[head] = null;
        head = head + 1 & FRAMES_MAX - 1;
        count--;
        bytes -= frame.readableBytes();
        if (waitedNs < TARGET_NS || bytes <= longestBytes) {
            firstAboveNs = 0;
        } else if (firstAboveNs == 0) {
            firstAboveNs = nowNs + INTERVAL_NS;
        } else {
            aboveForLong = nowNs - firstAboveNs >= 0;
        }
        return frame;
    }

    /** Drops all there is. */
    void clear(StreamEvent reason) {
        while (count > 0) {
            drop(take(0), reason);
        }
        firstAboveNs = 0;
        aboveForLong = false;
        dropping = false;
    }

    private void drop(ByteBuf frame, StreamEvent reason) {
        frame.release();
        counters.increment(reason);
    }
}
