package org.violin.benchmarks.e2e;

import java.util.List;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.report.Recorder;

/** One piece of work that every side is given. */
interface Measurement {

    /** For progress, tables and file names. */
    String name();

    /** About how long it takes with one side. */
    double estimateSeconds();

    /** Makes ready for the turns of these sides, which follow. */
    default void prepare(List<Pair> pairs) {
    }

    /** How long that takes. */
    default double prepareSeconds() {
        return 0;
    }

    /**
     * Gives the work to one side, and its figures to {@code recorder}; throws {@link BenchException} when the work
     * cannot be done. Returns the figure of most interest, for a progress line.
     */
    String run(Pair pair, Recorder recorder);
}
