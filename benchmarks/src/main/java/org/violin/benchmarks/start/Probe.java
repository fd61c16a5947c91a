package org.violin.benchmarks.start;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.violin.benchmarks.lab.Namespaces;
import org.violin.benchmarks.lab.RawSocket;

/**
 * One side of the question "since when do frames pass?". A thread in the side's namespace waits for the TAP, sends a
 * broadcast every millisecond, and notes when the first frame of the same round came from the other side. A TAP that
 * goes is waited for again.
 */
final class Probe implements AutoCloseable {
    private static final long PAUSE_NS = 1_000_000;
    private static final int FRAME_BYTES = 60;
    private static final int ROUND = RawSocket.HEADER_BYTES;
    private static final int SIDE = ROUND + Integer.BYTES;

    private final String namespace;
    private final String device;
    private final byte side;
    private final Thread thread;
    private volatile boolean running = true;
    private volatile int round;
    private volatile long deviceNs;
    private volatile long firstNs;

    Probe(String namespace, String device, int side) {
        this.namespace = namespace;
        this.device = device;
        this.side = (byte) side;
        thread = Thread.ofPlatform().name("probe-" + namespace).daemon().start(this::work);
    }

    /** Forgets what came; frames of earlier rounds that are still under way count no more. */
    void begin(int newRound) {
        round = newRound;
        deviceNs = 0;
        firstNs = 0;
    }

    /** {@link System#nanoTime} of the TAP's first frame out in this round; 0: not yet. */
    long deviceNs() {
        return deviceNs;
    }

    /** {@link System#nanoTime} of the first frame of this round from the other side; 0: not yet. */
    long firstNs() {
        return firstNs;
    }

    private void work() {
        Namespaces.enter(namespace);
        while (running) {
            try (RawSocket socket = RawSocket.open(device)) {
                while (running && socket != null && exchange(socket)) {
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** False when the device is down, or has gone. */
    private boolean exchange(RawSocket socket) {
        int now = round;
        byte[] frame = new byte[FRAME_BYTES];
        ByteBuffer.wrap(frame).put(new byte[] {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, side})
            .putShort(RawSocket.ETHER_TYPE).putInt(now).put(side);
        if (!socket.send(frame)) {
            return false;
        }
        if (deviceNs == 0) {
            deviceNs = System.nanoTime();
        }
        while (socket.receive(frame) >= FRAME_BYTES) {
            boolean ofThisRound = ByteBuffer.wrap(frame).getInt(ROUND) == now && now == round && frame[SIDE] != side;
            if (ofThisRound && firstNs == 0) {
                firstNs = System.nanoTime();
            }
        }
        return true;
    }

    @Override
    public void close() {
        running = false;
        while (thread.isAlive()) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }
}
