package org.violin.control.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Gives a command the time to take its work back when Ctrl-C or a SIGTERM ends the JVM: interrupts the thread that
 * opened it and holds the JVM until {@link #close}, at most {@code limit}.
 */
final class Cancellation implements AutoCloseable {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread worker = Thread.currentThread();
    private final Thread hook;
    private volatile boolean cancelled;
    private boolean acknowledged;

    Cancellation(Duration limit) {
        hook = new Thread(() -> cancel(limit), "cancellation");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void cancel(Duration limit) {
        synchronized (this) {
            cancelled = true;
            if (!acknowledged) {
                worker.interrupt();
            }
        }
        try {
            boolean inTime = finished.await(limit.toMillis(), TimeUnit.MILLISECONDS);
            assert inTime : "the JVM ends all the same: what is left is for violin down";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From here on the worker is not interrupted any more: what follows must not be broken off. */
    synchronized void acknowledge() {
        acknowledged = true;
        Thread.interrupted();
    }

    boolean cancelled() {
        return cancelled;
    }

    /** Throws if the user wants the command to end. */
    void check() {
        if (cancelled) {
            throw new ClientException("interrupted");
        }
    }

    @Override
    public void close() {
        finished.countDown();
        if (!cancelled) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM began to end a moment ago; the hook finds the latch open.
                return;
            }
        }
    }
}
