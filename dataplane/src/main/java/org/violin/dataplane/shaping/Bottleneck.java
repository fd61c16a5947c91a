package org.violin.dataplane.shaping;

import java.util.concurrent.TimeUnit;

/**
 * A stretch of a certain rate with a queue in front, first in, first out; who finds it full is dropped. Frames are
 * counted from the destination address on, without FCS, as Linux's queueing disciplines do.
 */
public final class Bottleneck {
    /** There is no room in the queue. */
    static final long FULL = Long.MIN_VALUE;

    private final double nsPerByte;
    private final long queueNs;
    /** When the last bit of the last frame is through, and the part of a nanosecond that this leaves out. */
    private long freeNs;
    private double fractionNs;

    /**
     * @param bitsPerSecond 0: no bottleneck
     * @param queueBytes    a frame that finds more before it is dropped
     */
    public Bottleneck(long bitsPerSecond, int queueBytes) {
        nsPerByte = bitsPerSecond == 0 ? 0 : 8.0 * TimeUnit.SECONDS.toNanos(1) / bitsPerSecond;
        queueNs = (long) (queueBytes * nsPerByte);
    }

    /** When a frame that comes now is through, in nanoseconds; {@link #FULL} if it does not get into the queue. */
    long pass(int bytes, long nowNs) {
        if (nsPerByte == 0) {
            return nowNs;
        }
        if (freeNs - nowNs < 0) {
            freeNs = nowNs;
            fractionNs = 0;
        }
        if (freeNs - nowNs > queueNs) {
            return FULL;
        }
        double neededNs = bytes * nsPerByte + fractionNs;
        freeNs += (long) neededNs;
        fractionNs = neededNs - (long) neededNs;
        return freeNs;
    }
}
