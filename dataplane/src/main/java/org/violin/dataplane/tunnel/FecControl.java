package org.violin.dataplane.tunnel;

import java.util.concurrent.TimeUnit;

/**
 * Decides how much parity a path needs, from what of this side's datagrams is lost on it: none below {@link #LOSS_MIN},
 * else so much that one block in {@value #BLOCKS_LOST} is lost for good, at most six rows for ten members. More is
 * taken at once, but not for what was lost to a full queue; less only when less has been enough for {@link
 * #PATIENCE_NS}. The worker that receives decides; any reads.
 */
public final class FecControl {
    static final double LOSS_MIN = 0.002;
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);
    static final int MEMBERS_MAX = 20;
    private static final int BLOCKS_LOST = 10_000;
    private static final int MEMBERS_MANY_LOST = 10;
    private static final int ROWS_MAX = 6;
    /** Losses are as often more as less than what they were. */
    private static final double MARGIN = 1.25;

    /** Members, rows and depth, a byte each; 0: no protection. */
    private volatile int shape;
    private int lessWanted;
    private long lessSinceNs;
    private boolean isLess;

    private final boolean adapts;
    private final boolean ordered;

    private FecControl(boolean adapts, int shape, boolean ordered) {
        this.adapts = adapts;
        this.shape = shape;
        this.ordered = ordered;
    }

    /** By what is lost. */
    public static FecControl adaptive(boolean ordered) {
        return new FecControl(true, 0, ordered);
    }

    /** Always the same. */
    public static FecControl fixed(int members, int rows, int depth, boolean ordered) {
        return new FecControl(false, shape(members, rows, depth), ordered);
    }

    /** Whether the other end is to hand over in order what it is sent. */
    boolean isOrdered() {
        return ordered;
    }

    /** The most rows that are sent for so many members. */
    static int rowsMax(int members) {
        return members * ROWS_MAX / MEMBERS_MANY_LOST;
    }

    /** Whether what is lost decides. */
    boolean adapts() {
        return adapts;
    }

    /** A shape in one number. */
    static int shape(int members, int rows, int depth) {
        return depth << 16 | rows << 8 | members;
    }

    public static int members(int shape) {
        return shape & 0xFF;
    }

    public static int rows(int shape) {
        return shape >> 8 & 0xFF;
    }

    public static int depth(int shape) {
        return shape >> 16;
    }

    /** Any thread: what is sent. */
    public int shape() {
        return shape;
    }

    /**
     * Losses have been measured anew.
     *
     * @param all      which less must be enough for
     * @param unqueued those that were not for want of room on the path, which alone are worth more
     */
    void onLoss(PathQuality.Losses all, PathQuality.Losses unqueued, long nowNs) {
        if (!adapts) {
            return;
        }
        int wanted = wanted(all.part(), all.burst());
        if (isMore(wanted, shape)) {
            int wantedUnqueued = wanted(unqueued.part(), unqueued.burst());
            wanted = isMore(wanted, wantedUnqueued) ? wantedUnqueued : wanted;
            wanted = isMore(wanted, shape) ? wanted : shape;
        }
        if (isMore(wanted, shape)) {
            shape = wanted;
            isLess = false;
        } else if (wanted == shape) {
            isLess = false;
        } else if (!isLess) {
            isLess = true;
            lessSinceNs = nowNs;
            lessWanted = wanted;
        } else {
            // The most that would have been wanted since.
            lessWanted = overhead(wanted) > overhead(lessWanted) ? wanted : lessWanted;
            if (nowNs - lessSinceNs >= PATIENCE_NS) {
                shape = lessWanted;
                isLess = false;
            }
        }
    }

    private static boolean isMore(int one, int other) {
        return overhead(one) > overhead(other) || overhead(one) == overhead(other) && depth(one) > depth(other);
    }

    private static double overhead(int shape) {
        return shape == 0 ? 0 : (double) rows(shape) / members(shape);
    }

    /** What such losses want. */
    static int wanted(double part, double burst) {
        if (!(part >= LOSS_MIN)) {
            return 0;
        }
        double loss = Math.min(part * MARGIN, 0.5);
        int depth = burst < 1.5 ? 1 : burst < 2.5 ? 2 : burst < 4.5 ? 4 : 8;
        for (int members = MEMBERS_MAX; members >= MEMBERS_MANY_LOST; members -= MEMBERS_MAX - MEMBERS_MANY_LOST) {
            for (int rows = 1; rows <= ROWS_MAX; rows++) {
                if (lost(members, rows, loss) * BLOCKS_LOST <= 1) {
                    return shape(members, rows, depth);
                }
            }
        }
        return shape(MEMBERS_MANY_LOST, ROWS_MAX, depth);
    }

    /** How likely it is that more datagrams of a block are lost than it has rows. */
    private static double lost(int members, int rows, double loss) {
        int n = members + rows;
        double term = Math.pow(1 - loss, n);
        double mended = term;
        for (int i = 1; i <= rows; i++) {
            term *= (n - i + 1) / (double) i * loss / (1 - loss);
            mended += term;
        }
        return Math.max(0, 1 - mended);
    }
}
