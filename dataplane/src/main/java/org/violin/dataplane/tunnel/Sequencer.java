package org.violin.dataplane.tunnel;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Puts the datagrams of a tunnel into the order of their counters, where the peer wants what error correction brings
 * back to come in its place.
 *
 * <p>Theory of operation. What comes behind a counter that has not come yet is held. It may be a datagram that is late
 * or about to be brought back; or one that is lost for good; or parity or a hello, which nobody waits for. Which of
 * them it was need not be known: parity is sent behind its block, so when parity of a block has come that begins
 * behind the missing counter, all that could have brought it back has gone by, and what was held is handed over with
 * the next datagram. This is true of senders that keep the order of their counters. Otherwise, and where no further
 * block comes, the wait ends {@link #holdNs} after a datagram has been held. What comes after all that is late, and is
 * handed over at once: nothing is lost for the sake of order.
 *
 * <p>No more than {@value #WINDOW} counters are waited for and held; the caller has the copies. Worker's thread.
 */
final class Sequencer {
    static final int WINDOW = FecReceiver.WINDOW;
    /** Half a round trip, within these: parity follows after a quarter of it, or 8 ms, and may wait on the path. */
    static final long HOLD_MIN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    static final long HOLD_MAX_NS = TimeUnit.MILLISECONDS.toNanos(40);

    /** Takes what has been held. */
    interface Outlet {
        void onTurn(long counter);
    }

    private final Outlet outlet;
    private final boolean[] held = new boolean[WINDOW];
    private final long[] sinceNs = new long[WINDOW];
    /** What has come of the session; null: order is not wanted. */
    private ReplayWindow seen;
    /** The first counter that is waited for, one more than the highest that is held, and how many are. */
    private long next;
    private long end;
    private int count;
    /** Counters below are of blocks whose parity has gone by. */
    private long settled;
    private long holdNs = HOLD_MIN_NS;
    /** Since when the first of what is held has been; if {@code stale}, to be looked for. */
    private long oldestNs;
    private boolean stale;

    Sequencer(Outlet outlet) {
        this.outlet = outlet;
    }

    private static int slot(long counter) {
        return (int) counter & WINDOW - 1;
    }

    boolean isOn() {
        return seen != null;
    }

    /** How long the peer's parity may take. */
    void roundTrip(long rttNs) {
        holdNs = Math.clamp(rttNs / 2, HOLD_MIN_NS, HOLD_MAX_NS);
    }

    /** Orders what comes from now on, but not among what has come. */
    void begin(ReplayWindow window) {
        seen = window;
        next = window.highest() + 1;
        end = next;
        settled = 0;
    }

    /** No more order: hands over what is held. */
    void stop() {
        pass(end);
        seen = null;
    }

    /** Hands over what is held, as what comes next is of no order with it. */
    void flush() {
        pass(end);
    }

    /** What is held is of a session that is over. */
    void forget() {
        Arrays.fill(held, false);
        count = 0;
        seen = null;
    }

    /** Parity has come of a block that begins there, of a sender that keeps the order of its counters. */
    void onParityOf(long first) {
        settled = Math.max(settled, first);
    }

    /** A copy is about to be made of a datagram: what it would take the place of is handed over. */
    void makeRoom(long counter) {
        if (next < counter - WINDOW + 1) {
            pass(counter - WINDOW + 1);
        } else if (counter < next && held[slot(counter)]) {
            pass(next + (counter - next & WINDOW - 1) + 1);
        }
    }

    /** A datagram with frames has come: whatever had parity before it is not waited for any more. */
    void settle(long counter) {
        pass(Math.min(settled, counter));
    }

    /**
     * A datagram with frames has come or been brought back, and is marked as seen.
     *
     * @return true: it is to be handed over, and then {@link #drain} called; false: it is held until its turn
     */
    boolean offer(long counter, long nowNs) {
        makeRoom(counter);
        advance(counter);
        if (counter <= next || counter == Long.MAX_VALUE) {
            // Behind the last counter that there is nothing comes.
            next = Math.max(next, counter + 1);
            return true;
        }
        held[slot(counter)] = true;
        sinceNs[slot(counter)] = nowNs;
        if (count == 0) {
            oldestNs = nowNs;
            stale = false;
        }
        count++;
        end = Math.max(end, counter + 1);
        return false;
    }

    /** Hands over those whose turn has come. */
    void drain() {
        if (count > 0) {
            advance(end);
        }
    }

    /** Goes past what is there, up to the first that is not. */
    private void advance(long upTo) {
        while (next < upTo && (held[slot(next)] || !seen.isFresh(next))) {
            handOver();
        }
    }

    /** Waits no more for anything below a counter. */
    private void pass(long upTo) {
        while (count > 0 && next < upTo) {
            handOver();
        }
        next = Math.max(next, upTo);
    }

    private void handOver() {
        long counter = next++;
        if (held[slot(counter)]) {
            held[slot(counter)] = false;
            count--;
            stale = true;
            outlet.onTurn(counter);
        }
    }

    /** When {@link #onDue} is to be called; {@link Long#MAX_VALUE}: nothing is held. */
    long dueNs() {
        if (count == 0) {
            return Long.MAX_VALUE;
        }
        if (stale) {
            stale = false;
            oldestNs = oldest();
        }
        return oldestNs + holdNs;
    }

    private long oldest() {
        long oldest = 0;
        boolean any = false;
        for (long counter = next; counter < end; counter++) {
            long since = sinceNs[slot(counter)];
            if (held[slot(counter)] && (!any || since - oldest < 0)) {
                oldest = since;
                any = true;
            }
        }
        return oldest;
    }

    /** Waits no longer for what is in front of datagrams that have been held for long enough. */
    void onDue(long nowNs) {
        long upTo = next;
        for (long counter = next; count > 0 && counter < end; counter++) {
            if (held[slot(counter)] && nowNs - sinceNs[slot(counter)] >= holdNs) {
                upTo = counter + 1;
            }
        }
        pass(upTo);
        drain();
    }

    /** How many are held. */
    int held() {
        return count;
    }
}
