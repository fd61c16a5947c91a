package org.violin.dataplane;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A guest at a unix port, whose network stack is that of a namespace: what comes by the socket goes to a TAP without
 * offloads, and back. Every frame that comes is checked, and some are marked as having met congestion.
 */
final class PlainGuest implements AutoCloseable {
    private static final int MARK_EVERY = 200;
    private static final int POLL_MS = 50;

    private final int mtu;
    private final int socket;
    private final int tap;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final Future<?> down;
    private final Future<?> up;
    private volatile boolean running = true;

    final AtomicLong frames = new AtomicLong();
    final AtomicLong marked = new AtomicLong();
    final AtomicLong windowReductions = new AtomicLong();

    PlainGuest(Namespace host, Path path, int mtu) {
        this.mtu = mtu;
        tap = host.in(() -> Libc.openTap(FastPath.TAP, 0, 0));
        host.ip("link set " + FastPath.TAP + " mtu " + mtu + " up");
        FastPath.address(host, 2);
        socket = Libc.connectUnix(path);
        down = threads.submit(() -> move(socket, tap, true));
        up = threads.submit(() -> move(tap, socket, false));
    }

    private void move(int from, int to, boolean isChecked) {
        byte[] buffer = new byte[1 << 16];
        while (running) {
            if (Libc.isReadable(from, POLL_MS)) {
                int length = (int) Libc.read(from, buffer, buffer.length);
                byte[] frame = Arrays.copyOf(buffer, length);
                if (isChecked && length > 0) {
                    look(new PlainFrame(frame));
                }
                Libc.write(to, frame, length);
            }
        }
    }

    private void look(PlainFrame frame) {
        frame.check(mtu);
        if (frames.incrementAndGet() % MARK_EVERY == 0 && frame.markCongestion()) {
            marked.incrementAndGet();
        }
        if (frame.saysCongestionWindowReduced()) {
            windowReductions.incrementAndGet();
        }
    }

    /** Fails if a frame was wrong. */
    @Override
    public void close() {
        running = false;
        try {
            down.get();
            up.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            threads.shutdown();
            Libc.close(socket);
            Libc.close(tap);
        }
    }
}
