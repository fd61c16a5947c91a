package org.violin.benchmarks.e2e;

import org.violin.benchmarks.lab.CpuClock;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;

/** How much CPU a side's processes use while other sides have their turn. */
final class IdleWatch {
    /** A shorter time says nothing: CPU time is counted in hundredths of a second. */
    private static final double MIN_SECONDS = 1;

    private final Pair pair;
    private double cpuAtRest;
    private long restedNs;
    private double idleSeconds;
    private double idleCpuSeconds;

    IdleWatch(Pair pair) {
        this.pair = pair;
        rest();
    }

    /** The side's turn is over. */
    void rest() {
        cpuAtRest = CpuClock.processSeconds(pair.pids());
        restedNs = System.nanoTime();
    }

    /** The side's turn begins. */
    void wake() {
        idleSeconds += (System.nanoTime() - restedNs) / 1e9;
        idleCpuSeconds += CpuClock.processSeconds(pair.pids()) - cpuAtRest;
    }

    /** Gives the figure of the time since the last call; none for a side without processes. */
    void report(Recorder recorder) {
        if (idleSeconds >= MIN_SECONDS && !pair.pids().isEmpty()) {
            recorder.value(Metric.idleCpu(), 100 * idleCpuSeconds / idleSeconds);
        }
        idleSeconds = 0;
        idleCpuSeconds = 0;
    }
}
