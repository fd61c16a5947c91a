package org.violin.dataplane.bridge;

import org.violin.dataplane.counters.DropReason;

/**
 * What a bridge decides for a frame, in one int: a port's index (0 or more), {@link #FLOOD}, {@link #CHOSEN}, or a drop
 * with its reason.
 */
public final class Verdict {
    /** To every member but the one that the frame came in by. */
    public static final int FLOOD = -1;
    /** To the ports that {@link Bridge#chosen} tells, but not to the one that the frame came in by. */
    public static final int CHOSEN = -2;

    private static final int FIRST_DROP = -3;

    private Verdict() {
    }

    public static int drop(DropReason reason) {
        return FIRST_DROP - reason.ordinal();
    }

    public static boolean isDrop(int verdict) {
        return verdict <= FIRST_DROP;
    }

    public static DropReason reason(int drop) {
        return DropReason.of(FIRST_DROP - drop);
    }
}
