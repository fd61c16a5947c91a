package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The epochs of one session: that which is sent with, the one before for what is still under way, and one whose keys
 * the peer has not made use of yet. A session that is not sealed has one for ever. Worker's thread.
 */
final class Epochs {
    /** For what is still under way that was sealed with the keys before. */
    static final long OVERLAP_NS = TimeUnit.SECONDS.toNanos(10);
    /** Keys that nobody replaces are given up. */
    static final long LIFETIME_NS = TimeUnit.MINUTES.toNanos(10);

    /** Null while a sealed session has no keys. */
    private Epoch current;
    /** Until {@link #OVERLAP_NS} after the present one came. */
    private Epoch previous;
    private Epoch waiting;
    private long switchedNs;
    private final List<Epoch> retired = new ArrayList<>();

    /** @param only of a session that is not sealed; null: of one that waits for keys */
    Epochs(Epoch only) {
        current = only;
    }

    /** What is sent with; null: nothing can be. */
    Epoch current() {
        return current;
    }

    /** What a datagram that names the index belongs to; null: nothing that there is. */
    Epoch find(int localIndex) {
        if (current != null && current.localIndex() == localIndex) {
            return current;
        }
        if (previous != null && previous.localIndex() == localIndex) {
            return previous;
        }
        return waiting != null && waiting.localIndex() == localIndex ? waiting : null;
    }

    /** A handshake has given keys: true if they are sent with now, false if they wait for the peer's first datagram. */
    boolean install(Epoch epoch, long nowNs) {
        retire(waiting);
        waiting = null;
        if (epoch.isConfirmed()) {
            switchTo(epoch, nowNs);
        } else {
            waiting = epoch;
        }
        return epoch.isConfirmed();
    }

    /** An authentic datagram of the epoch came: true if it is the first that shows that the peer has the keys. */
    boolean confirm(Epoch epoch, long nowNs) {
        if (epoch != waiting) {
            return false;
        }
        waiting = null;
        switchTo(epoch, nowNs);
        return true;
    }

    private void switchTo(Epoch epoch, long nowNs) {
        retire(previous);
        previous = current;
        current = epoch;
        switchedNs = nowNs;
    }

    /** Lets go of keys whose time is over: true if nothing is left to send with. */
    boolean expire(long nowNs) {
        if (waiting != null && waiting.ageNs(nowNs) >= LIFETIME_NS) {
            retire(waiting);
            waiting = null;
        }
        if (previous != null && nowNs - switchedNs >= OVERLAP_NS) {
            retire(previous);
            previous = null;
        }
        boolean old = current != null && current.ageNs(nowNs) >= LIFETIME_NS;
        if (old) {
            retire(current);
            current = null;
        }
        return old;
    }

    private void retire(Epoch epoch) {
        if (epoch != null) {
            retired.add(epoch);
        }
    }

    /** Forgets what has no use any more, or, at the end, everything. */
    List<Epoch> takeRetired(boolean all) {
        if (all) {
            retire(previous);
            retire(current);
            retire(waiting);
            waiting = null;
            previous = null;
            current = null;
        }
        List<Epoch> taken = List.copyOf(retired);
        retired.clear();
        return taken;
    }
}
