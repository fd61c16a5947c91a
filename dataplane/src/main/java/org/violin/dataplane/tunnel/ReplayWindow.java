package org.violin.dataplane.tunnel;

import java.util.Arrays;

/**
 * Tells counters that are new from those that have been seen or are too old to tell: the sliding window of RFC 6479,
 * a ring of blocks of bits that moves by clearing whole blocks, never by shifting.
 *
 * <p>Counters are from 0 to 2^63 - 1.
 */
public final class ReplayWindow {
    /**
     * A counter so far below the highest seen, or further, is too old. The peer's workers share one sequence: this
     * leaves one that is held up between taking counters and sending some hundredths of a second, at 1 M datagrams a
     * second.
     */
    public static final int WIDTH = 65_536;

    /** Twice the width: the block that the highest counter is in is never one that the window still needs. */
    private static final int BLOCKS = 2 * WIDTH / Long.SIZE;
    private static final int BLOCK_MASK = BLOCKS - 1;

    private final long[] seen = new long[BLOCKS];
    private long highest = -1;

    /** True if the counter is new; looks only, for datagrams that have yet to prove themselves. */
    public boolean isFresh(long counter) {
        if (counter > highest) {
            return true;
        }
        return counter > highest - WIDTH && (seen[block(counter)] & bit(counter)) == 0;
    }

    /** Notes a counter that {@link #isFresh} as seen. */
    public void mark(long counter) {
        if (counter > highest) {
            long steps = Math.min((counter >> 6) - (highest >> 6), BLOCKS);
            for (long i = 1; i <= steps; i++) {
                seen[(int) ((highest >> 6) + i) & BLOCK_MASK] = 0;
            }
            highest = counter;
        }
        seen[block(counter)] |= bit(counter);
    }

    /** The highest that has been marked; -1: none has. */
    long highest() {
        return highest;
    }

    /** Whether no higher one has been marked. */
    boolean isHighest(long counter) {
        return counter == highest;
    }

    /** Forgets everything: a new session counts from 0. */
    public void reset() {
        Arrays.fill(seen, 0);
        highest = -1;
    }

    private static int block(long counter) {
        return (int) (counter >> 6) & BLOCK_MASK;
    }

    private static long bit(long counter) {
        return 1L << counter;
    }
}
