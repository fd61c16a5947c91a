package org.violin.benchmarks.migrate;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Namespaces;
import org.violin.benchmarks.lab.RawSocket;

/**
 * Frames between TAPs of several hosts: port 0 sends to port 1 and back, 2 to 3 and so on, and for each stream the
 * longest time in which none came. Ports take turns to be on the hosts, so the two of a pair are on two of them. A
 * thread in each host's namespace does the work of its ports; it looks every millisecond for what has come.
 */
final class Streams implements AutoCloseable {
    static final int PERIOD_MILLIS = 5;
    /** A port's number is a byte of its address. */
    static final int PORTS_MAX = 254;

    private static final long PASS_NS = 1_000_000;
    private static final int FRAME_BYTES = 60;
    private static final double MILLI_NS = 1e6;

    private final List<String> namespaces;
    private final int ports;
    /** By the sender. */
    private final AtomicLongArray lastNs;
    private final AtomicLongArray gapNs;
    private final List<Thread> threads;
    private volatile boolean running = true;

    /**
     * Begins to send; the ports' TAPs are there.
     *
     * @param namespaces one a host
     * @param ports      an even number, {@link #PORTS_MAX} at most
     */
    Streams(List<String> namespaces, int ports) {
        this.namespaces = List.copyOf(namespaces);
        this.ports = ports;
        lastNs = new AtomicLongArray(ports);
        gapNs = new AtomicLongArray(ports);
        begin();
        threads = IntStream.range(0, namespaces.size()).mapToObj(host -> Thread.ofPlatform()
            .name("streams-" + namespaces.get(host)).daemon().start(() -> work(host))).toList();
    }

    /** The host, by number, that a port is on. */
    static int hostOf(int port, int hosts) {
        return port % hosts;
    }

    /** A port's name, and that of its TAP. */
    static String name(int port) {
        return "p" + port;
    }

    /** Forgets the gaps that there were. */
    void begin() {
        long now = System.nanoTime();
        for (int port = 0; port < ports; port++) {
            lastNs.set(port, now);
            gapNs.set(port, 0);
        }
    }

    /** Of each stream the longest time since {@link #begin} in which no frame came, in ms, the shortest first. */
    double[] gapsMillis() {
        long now = System.nanoTime();
        double[] gaps = new double[ports];
        for (int port = 0; port < ports; port++) {
            gaps[port] = Math.max(gapNs.get(port), now - lastNs.get(port)) / MILLI_NS;
        }
        Arrays.sort(gaps);
        return gaps;
    }

    private void work(int host) {
        Namespaces.enter(namespaces.get(host));
        Map<Integer, RawSocket> senders = new TreeMap<>();
        try (RawSocket receiver = RawSocket.receiver()) {
            for (int port = 0; port < ports; port++) {
                if (hostOf(port, namespaces.size()) == host) {
                    senders.put(port, sender(port));
                }
            }
            long dueNs = System.nanoTime();
            while (running) {
                if (System.nanoTime() - dueNs >= 0) {
                    senders.forEach((port, socket) -> socket.send(frame(port)));
                    dueNs += PERIOD_MILLIS * PASS_NS;
                }
                receive(receiver, host);
                LockSupport.parkNanos(PASS_NS);
            }
        } finally {
            senders.values().forEach(RawSocket::close);
        }
    }

    private static RawSocket sender(int port) {
        RawSocket socket = RawSocket.sender(name(port));
        if (socket == null) {
            throw new BenchException("no device " + name(port));
        }
        return socket;
    }

    private static byte[] frame(int port) {
        byte[] frame = new byte[FRAME_BYTES];
        ByteBuffer.wrap(frame).put(station(port ^ 1)).put(station(port)).putShort(RawSocket.ETHER_TYPE).putInt(port);
        return frame;
    }

    private static byte[] station(int port) {
        return new byte[] {2, 0, 0, 0, 1, (byte) port};
    }

    /** What is flooded comes by all TAPs of a host: to those that it is not for it is nothing. */
    private void receive(RawSocket receiver, int host) {
        long now = System.nanoTime();
        byte[] frame = new byte[FRAME_BYTES];
        while (receiver.receive(frame) >= FRAME_BYTES) {
            int from = ByteBuffer.wrap(frame).getInt(RawSocket.HEADER_BYTES);
            if (from >= 0 && from < ports && hostOf(from ^ 1, namespaces.size()) == host) {
                gapNs.accumulateAndGet(from, now - lastNs.getAndSet(from, now), Math::max);
            }
        }
    }

    @Override
    public void close() {
        running = false;
        while (threads.stream().anyMatch(Thread::isAlive)) {
            LockSupport.parkNanos(PASS_NS);
        }
    }
}
