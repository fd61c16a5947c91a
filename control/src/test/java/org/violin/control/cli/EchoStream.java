package org.violin.control.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.TestRun;

/** One TCP connection, by which whoever is at the other end sends back the numbers that it is sent: are they all. */
final class EchoStream implements AutoCloseable {
    private static final long INTERVAL_NS = 5_000_000;

    private final SocketChannel channel;
    private final Thread sender;
    private final Thread receiver;
    private volatile long sent;
    private volatile long came;
    private volatile boolean ended;
    private volatile String trouble = "";

    EchoStream(Netns from, String address, int port) {
        channel = from.open(() -> SocketChannel.open(new InetSocketAddress(address, port)));
        sender = Thread.ofPlatform().name("echo-sender").start(() -> run(this::send));
        receiver = Thread.ofPlatform().name("echo-receiver").start(() -> run(this::receive));
    }

    @FunctionalInterface
    private interface Task {
        void run() throws IOException;
    }

    private void run(Task task) {
        try {
            task.run();
        } catch (ClosedChannelException e) {
            // The test has closed it.
            return;
        } catch (IOException e) {
            trouble = e.toString();
        }
    }

    private void send() throws IOException {
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
        while (!ended) {
            number.clear().putLong(sent).flip();
            while (number.hasRemaining()) {
                channel.write(number);
            }
            sent++;
            LockSupport.parkNanos(INTERVAL_NS);
        }
    }

    private void receive() throws IOException {
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
        while (channel.read(number) >= 0) {
            if (!number.hasRemaining()) {
                long next = number.flip().getLong();
                if (next != came) {
                    trouble = next + " has come in place of " + came;
                    return;
                }
                came++;
                number.clear();
            }
        }
        trouble = "the other end has closed it";
    }

    /** Waits until numbers have come back that are sent from now on. */
    void awaitFlow() {
        long last = sent;
        awaitBack(last + 10);
    }

    private void awaitBack(long count) {
        TestRun.await(count + " numbers", () -> came >= count || !trouble.isEmpty(), this::toString);
        if (!trouble.isEmpty()) {
            throw new AssertionError(toString());
        }
    }

    /** Sends no more, and sees that each number has come back, in order. */
    void end() {
        ended = true;
        join(sender);
        awaitBack(sent);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return came + " of " + sent + " numbers have come back" + (trouble.isEmpty() ? "" : ": " + trouble);
    }

    @Override
    public void close() {
        ended = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        join(sender);
        join(receiver);
    }
}
