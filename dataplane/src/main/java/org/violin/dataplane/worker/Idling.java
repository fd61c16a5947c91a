package org.violin.dataplane.worker;

/**
 * Whether a worker that has nothing to do asks for more at once, or sleeps. To be woken takes tens of microseconds
 * where the CPU has gone idle, on virtual machines above all: a request and its answer wait for four of them.
 *
 * <ul>
 * <li>After {@link #BUSY_CYCLES} in a row with work it asks, until there has been none for {@link #BUSY_NS}.
 * <li>After any work it asks for {@link #LINGER_NS}, and lets others have its CPU between. Of all time, one part in
 *     {@link #LINGER_SHARE} may go by in vain: a worker that waits for a frame now and then, as most do, costs little,
 *     and one whose frames are answered in time is there for each.
 * </ul>
 *
 * <p>Worker's thread.
 */
final class Idling {
    /**
     * On two cores that it shares with all who send and receive, 20 us bring a TCP stream some 9 % (median of 14
     * rounds, 10 of them better) and leave round trips as they are; 50 us take 5 %.
     */
    static final int BUSY_CYCLES = 16;
    static final long BUSY_NS = 20_000;

    /** There, a request each millisecond is answered in half the time. */
    static final long LINGER_NS = 100_000;
    static final int LINGER_SHARE = 8;
    private static final long CREDIT_NS_MAX = 100 * LINGER_NS;

    private int busyCycles;
    private long lastWorkNs;
    private boolean lingering;
    /** What may still go by in vain. */
    private long creditNs;
    private long lastCycleNs;

    Idling(long nowNs) {
        lastWorkNs = nowNs;
        lastCycleNs = nowNs;
    }

    boolean isAwake(long nowNs) {
        return lingering || busyCycles >= BUSY_CYCLES && nowNs - lastWorkNs < BUSY_NS;
    }

    /** @param taken frames that came in; 0: there were none in this cycle */
    void onCycle(int taken, long nowNs) {
        creditNs = Math.min(CREDIT_NS_MAX, creditNs + (nowNs - lastCycleNs) / LINGER_SHARE);
        lastCycleNs = nowNs;
        if (taken > 0) {
            busyCycles = Math.min(busyCycles + 1, BUSY_CYCLES);
            lastWorkNs = nowNs;
            lingering = creditNs >= LINGER_NS;
            return;
        }
        if (nowNs - lastWorkNs >= BUSY_NS) {
            busyCycles = 0;
        }
        if (lingering && nowNs - lastWorkNs >= LINGER_NS) {
            lingering = false;
            creditNs -= LINGER_NS;
        } else if (lingering) {
            Thread.yield();
        }
    }
}
