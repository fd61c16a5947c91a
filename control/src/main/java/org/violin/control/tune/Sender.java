package org.violin.control.tune;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.host.TrialLink;
import org.violin.control.os.NetworkNamespace;
import org.violin.dataplane.TunnelStatus;

/**
 * The end that sends: it asks until something comes through, asks for a while with nothing beside it, sends the paced
 * stream, and then the bulk stream while it asks again.
 */
final class Sender extends Load {
    /** A stream that can be had is there by then, even if the first attempt came before the other end was ready. */
    private static final long CARRY_NANOS = TimeUnit.SECONDS.toNanos(12);
    private static final long CARRY_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** A tunnel that was down is up by then, if it can be. */
    private static final long REACH_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long ALONE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int CONNECT_MILLIS = 4000;
    /** The receiver began to measure half a round trip later. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int CHUNK_BYTES = 128 * 1024;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final TrialLink link;
    private final int seconds;
    private final long leadNanos;
    private final Pinger pinger;
    private final DatagramChannel datagrams;
    private final SocketChannel stream;
    private volatile String phase = "connecting";
    private volatile String failure;
    private volatile TrialReport.Sent sent;

    /** The sockets are open when this returns; it ends by itself. */
    Sender(TrialLink link, NetworkNamespace namespace, int seconds) throws IOException {
        this.link = link;
        this.seconds = seconds;
        leadNanos = BulkCount.leadNanos(TimeUnit.SECONDS.toNanos(seconds));
        pinger = new Pinger(connected(namespace, Wiring.ECHO));
        datagrams = connected(namespace, Wiring.DATAGRAMS);
        stream = namespace.open(() -> SocketChannel.open(StandardProtocolFamily.INET));
        start("tune", this::run);
    }

    private static DatagramChannel connected(NetworkNamespace namespace, InetSocketAddress to) throws IOException {
        return namespace.open(() -> DatagramChannel.open(StandardProtocolFamily.INET)).connect(to);
    }

    private void run() {
        try {
            sent = measure();
        } catch (ClosedChannelException e) {
            failure = "stopped";
        } catch (PortUnreachableException e) {
            failure = "the other end has ended";
        } catch (IOException | RuntimeException e) {
            failure = phase + ": " + e.getMessage();
        }
        phase = TrialReport.DONE;
    }

    private TrialReport.Sent measure() throws IOException {
        awaitTransport();
        if (!pinger.reaches(REACH_NANOS)) {
            TunnelStatus tunnel = link.tunnel();
            throw new IOException("nothing comes back in " + REACH_NANOS / SECOND_NANOS + " s; the tunnel is "
                + tunnel.state() + " ('violin netcheck' tells more)");
        }
        phase = "round trips";
        pinger.ask(ALONE_NANOS);
        RoundTrips alone = pinger.settle(ANSWER_NANOS);
        phase = "paced stream";
        int paced = pace();
        phase = "bulk stream";
        stream.setOption(StandardSocketOptions.SO_LINGER, 0);
        stream.socket().connect(Wiring.BULK, CONNECT_MILLIS);
        start("tune-bulk", this::writeBulk);
        LockSupport.parkNanos(leadNanos);
        long cpuBefore = cpu().nanos();
        long wireBefore = link.tunnel().txBytes();
        pinger.ask(TimeUnit.SECONDS.toNanos(seconds));
        long cpuNanos = cpu().nanos() - cpuBefore;
        long wireBytes = link.tunnel().txBytes() - wireBefore;
        RoundTrips loaded = pinger.settle(ANSWER_NANOS);
        LockSupport.parkNanos(REST_NANOS);
        if (failure != null) {
            throw new IOException(failure);
        }
        stream.close();
        return new TrialReport.Sent(paced, cpuNanos, wireBytes, alone, loaded);
    }

    private void awaitTransport() throws IOException {
        long began = System.nanoTime();
        while (!link.isCarried()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            if (System.nanoTime() - began > CARRY_NANOS) {
                String trouble = link.trouble();
                throw new IOException("the tunnel does not go over to it in " + CARRY_NANOS / SECOND_NANOS + " s"
                    + (trouble.isEmpty() ? "" : ": " + trouble));
            }
            LockSupport.parkNanos(CARRY_POLL_NANOS);
        }
    }

    /** Returns how many were sent that count. */
    private int pace() throws IOException {
        ByteBuffer datagram = ByteBuffer.allocateDirect(DatagramCount.BYTES);
        int lead = (int) (leadNanos * DatagramCount.PER_SECOND / SECOND_NANOS);
        int total = seconds * DatagramCount.PER_SECOND;
        long began = System.nanoTime();
        for (int i = 0; i < lead + total; i++) {
            long due = began + i * (SECOND_NANOS / DatagramCount.PER_SECOND);
            for (long now = System.nanoTime(); due - now > 0; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            DatagramCount.write(datagram, i - lead, System.nanoTime());
            datagrams.write(datagram);
        }
        return total;
    }

    private void writeBulk() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try {
            while (true) {
                stream.write(bytes.clear());
            }
        } catch (ClosedChannelException e) {
            return;
        } catch (IOException e) {
            failure = "bulk stream: " + e.getMessage();
        }
    }

    @Override
    TrialReport report(long ageMillis) {
        String now = phase;
        return new TrialReport(ageMillis, now, now.equals(TrialReport.DONE) ? failure : null, sent, null);
    }

    @Override
    public void close() {
        super.close();
        pinger.close();
    }
}
