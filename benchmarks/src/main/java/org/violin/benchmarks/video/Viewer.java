package org.violin.benchmarks.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Namespaces;

/**
 * Takes a stream on a host. As the relay of an application-level overlay it passes each datagram on at once, by
 * unicast, to those behind it; as a member of a group it only takes.
 */
final class Viewer implements AutoCloseable {
    static final int PORT = 5004;

    private static final int BUFFER_BYTES = 1 << 20;
    private static final int DATAGRAM_MAX = 65_535;

    private final List<InetSocketAddress> next;
    private final DatagramChannel channel;
    private final RtpStream stream = new RtpStream();
    private final Thread thread;
    private volatile IOException failure;

    /** Passes the stream on to the relays of other hosts, over the underlay. */
    static Viewer relay(End host, List<End> next) {
        return new Viewer(host, null, next);
    }

    /** Joins a group of the overlay. */
    static Viewer member(End host, String group) {
        return new Viewer(host, group, List.of());
    }

    private Viewer(End host, String group, List<End> next) {
        this.next = next.stream().map(end -> new InetSocketAddress(end.underlay(), PORT)).toList();
        channel = Namespaces.inside(host.namespace(), () -> open(group));
        thread = Thread.ofPlatform().name("viewer-" + host.namespace()).daemon().start(this::work);
    }

    private static DatagramChannel open(String group) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        channel.bind(new InetSocketAddress("0.0.0.0", PORT));
        if (group != null) {
            channel.join(InetAddress.getByName(group), NetworkInterface.getByName(End.OVERLAY));
        }
        return channel;
    }

    private void work() {
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM_MAX);
        try {
            while (true) {
                channel.receive(datagram.clear());
                datagram.flip();
                for (InetSocketAddress each : next) {
                    channel.send(datagram.duplicate(), each);
                }
                stream.add(datagram, System.nanoTime());
            }
        } catch (ClosedChannelException e) {
            return;
        } catch (IOException e) {
            failure = e;
        }
    }

    /** What has come; once it is closed. */
    RtpStream stream() {
        if (failure != null) {
            throw new BenchException(thread.getName() + ": " + failure.getMessage(), failure);
        }
        return stream;
    }

    @Override
    public void close() {
        try {
            channel.close();
            thread.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
