package org.violin.control.tune;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.violin.control.os.NetworkNamespace;

/** The end that receives: answers questions, counts datagrams, and takes one bulk stream. */
final class Receiver extends Load {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final ServerSocketChannel listener;
    private final DatagramChannel echo;
    private final DatagramChannel datagrams;
    private final DatagramCount count;
    private final BulkCount bulk;
    private volatile String failure;

    private interface Work {
        void run() throws IOException;
    }

    /** The sockets are open when this returns. */
    Receiver(NetworkNamespace namespace, int seconds) throws IOException {
        count = new DatagramCount(seconds);
        bulk = new BulkCount(cpu(), TimeUnit.SECONDS.toNanos(seconds));
        listener = namespace.open(() -> ServerSocketChannel.open(StandardProtocolFamily.INET)).bind(Wiring.BULK);
        echo = namespace.open(() -> DatagramChannel.open(StandardProtocolFamily.INET)).bind(Wiring.ECHO);
        datagrams = namespace.open(() -> DatagramChannel.open(StandardProtocolFamily.INET)).bind(Wiring.DATAGRAMS);
        datagrams.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        begin("tune-echo", this::answer);
        begin("tune-datagrams", this::count);
        begin("tune-bulk", this::takeBulk);
    }

    private void begin(String name, Work work) {
        start(name, () -> {
            try {
                work.run();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                failure = name + ": " + e.getMessage();
            }
        });
    }

    private void answer() throws IOException {
        ByteBuffer question = ByteBuffer.allocateDirect(DatagramCount.BYTES);
        while (true) {
            SocketAddress from = echo.receive(question.clear());
            echo.send(question.flip(), from);
        }
    }

    private void count() throws IOException {
        ByteBuffer datagram = ByteBuffer.allocateDirect(2 * DatagramCount.BYTES);
        while (true) {
            datagrams.receive(datagram.clear());
            count.take(datagram.flip(), System.nanoTime());
        }
    }

    private void takeBulk() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (SocketChannel accepted = listener.accept()) {
            accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
            bulk.begin(System.nanoTime());
            int length = accepted.read(bytes);
            while (length >= 0) {
                bulk.take(length, System.nanoTime());
                length = accepted.read(bytes.clear());
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            // The sender resets the stream when it has sent for long enough.
            bulk.end();
        }
    }

    @Override
    TrialReport report(long ageMillis) {
        return new TrialReport(ageMillis, "receiving", failure, null, new TrialReport.Received(bulk.bytes(),
            bulk.nanos(System.nanoTime()), bulk.cpuNanos(), count.count(), count.late(), count.reordered()));
    }
}
