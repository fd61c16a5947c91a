package org.violin.dataplane.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * What goes over a path in one direction, in bits a second: of the last seconds, the newest of which count most. The
 * worker that receives writes; any thread reads. Allocates nothing.
 */
public final class Throughput {
    /** How often it is measured. */
    static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int BITS = 8;

    private long lastBytes;
    private long lastNs;
    private double bytes;
    private double seconds;
    private volatile long bitsPerSecond;

    Throughput(long nowNs) {
        lastNs = nowNs;
    }

    /** Whether it is time to look at the counters. */
    boolean isDue(long nowNs) {
        return nowNs - lastNs >= INTERVAL_NS;
    }

    /** All that has passed so far. */
    void onBytes(long bytesNow, long nowNs) {
        bytes = bytes * PathQuality.DECAY + bytesNow - lastBytes;
        seconds = seconds * PathQuality.DECAY + (nowNs - lastNs) / 1e9;
        lastBytes = bytesNow;
        lastNs = nowNs;
        bitsPerSecond = Math.round(BITS * bytes / seconds);
    }

    /** Of whole datagrams, as UDP carries them; 0: nothing has passed, or it has not been measured yet. */
    public long bitsPerSecond() {
        return bitsPerSecond;
    }
}
