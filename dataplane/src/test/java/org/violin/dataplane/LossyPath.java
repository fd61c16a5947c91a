package org.violin.dataplane;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One direction of a path between two hosts that loses, repeats and reorders datagrams: a relay in a thread of its own.
 */
final class LossyPath implements AutoCloseable {
    private final DatagramChannel from;
    private final DatagramChannel to;
    private final SocketAddress receiver;
    private final Fate fate;
    private final Thread thread;
    /** One that was held back, to go behind the next. */
    private ByteBuffer held;

    final AtomicLong lost = new AtomicLong();

    /** What becomes of a datagram. */
    enum Luck { GOES, IS_LOST, COMES_TWICE, COMES_LATER }

    /** Decides for each datagram by its length. */
    interface Fate {
        Luck next(int bytes);
    }

    /**
     * @param from     where one host sends to, and from where the other hears the answers
     * @param to       where the datagrams come from at the receiver, which is the other direction's {@code from}
     * @param receiver the host that they are for
     */
    LossyPath(DatagramChannel from, DatagramChannel to, InetSocketAddress receiver, Fate fate) {
        this.from = from;
        this.to = to;
        this.receiver = receiver;
        this.fate = fate;
        thread = new Thread(this::relay, "lossy-path");
        thread.start();
    }

    private void relay() {
        try {
            while (true) {
                ByteBuffer datagram = ByteBuffer.allocate(1 << 16);
                from.receive(datagram);
                pass(datagram.flip());
            }
        } catch (IOException e) {
            // Closed, here or at the other direction's end.
            held = null;
        }
    }

    private void pass(ByteBuffer datagram) throws IOException {
        switch (fate.next(datagram.remaining())) {
            case IS_LOST -> lost.incrementAndGet();
            case COMES_LATER -> {
                flush();
                held = datagram;
            }
            case COMES_TWICE -> {
                send(datagram.duplicate());
                send(datagram);
                flush();
            }
            case GOES -> {
                send(datagram);
                flush();
            }
        }
    }

    private void flush() throws IOException {
        if (held != null) {
            send(held);
            held = null;
        }
    }

    private void send(ByteBuffer datagram) throws IOException {
        to.send(datagram, receiver);
    }

    @Override
    public void close() {
        try {
            from.close();
            thread.join();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
