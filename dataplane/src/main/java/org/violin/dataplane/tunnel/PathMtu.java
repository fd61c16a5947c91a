package org.violin.dataplane.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * Finds the largest IP packet that a path carries, and watches that it goes on doing so: Datagram Packetization Layer
 * Path MTU Discovery (RFC 8899) with hellos as probes. No ICMP is needed.
 *
 * <p>Theory of operation. A probe is a long hello, and a short one behind it; the peer answers both at once. A size
 * passes when the long one is answered. It has been lost when the short one alone is; only {@link #TRIES} losses in a
 * row tell that the size does not pass ({@link #TRIES_KNOWN} of one that has), and silence tells nothing. So neither an
 * outage nor a lossy path makes packets shorter than need be. The search starts with what every path should carry,
 * tries the largest size first, as that is what most paths carry, then Ethernet's, then halves what is left. The size
 * found is probed again every {@link #CONFIRM_NS} while there is traffic, and at once when there is some again: if it
 * does not pass any more, the path has changed, and the search starts again. Larger ones are tried every
 * {@link #RAISE_NS}.
 *
 * <p>Sizes are bytes of IP packet. Worker's thread; allocates nothing.
 */
final class PathMtu {
    /** Sizes below are not tried (IPv4's smallest, RFC 791). */
    static final int FLOOR = 576;
    /** What is sent before anything is known (BASE_PLPMTU; IPv6's smallest, RFC 8200). */
    static final int BASE = 1280;
    private static final int ETHERNET = 1500;
    /** The search ends when this much is left. */
    private static final int PRECISION = 8;
    private static final int TRIES = 3;
    /** A size that has passed is given up only after more. */
    private static final int TRIES_KNOWN = 5;
    static final long CONFIRM_NS = TimeUnit.SECONDS.toNanos(2);
    static final long IDLE_CONFIRM_NS = TimeUnit.SECONDS.toNanos(30);
    static final long RAISE_NS = TimeUnit.SECONDS.toNanos(60);
    /** For an answer that others have overtaken. */
    private static final long GRACE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(1);
    /** What a tunnel without traffic sends at most: so many datagrams, and so many a second more. */
    private static final long QUIET = 12;
    private static final long QUIET_PER_SECOND = 4;

    /** What is sent, and of the search: a size that passes, or is taken to, and the largest that may. */
    private int size;
    private int low;
    private int high;
    private boolean searching;
    private boolean narrowed;
    private long raiseNs;
    private long dueNs;
    /** Of the size that is sent: since when it is known to pass, and what the session had sent by then. */
    private long confirmedNs;
    private long confirmedAt;
    private boolean doubted;

    /** What has been sent: a size, and the timestamps of both hellos; 0: nothing. */
    private int probe;
    private long longTimestamp;
    private long shortTimestamp;
    private boolean shortAnswered;
    private int losses;

    /** Nothing is known of the path, which may carry up to {@code ceiling}. */
    void begin(int ceiling, long nowNs) {
        low = Math.min(FLOOR, ceiling);
        high = ceiling;
        size = Math.min(BASE, ceiling);
        search(nowNs);
    }

    private void search(long nowNs) {
        searching = true;
        narrowed = false;
        probe = 0;
        losses = 0;
        dueNs = nowNs;
    }

    /** The largest packet to send. */
    int size() {
        return size;
    }

    /** Whether larger packets are to be tried, for which {@link #raise} wants to know the largest there can be. */
    boolean isToRaise(long nowNs) {
        return !searching && nowNs - raiseNs >= 0;
    }

    void raise(int ceiling, long nowNs) {
        if (ceiling < size) {
            begin(ceiling, nowNs);
        } else {
            low = size;
            high = ceiling;
            search(nowNs);
        }
    }

    /** A packet was too long for this host's own interface, or the path may be another: the size is probed now. */
    void doubt(long nowNs) {
        if (probe == 0) {
            dueNs = nowNs;
            doubted = true;
        }
    }

    /**
     * The size of the probe to send now; 0: none.
     *
     * @param sent datagrams of the session; another session's are other ones
     */
    int due(long sent, long nowNs) {
        if (probe != 0 || nowNs - dueNs < 0) {
            return 0;
        }
        if (searching && high - low < PRECISION) {
            end(nowNs);
            return 0;
        }
        if (!searching && !doubted && isQuiet(sent, nowNs)) {
            return 0;
        }
        return searching ? next() : size;
    }

    private boolean isQuiet(long sent, long nowNs) {
        long quietNs = nowNs - confirmedNs;
        long since = sent - confirmedAt;
        return quietNs < IDLE_CONFIRM_NS && since >= 0
            && since <= QUIET + QUIET_PER_SECOND * quietNs / TimeUnit.SECONDS.toNanos(1);
    }

    private int next() {
        if (!narrowed) {
            return high;
        }
        if (low < ETHERNET && ETHERNET <= high) {
            return ETHERNET;
        }
        return low < BASE && BASE <= high ? BASE : (low + high + 1) / 2;
    }

    private void end(long nowNs) {
        searching = false;
        size = low;
        raiseNs = nowNs + RAISE_NS;
        dueNs = nowNs + CONFIRM_NS;
        doubted = true;
    }

    /** The probe that was due has been sent: both timestamps, which no other hello has. */
    void onSent(int bytes, long longOne, long shortOne, long nowNs) {
        probe = bytes;
        longTimestamp = longOne;
        shortTimestamp = shortOne;
        shortAnswered = false;
        dueNs = nowNs + SILENCE_NS;
    }

    /** A hello came that echoes a timestamp; {@code sent} as in {@link #due}. */
    void onEcho(long timestamp, long sent, long nowNs) {
        if (probe == 0) {
            return;
        }
        if (timestamp == longTimestamp) {
            onPassed(sent, nowNs);
        } else if (timestamp == shortTimestamp) {
            shortAnswered = true;
            dueNs = nowNs + GRACE_NS;
        }
    }

    private void onPassed(long sent, long nowNs) {
        int passed = probe;
        probe = 0;
        losses = 0;
        dueNs = nowNs;
        if (!searching) {
            dueNs += CONFIRM_NS;
            confirmedNs = nowNs;
            confirmedAt = sent;
            doubted = false;
            return;
        }
        low = passed;
        size = Math.max(size, passed);
        if (high - low < PRECISION) {
            end(nowNs);
        }
    }

    /** Looks at the clock: whether a probe has been lost. */
    void onTick(long nowNs) {
        if (probe == 0 || nowNs - dueNs < 0) {
            return;
        }
        int lost = probe;
        probe = 0;
        dueNs = nowNs;
        if (!shortAnswered || ++losses < (searching ? TRIES : TRIES_KNOWN)) {
            return;
        }
        losses = 0;
        narrowed = true;
        if (!searching) {
            begin(Math.max(FLOOR, lost - 1), nowNs);
            narrowed = true;
            return;
        }
        high = lost - 1;
        if (size > high) {
            size = Math.min(low, high);
        }
    }
}
