package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Flows of numbered UDP datagrams from many sockets, both ways at once and as fast as they go, from TAP to TAP through
 * two dataplanes of two workers each. Each TAP and its sockets are in a network namespace; the tunnel is on loopback.
 */
class FlowOrderTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long LOAD_NS = TimeUnit.SECONDS.toNanos(3);
    /** So many that some are on either queue. */
    private static final int FLOWS = 32;
    private static final int SOURCE_PORT = 8000;
    private static final int PORT = 9000;

    @Test
    void noFlowIsReorderedUnderFullLoad() throws Exception {
        try (Namespace left = new Namespace(); Namespace right = new Namespace();
             ExecutorService others = Executors.newCachedThreadPool();
             Dataplane a = launch("flow-a"); Dataplane b = launch("flow-b")) {
            cable(left, a, b, 1);
            cable(right, b, a, 2);
            awaitUp(a);
            awaitUp(b);
            // A hello may have come before its tunnel was open.
            List<Long> strays = List.of(strays(a), strays(b));
            // Opened in the namespace, used anywhere. The kernel would take flows of opposite directions between the
            // same ports for one, and put both on one queue.
            List<DatagramChannel> leftSources = left.in(() -> sockets(1, SOURCE_PORT + 100));
            List<DatagramChannel> leftEnds = left.in(() -> sockets(1, PORT + 200));
            List<DatagramChannel> rightSources = right.in(() -> sockets(2, SOURCE_PORT + 200));
            List<DatagramChannel> rightEnds = right.in(() -> sockets(2, PORT + 100));
            Future<long[]> atLeft = others.submit(() -> receive(leftEnds));
            Future<long[]> atRight = others.submit(() -> receive(rightEnds));
            Future<long[]> fromLeft = others.submit(() -> send(leftSources, "10.88.0.2", PORT + 100));
            Future<long[]> fromRight = others.submit(() -> send(rightSources, "10.88.0.1", PORT + 200));
            fromLeft.get();
            fromRight.get();
            for (long[] received : List.of(atLeft.get(), atRight.get())) {
                assertThat(LongStream.of(received).min().orElse(0)).as("datagrams of the thinnest flow").isPositive();
            }
            assertThat(cpuTimes()).as("CPU time of the workers, ns").hasSize(4).allMatch(time -> time > 10_000_000);
            for (Dataplane dataplane : List.of(a, b)) {
                assertThat(dataplane.tunnels().getFirst().drops()).doesNotContainKey("replayed");
            }
            assertThat(List.of(strays(a), strays(b))).as("datagrams at the wrong worker").isEqualTo(strays);
        }
    }

    private static long strays(Dataplane dataplane) {
        return dataplane.drops().getOrDefault("wrong-source", 0L);
    }

    private static Dataplane launch(String name) {
        return Dataplane.launch(DataplaneConfig.of(name, loopback(0)).withWorkers(2, List.of()));
    }

    private static void cable(Namespace host, Dataplane own, Dataplane other, int address) {
        own.addPatch("cable");
        own.openTunnel(TunnelConfig.plaintext("tunnel", loopback(other.localPort()), 1500));
        own.openLink(new LinkConfig("link", "tunnel", 1), "cable");
        host.in(() -> {
            own.openTap(new TapConfig("tap", "t0", 1400), "cable");
            return null;
        });
        // Known beforehand: what waits for ARP's answer is overtaken by what comes after it.
        host.ip("link set dev t0 address 02:00:00:00:00:0" + address, "address add 10.88.0." + address + "/24 dev t0",
            "neighbour add 10.88.0." + (3 - address) + " lladdr 02:00:00:00:00:0" + (3 - address) + " dev t0");
    }

    private static List<DatagramChannel> sockets(int address, int firstPort) throws Exception {
        List<DatagramChannel> all = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            DatagramChannel socket = DatagramChannel.open();
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("10.88.0." + address), firstPort + i));
            socket.configureBlocking(false);
            all.add(socket);
        }
        return all;
    }

    private static long[] send(List<DatagramChannel> sockets, String to, int firstPort) throws Exception {
        long[] sequence = new long[FLOWS];
        ByteBuffer datagram = ByteBuffer.allocateDirect(64);
        long endNs = System.nanoTime() + LOAD_NS;
        while (System.nanoTime() - endNs < 0) {
            for (int i = 0; i < FLOWS; i++) {
                datagram.clear().putLong(0, ++sequence[i]);
                sockets.get(i).send(datagram, new InetSocketAddress(to, firstPort + i));
            }
        }
        for (DatagramChannel socket : sockets) {
            socket.close();
        }
        return sequence;
    }

    /** Until nothing comes any more; how many came of each flow, each with a higher number than the one before. */
    private static long[] receive(List<DatagramChannel> sockets) throws Exception {
        long[] last = new long[FLOWS];
        long[] count = new long[FLOWS];
        ByteBuffer datagram = ByteBuffer.allocateDirect(64);
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < FLOWS; i++) {
                sockets.get(i).register(selector, SelectionKey.OP_READ, i);
            }
            long endNs = System.nanoTime() + LOAD_NS;
            while (selector.select(key -> take(key, datagram, last, count), 1000) > 0
                || System.nanoTime() - endNs < 0) {
                datagram.clear();
            }
        }
        for (DatagramChannel socket : sockets) {
            socket.close();
        }
        return count;
    }

    private static void take(SelectionKey key, ByteBuffer datagram, long[] last, long[] count) {
        int flow = (int) key.attachment();
        try {
            while (((DatagramChannel) key.channel()).receive(datagram.clear()) != null) {
                assertThat(datagram.getLong(0)).as("the number after %d, in flow %d", last[flow], flow)
                    .isGreaterThan(last[flow]);
                last[flow] = datagram.getLong(0);
                count[flow]++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> cpuTimes() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().contains("-flow-"))
            .map(thread -> threads.getThreadCpuTime(thread.threadId())).toList();
    }

    private static void awaitUp(Dataplane dataplane) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!dataplane.tunnels().getFirst().state().equals("up")) {
            assertThat(System.nanoTime()).as("waiting for the tunnel").isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
