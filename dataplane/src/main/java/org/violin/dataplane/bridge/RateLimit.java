package org.violin.dataplane.bridge;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many frames a second, and after a pause as many at once: a token bucket, kept as the time that the frames so far
 * have used up (the virtual scheduling algorithm, ITU-T I.371). Any number of workers share one, without a lock.
 */
public final class RateLimit {
    private final long intervalNs;
    private final long burstNs;
    private final AtomicLong usedNs;

    /**
     * @param framesPerSecond 1 or more
     * @param nowNs           the clock that {@link #pass} goes on with
     */
    public RateLimit(int framesPerSecond, long nowNs) {
        intervalNs = TimeUnit.SECONDS.toNanos(1) / framesPerSecond;
        burstNs = framesPerSecond * intervalNs;
        usedNs = new AtomicLong(nowNs - burstNs);
    }

    /** Whether a frame is within the limit; if so, it counts. */
    boolean pass(long nowNs) {
        long begin = nowNs - burstNs;
        while (true) {
            long before = usedNs.get();
            long used = (before - begin < 0 ? begin : before) + intervalNs;
            if (used - nowNs > 0) {
                return false;
            }
            if (usedNs.compareAndSet(before, used)) {
                return true;
            }
        }
    }
}
