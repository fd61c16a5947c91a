package org.violin.benchmarks.lab;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something that another process does. */
public final class Deadline {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private Deadline() {
    }

    /** Whether {@code condition} came true within {@code seconds}. */
    public static boolean await(double seconds, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + (long) (seconds * 1e9);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadlineNs) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
            if (Thread.currentThread().isInterrupted()) {
                throw new BenchException("interrupted");
            }
        }
        return true;
    }

    /** Lets {@code seconds} pass. */
    public static void pause(double seconds) {
        await(seconds, () -> false);
    }
}
