package org.violin.dataplane.tunnel;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What is known of the path to a peer: round trips from hellos, and losses, reordering and throughput either way. The
 * peer tells what of this side's datagrams has come to it, and this side counts the peer's. The last seconds count
 * most, and of losses and reordering only so many datagrams as tell anything.
 *
 * <p>The worker that receives writes; any thread reads. Allocates nothing but when it is read.
 */
public final class PathQuality {
    /** Round trips that are kept: a minute's. */
    static final int SAMPLES = 64;
    /** What a standing queue adds to a round trip at least; and a quarter of it. */
    static final long QUEUE_MIN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** In the place of a number of late datagrams: a sender of several threads does not send in order itself. */
    static final long UNORDERED = -1;
    /** Each report makes older ones count less by this. */
    static final double DECAY = 0.8;
    /** A queue may have stood there at any time since the round trip before a report, and until the one after it. */
    private static final int CALM_MIN = 3;
    /** Fewer datagrams than this tell nothing of losses. */
    private static final double DATAGRAMS_MIN = 100;

    private final AtomicLongArray rtts = new AtomicLongArray(SAMPLES);
    private volatile long rttCount;
    private final Losses there = new Losses();
    private final Losses thereUnqueued = new Losses();
    /** Round trips in a row that have shown no queue, and how many there were in all when that was looked at. */
    private int calm = CALM_MIN;
    private long judged;
    /** What the report before told, which is judged by the round trip after it as well. */
    private long heldExpected;
    private long heldReceived;
    private long heldGaps;
    private long heldLate;
    private final Losses back = new Losses();
    private final Throughput sent;
    private final Throughput received;

    PathQuality(long nowNs) {
        sent = new Throughput(nowNs);
        received = new Throughput(nowNs);
    }

    /** What of one direction is lost, and what comes late. */
    public static final class Losses {
        private long lastExpected;
        private long lastReceived;
        private long lastGaps;
        private long lastLate;
        private double expected;
        private double missing;
        private double gaps;
        private double late;
        private volatile double part = Double.NaN;
        private volatile double burst = 1;
        private volatile double reordered = Double.NaN;

        /** What has come so far; what is new of it does not count. */
        void skip(long expectedNow, long receivedNow, long gapsNow, long lateNow) {
            lastExpected = expectedNow;
            lastReceived = receivedNow;
            lastGaps = gapsNow;
            lastLate = lateNow;
        }

        /**
         * What has come so far; less than the last time if the session is another.
         *
         * @param lateNow {@link #UNORDERED}: the sender's counters do not tell
         * @return whether that told anything new
         */
        boolean onCount(long expectedNow, long receivedNow, long gapsNow, long lateNow) {
            long newExpected = expectedNow - lastExpected;
            long newReceived = receivedNow - lastReceived;
            long newGaps = gapsNow - lastGaps;
            long newLate = Math.max(0, lateNow - lastLate);
            skip(expectedNow, receivedNow, gapsNow, lateNow);
            if (newExpected < 0 || newReceived < 0) {
                return false;
            }
            expected = expected * DECAY + newExpected;
            missing = Math.max(0, missing * DECAY + newExpected - newReceived);
            gaps = Math.max(0, gaps * DECAY + newGaps);
            late = late * DECAY + newLate;
            if (expected < DATAGRAMS_MIN) {
                return false;
            }
            part = Math.min(1, missing / expected);
            burst = gaps < 1 ? 1 : Math.max(1, missing / gaps);
            reordered = lateNow == UNORDERED ? Double.NaN : Math.min(1, late / Math.max(1, expected - missing));
            return true;
        }

        /** Of all datagrams; NaN: too few have been sent to tell. */
        public double part() {
            return part;
        }

        /** How many are lost in a row, on average. */
        public double burst() {
            return burst;
        }

        /** Of those that come, how many were overtaken, 0 to 1; NaN: too few have come to tell, or nobody can. */
        public double reordered() {
            return reordered;
        }
    }

    /** Bits a second that this side sends. */
    public Throughput sent() {
        return sent;
    }

    /** Bits a second that come from the peer. */
    public Throughput received() {
        return received;
    }

    /** Of what this side sends. */
    public Losses there() {
        return there;
    }

    /**
     * The same up to the report before, but of the time alone in which no queue stood on the path. What is lost to a
     * full queue is the sign by which senders find out how much the path carries; parity would hide it and take up room
     * itself (RFC 9265).
     */
    Losses thereUnqueued() {
        return thereUnqueued;
    }

    /**
     * The peer has told what of this side's datagrams has come so far; the round trip was measured just before.
     *
     * @return whether that told anything new
     */
    boolean onReport(long expected, long received, long gaps, long late) {
        if (rttCount != judged) {
            judge(expected, received, gaps, late);
        }
        return there.onCount(expected, received, gaps, late);
    }

    /** Decides whether the report before is one of a time without queues, and holds this one until the next. */
    private void judge(long expected, long received, long gaps, long late) {
        judged = rttCount;
        calm = isQueued() ? 0 : Math.min(calm + 1, CALM_MIN);
        if (calm < CALM_MIN) {
            thereUnqueued.skip(heldExpected, heldReceived, heldGaps, heldLate);
        } else {
            thereUnqueued.onCount(heldExpected, heldReceived, heldGaps, heldLate);
        }
        heldExpected = expected;
        heldReceived = received;
        heldGaps = gaps;
        heldLate = late;
    }

    /** Whether the last round trip took longer than the shortest one, by more than machines do without a path. */
    private boolean isQueued() {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < Math.min(rttCount, SAMPLES); i++) {
            shortest = Math.min(shortest, rtts.get(i));
        }
        return rttCount > 0
            && rtts.get((int) ((rttCount - 1) % SAMPLES)) - shortest > Math.max(QUEUE_MIN_NS, shortest / 4);
    }

    /** Of what the peer sends. */
    public Losses back() {
        return back;
    }

    void onRoundTrip(long ns) {
        rtts.set((int) (rttCount % SAMPLES), ns);
        rttCount++;
    }

    /** The round trips of the last minute in nanoseconds, in order; empty: none has been measured. */
    public long[] roundTrips() {
        int count = (int) Math.min(rttCount, SAMPLES);
        long[] sorted = new long[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = rtts.get(i);
        }
        Arrays.sort(sorted);
        return sorted;
    }

    /** The mean difference of one round trip to the next, in nanoseconds; 0: there are not two. */
    public long jitterNs() {
        long end = rttCount;
        long count = Math.min(end, SAMPLES);
        long oldest = end - count;
        long sum = 0;
        for (long i = oldest + 1; i < end; i++) {
            sum += Math.abs(rtts.get((int) (i % SAMPLES)) - rtts.get((int) ((i - 1) % SAMPLES)));
        }
        return count < 2 ? 0 : sum / (count - 1);
    }

    /** The peer is another: what was is no measure of what is. */
    void forgetRoundTrips() {
        rttCount = 0;
    }
}
