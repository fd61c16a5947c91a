package org.violin.benchmarks.e2e;

import org.HdrHistogram.Histogram;

/** Takes one side's figures of one round. */
final class Recorder {
    private final Results results;
    private final RawFile raw;
    private final Side side;
    private final int round;

    /** @param round from 0 */
    Recorder(Results results, RawFile raw, Side side, int round) {
        this.results = results;
        this.raw = raw;
        this.side = side;
        this.round = round;
    }

    /** From 0. */
    int round() {
        return round;
    }

    void value(Metric metric, double value) {
        results.record(side, metric, round, value);
    }

    /** Nanoseconds. */
    void samples(String load, Histogram histogram) {
        results.record(side, load, histogram);
    }

    /** Keeps what a load generator said. */
    void keep(String load, String output) {
        raw.add(side.name(), round + 1, load, output);
    }
}
