package org.violin.control.stream;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * How long to wait before the next attempt to connect: not at all at first, and then pauses that double. Each is
 * shorter by up to a half at random, so that those who have lost the same server do not all come back at once. On one
 * thread.
 */
public final class Backoff {
    private static final int DOUBLINGS_MAX = 6;
    /** What held longer than this was good, and the next attempt is a first one. */
    private static final long GOOD_NS = TimeUnit.SECONDS.toNanos(1);

    private final long firstMs;
    private final long maxMs;
    private int failures;
    private long goodNs = System.nanoTime();

    /** @param firstMs half of the second pause; the first is none */
    public Backoff(long firstMs, long maxMs) {
        this.firstMs = firstMs;
        this.maxMs = maxMs;
    }

    /** Milliseconds to the next attempt, which is counted as one that fails. */
    public long nextMs() {
        long pauseMs = failures == 0 ? 0 : Math.min(maxMs, firstMs << Math.min(failures, DOUBLINGS_MAX));
        failures++;
        return pauseMs - ThreadLocalRandom.current().nextLong(pauseMs / 2 + 1);
    }

    public void onConnected() {
        goodNs = System.nanoTime();
    }

    public void onLost() {
        if (System.nanoTime() - goodNs > GOOD_NS) {
            failures = 0;
        }
    }
}
