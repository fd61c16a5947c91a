package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.TestRun;

/**
 * Numbered datagrams from one host to the other over their TAPs, one every 2 ms at the most, unless it is said
 * otherwise: which of them have come. However loaded the machine is, no more are sent in a time than that makes.
 *
 * <p>A thread sends and another receives. Their sockets are of the hosts' namespaces, as a socket has for ever that of
 * the thread which opened it.
 */
final class Traffic implements AutoCloseable {
    /** As many as are sent in a second. */
    static final int PER_SECOND = 500;

    private static final long POLL_NS = 2_000_000;
    /** For what is still under way when the sender has stopped; it is over as soon as nothing is missing. */
    private static final long STRAGGLERS_NS = 1_000_000_000;
    private static final int PORT = 9000;
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private final InetSocketAddress destination;
    private final int bytes;
    private final long intervalNs;
    private final DatagramChannel out;
    private final DatagramChannel in;
    private final Thread sender;
    private final Thread receiver;
    private final BitSet came = new BitSet();
    private int highest = -1;
    private int doubled;
    private int overtaken;
    private volatile int next;
    private volatile boolean ended;

    /**
     * What has come of the first so many datagrams.
     *
     * @param lost    the numbers of those that have not
     * @param doubled how many have come once more
     */
    record Report(int sent, BitSet lost, int doubled) {
        /** Numbers from and to. */
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            text.append(sent).append(" sent, ").append(doubled).append(" doubled, lost:");
            for (int from = lost.nextSetBit(0); from >= 0; from = lost.nextSetBit(lost.nextClearBit(from))) {
                text.append(' ').append(from).append('-').append(lost.nextClearBit(from) - 1);
            }
            return text.toString();
        }

        void assertNothingLost(List<String> summaries) {
            assertLost(0, 0, 0, summaries);
        }

        /**
         * Nothing has come twice. Of those from {@code first} to before {@code end} so many at most are lost, of the
         * others none.
         *
         * @param summaries of the tunnels, which say what was dropped
         */
        void assertLost(int first, int end, int most, List<String> summaries) {
            String what = this + ", may lose " + most + " of " + first + " to " + end + " " + summaries + ": ";
            System.out.println(lost.cardinality() + " of " + sent + " lost, " + most + " allowed");
            assertThat(doubled).as(what + "doubled").isZero();
            assertThat(lost.cardinality()).as(what + "lost").isLessThanOrEqualTo(most);
            assertThat(lost.get(0, first).cardinality()).as(what + "lost before " + first).isZero();
            assertThat(lost.length()).as(what + "lost from " + end + " on").isLessThanOrEqualTo(end);
        }
    }

    /** @param bytes of each datagram, without UDP's header */
    Traffic(TwoHosts.Host from, TwoHosts.Host to, int bytes) {
        this(from, to, to.address(), bytes);
    }

    /** @param address of the other host */
    Traffic(Netns from, Netns to, String address, int bytes) {
        this(from, to, address, PORT, bytes, PER_SECOND);
    }

    /**
     * Traffic that is not alone.
     *
     * @param port      that no other traffic to that host has
     * @param perSecond the most that are sent in a second: the fewer, the longer nobody may be on time before a buffer
     *                  is full
     */
    Traffic(Netns from, Netns to, String address, int port, int bytes, int perSecond) {
        this.destination = new InetSocketAddress(address, port);
        this.bytes = bytes;
        this.intervalNs = 1_000_000_000 / perSecond;
        this.out = from.open(() -> DatagramChannel.open(StandardProtocolFamily.INET));
        this.in = to.open(() -> DatagramChannel.open(StandardProtocolFamily.INET));
        try {
            in.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            in.bind(new InetSocketAddress(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sender = Thread.ofPlatform().name("sender").start(this::send);
        receiver = Thread.ofPlatform().name("receiver").start(this::receive);
    }

    private void send() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(bytes);
        while (!ended) {
            try {
                out.send(datagram.clear().putInt(0, next), destination);
                next++;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // There is no TAP now, so this one has never been sent.
            }
            LockSupport.parkNanos(intervalNs);
        }
    }

    private void receive() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(bytes);
        try {
            while (in.receive(datagram.clear()) != null) {
                record(datagram.getInt(0));
            }
        } catch (ClosedChannelException e) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void record(int number) {
        if (came.get(number)) {
            doubled++;
        }
        came.set(number);
        overtaken += number < highest ? 1 : 0;
        highest = Math.max(highest, number);
    }

    private synchronized int highest() {
        return highest;
    }

    /** How many have come behind one that was sent later. */
    synchronized int overtaken() {
        return overtaken;
    }

    /** The number of the datagram to come next. */
    int next() {
        return next;
    }

    /** Waits until so many more have been sent, and one that was sent after them has come: its number. */
    int await(int count) {
        int last = next + count;
        TestRun.await("datagram " + last + " to " + destination, () -> highest() >= last, this::toString);
        return highest();
    }

    /** Sends no more, and waits for what is under way. */
    Report end() {
        await(1);
        ended = true;
        join(sender);
        long deadlineNs = System.nanoTime() + STRAGGLERS_NS;
        Report report = report();
        while (!report.lost.isEmpty() && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
            report = report();
        }
        return report;
    }

    private synchronized Report report() {
        BitSet lost = new BitSet();
        lost.set(0, next);
        lost.andNot(came);
        return new Report(next, lost, doubled);
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
        return report().toString();
    }

    @Override
    public void close() throws IOException {
        ended = true;
        out.close();
        in.close();
        join(sender);
        join(receiver);
    }
}
