package org.violin.control.tune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** Asks the other end for answers, at a steady pace. Used by one thread, and closed when that has ended. */
final class Pinger implements AutoCloseable {
    private static final int BYTES = 64;
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final DatagramChannel channel;
    private final Selector selector;
    private final ByteBuffer datagram = ByteBuffer.allocateDirect(BYTES);
    private int series;
    private int asked;
    private final BitSet answered = new BitSet();
    private long[] nanos = new long[0];
    private int count;

    /** @param channel connected */
    Pinger(DatagramChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** Asks until there is an answer; false if there is none in time. */
    boolean reaches(long limitNanos) throws IOException {
        ask(limitNanos, 1);
        return count > 0;
    }

    /** Asks for some time. Answers that are under way at the end can be waited for by {@link #settle}. */
    void ask(long durationNanos) throws IOException {
        ask(durationNanos, Integer.MAX_VALUE);
    }

    private void ask(long durationNanos, int enough) throws IOException {
        series++;
        asked = 0;
        count = 0;
        answered.clear();
        nanos = new long[(int) (durationNanos / INTERVAL_NANOS) + 1];
        long began = System.nanoTime();
        long now = began;
        while (now - began < durationNanos && count < enough) {
            if (now - began >= asked * INTERVAL_NANOS && asked < nanos.length) {
                datagram.clear().putInt(series).putInt(asked++).putLong(now).position(BYTES).flip();
                channel.write(datagram);
            }
            takeAnswers(asked * INTERVAL_NANOS - (now - began));
            now = System.nanoTime();
        }
    }

    /** Waits for the rest of the answers, and says what has come of them. */
    RoundTrips settle(long limitNanos) throws IOException {
        long began = System.nanoTime();
        for (long left = limitNanos; left > 0 && count < asked; left = limitNanos - (System.nanoTime() - began)) {
            takeAnswers(left);
        }
        return RoundTrips.of(asked, Arrays.copyOf(nanos, count));
    }

    /** Takes those that are there; waits for the first. */
    private void takeAnswers(long limitNanos) throws IOException {
        if (limitNanos > 0) {
            // Not to wait at all is 0 in no other call of the selector's.
            selector.select(TimeUnit.NANOSECONDS.toMillis(limitNanos) + 1);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
        selector.selectedKeys().clear();
        while (channel.read(datagram.clear()) > 0) {
            long now = System.nanoTime();
            datagram.flip();
            if (datagram.remaining() == BYTES && datagram.getInt() == series) {
                int number = datagram.getInt();
                if (number >= 0 && number < asked && !answered.get(number)) {
                    answered.set(number);
                    nanos[count++] = now - datagram.getLong();
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
