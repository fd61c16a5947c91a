package org.violin.dataplane.worker;

/**
 * Whether a worker that has nothing to do asks for more at once, or sleeps. To be woken takes tens of microseconds
 * where the CPU has gone idle, on virtual machines above all: a request and its answer wait for four of them. While it
 * asks it lets others have its CPU.
 *
 * <ul>
 * <li>A worker that frames keep busy for one part in {@link #BUSY_SHARE} of the time stays awake. Where it shares few
 *     CPUs with who sends and receives, the kernel then moves fewer threads about: it takes one to wherever a CPU is
 *     idle when it is woken, away from its data. One that goes before ordinary threads sleeps: it could not let them.
 * <li>After any work it asks for {@link #LINGER_NS}. Of all time, one part in {@link #LINGER_SHARE} may go by in vain:
 *     a worker that waits for a frame now and then, as most do, costs little, and one whose frames are answered in time
 *     is there for each.
 * </ul>
 *
 * <p>Worker's thread.
 */
final class Idling {
    static final int BUSY_SHARE = 4;
    /** For how long it counts how busy it is. */
    static final long WINDOW_NS = 1_000_000;

    /** On two cores, a request each millisecond is answered in half the time. */
    static final long LINGER_NS = 100_000;
    static final int LINGER_SHARE = 8;
    private static final long CREDIT_NS_MAX = 100 * LINGER_NS;

    private boolean goesFirst;
    private boolean busy;
    private long windowFromNs;
    private long windowWorkNs;
    private boolean lingering;
    private long lastWorkNs;
    /** What may still go by in vain. */
    private long creditNs;
    private long lastCycleNs;

    Idling(long nowNs) {
        windowFromNs = nowNs;
        lastWorkNs = nowNs;
        lastCycleNs = nowNs;
    }

    boolean isAwake() {
        return busy && !goesFirst || lingering;
    }

    /** Whether the worker may go before ordinary threads; see {@link RealtimePriority}. */
    void setGoesFirst(boolean first) {
        goesFirst = first;
    }

    /** After a cycle with frames, from {@code fromNs} to {@code toNs}. */
    void onWork(long fromNs, long toNs) {
        passTime(fromNs);
        windowWorkNs += toNs - fromNs;
        lastWorkNs = toNs;
        lingering = creditNs >= LINGER_NS;
    }

    /** After a cycle in which nothing came. */
    void onNothing(long nowNs) {
        passTime(nowNs);
        if (lingering && nowNs - lastWorkNs >= LINGER_NS) {
            lingering = false;
            creditNs -= LINGER_NS;
        }
        if (isAwake()) {
            Thread.yield();
        }
    }

    private void passTime(long nowNs) {
        creditNs = Math.min(CREDIT_NS_MAX, creditNs + (nowNs - lastCycleNs) / LINGER_SHARE);
        lastCycleNs = nowNs;
        long windowNs = nowNs - windowFromNs;
        if (windowNs >= WINDOW_NS) {
            busy = windowWorkNs * BUSY_SHARE >= windowNs;
            windowFromNs = nowNs;
            windowWorkNs = 0;
        }
    }
}
