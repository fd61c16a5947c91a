package org.violin.control.tune;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/**
 * The datagrams of a paced stream: how they are written, and which of them have come. They go like those of a video
 * call: {@link #PER_SECOND} of {@link #BYTES}, 4 Mbit/s. Those at the beginning do not count: error correction learns
 * from them what gets lost. Thread-safe.
 */
final class DatagramCount {
    static final int BYTES = 1200;
    static final int PER_SECOND = 400;
    static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final BitSet seen = new BitSet();
    /** From the sender's clock to the receiver's: only their differences mean anything. */
    private final long[] delaysNanos;
    private int count;
    private int highest = -1;
    private int reordered;

    /** @param seconds whose datagrams count */
    DatagramCount(int seconds) {
        delaysNanos = new long[seconds * PER_SECOND];
    }

    /** @param number from 0 on; below 0: does not count */
    static void write(ByteBuffer datagram, int number, long nowNanos) {
        datagram.clear().putInt(number).putLong(nowNanos).position(BYTES).flip();
    }

    /** One that is of another length, or of no stream such as this, is no datagram of ours. */
    synchronized void take(ByteBuffer datagram, long nowNanos) {
        if (datagram.remaining() != BYTES) {
            return;
        }
        int number = datagram.getInt();
        if (number < 0 || number >= delaysNanos.length || seen.get(number)) {
            return;
        }
        seen.set(number);
        delaysNanos[count++] = nowNanos - datagram.getLong();
        reordered += number < highest ? 1 : 0;
        highest = Math.max(highest, number);
    }

    synchronized int count() {
        return count;
    }

    synchronized int reordered() {
        return reordered;
    }

    synchronized int late() {
        long fastest = Arrays.stream(delaysNanos, 0, count).min().orElse(0);
        return (int) Arrays.stream(delaysNanos, 0, count).filter(delay -> delay - fastest > LATE_NANOS).count();
    }
}
