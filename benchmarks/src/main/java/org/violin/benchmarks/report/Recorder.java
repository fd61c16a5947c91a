package org.violin.benchmarks.report;

import org.HdrHistogram.Histogram;

/** Takes one side's figures of one round. */
public final class Recorder {
    private final Results results;
    private final RawFile raw;
    private final Subject side;
    private final int round;

    /** @param round from 0 */
    public Recorder(Results results, RawFile raw, Subject side, int round) {
        this.results = results;
        this.raw = raw;
        this.side = side;
        this.round = round;
    }

    /** From 0. */
    public int round() {
        return round;
    }

    public void value(Metric metric, double value) {
        results.record(side, metric, round, value);
    }

    /** Nanoseconds. */
    public void samples(String load, Histogram histogram) {
        results.record(side, load, histogram);
    }

    /** Keeps what a load generator said. */
    public void keep(String load, String output) {
        raw.add(side.name(), round + 1, load, output);
    }
}
