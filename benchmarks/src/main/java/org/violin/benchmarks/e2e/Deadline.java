package org.violin.benchmarks.e2e;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something that another process does. */
final class Deadline {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private Deadline() {
    }

    /** Whether {@code condition} came true within {@code seconds}. */
    static boolean await(double seconds, BooleanSupplier condition) {
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
    static void pause(double seconds) {
        await(seconds, () -> false);
    }
}
