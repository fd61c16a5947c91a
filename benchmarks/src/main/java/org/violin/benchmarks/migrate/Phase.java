package org.violin.benchmarks.migrate;

import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Subject;

/** When no frame is waited for longest: a row of the tables. */
record Phase(String name, String description) implements Subject {
    static final Phase MOVING = new Phase("moving", "while the switch moves");
    static final Phase STILL = new Phase("still", "while nothing moves");

    /** Of the streams, by the longest time in which none of their frames came. */
    static final Metric MEDIAN = new Metric("gap.median", "median stream", "ms");
    static final Metric LONGEST = new Metric("gap.longest", "longest", "ms");
    /** That the command says the daemons took. */
    static final Metric CHANGED = new Metric("changed", "daemons change", "ms");

    @Override
    public int layer() {
        return 2;
    }

    @Override
    public String encryption() {
        return "-";
    }
}
