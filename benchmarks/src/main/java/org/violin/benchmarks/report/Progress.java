package org.violin.benchmarks.report;

import java.io.PrintStream;
import java.util.Locale;

/** A line for each piece of work done: how far the run is, how long it will still take, and what came out. */
public final class Progress {
    private static final int BAR_WIDTH = 20;

    private final PrintStream out;
    private final int steps;
    private final double estimateSeconds;
    private final long startedNs = System.nanoTime();
    private int done;

    /** @param estimateSeconds of all steps; corrected as they are made */
    public Progress(PrintStream out, int steps, double estimateSeconds) {
        this.out = out;
        this.steps = steps;
        this.estimateSeconds = estimateSeconds;
    }

    public void step(int round, String work, String side, String figure) {
        done++;
        double spentSeconds = (System.nanoTime() - startedNs) / 1e9;
        // The first steps tell little about the speed of the rest.
        double stepSeconds = done * 20 < steps ? estimateSeconds / steps : spentSeconds / done;
        double left = (steps - done) * stepSeconds;
        int filled = BAR_WIDTH * done / steps;
        out.printf("[%s%s] %3d/%d %7s left  round %d  %-13s %-16s %s%n", "#".repeat(filled),
            ".".repeat(BAR_WIDTH - filled), done, steps, clock(left), round, work, side, figure);
    }

    /** {@code 1:05} or {@code 2:01:05}. */
    public static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600 ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
            : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
