package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.TestRun;

/**
 * A TCP connection from one namespace to another that goes on until it is closed. What is sent is random, and each byte
 * of it is compared where it comes. A thread sends, some megabytes a second, and another receives.
 */
final class CheckedStream implements AutoCloseable {
    private static final int PORT = 9001;
    private static final int BLOCK_BYTES = 1 << 14;
    private static final long INTERVAL_NS = 2_000_000;

    private final ServerSocketChannel listener;
    private final SocketChannel out;
    private final SocketChannel in;
    private final long seed;
    private volatile long received;
    /** Null: none. */
    private volatile String fault;
    private volatile boolean ended;

    /**
     * @param address of {@code to}
     * @param random  what is sent follows from it
     */
    CheckedStream(Netns from, Netns to, String address, SplittableRandom random) throws IOException {
        seed = random.nextLong();
        listener = to.open(() -> ServerSocketChannel.open(StandardProtocolFamily.INET));
        listener.bind(new InetSocketAddress(PORT));
        out = from.open(() -> SocketChannel.open(StandardProtocolFamily.INET));
        out.connect(new InetSocketAddress(address, PORT));
        in = listener.accept();
        Thread.ofPlatform().name("stream out").start(this::send);
        Thread.ofPlatform().name("stream in").start(this::receive);
    }

    private void send() {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] block = new byte[BLOCK_BYTES];
        OutputStream stream = Channels.newOutputStream(out);
        try {
            while (!ended) {
                random.nextBytes(block);
                stream.write(block);
                LockSupport.parkNanos(INTERVAL_NS);
            }
        } catch (IOException e) {
            note("sending: " + e);
        }
    }

    private void receive() {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] expected = new byte[BLOCK_BYTES];
        InputStream stream = Channels.newInputStream(in);
        try {
            while (!ended) {
                random.nextBytes(expected);
                byte[] block = stream.readNBytes(BLOCK_BYTES);
                int wrong = Arrays.mismatch(expected, block);
                if (wrong >= 0) {
                    note("byte " + (received + wrong) + (wrong < block.length ? " is another" : " does not come"));
                    return;
                }
                received += BLOCK_BYTES;
            }
        } catch (IOException e) {
            note("receiving: " + e);
        }
    }

    private void note(String what) {
        if (!ended) {
            fault = what;
        }
    }

    /** Waits until so many more bytes have come, all as they were sent. */
    void await(int bytes) {
        long last = received + bytes;
        TestRun.await("byte " + last, () -> fault != null || received >= last, () -> "received " + received);
        assertThat(fault).isNull();
    }

    @Override
    public void close() throws IOException {
        ended = true;
        out.close();
        in.close();
        listener.close();
    }
}
