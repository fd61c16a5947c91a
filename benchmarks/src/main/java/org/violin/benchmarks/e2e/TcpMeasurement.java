package org.violin.benchmarks.e2e;

import java.util.Locale;
import java.util.Optional;
import org.violin.benchmarks.lab.CpuClock;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Footprint;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;

/**
 * TCP throughput and its price.
 *
 * @param reverse from b to a
 */
record TcpMeasurement(int streams, boolean reverse, int seconds) implements Measurement {
    /** When memory is looked at, as a share of the load's time. */
    private static final double MEMORY_AT = 0.7;

    @Override
    public String name() {
        return "tcp" + streams + (reverse ? "-reverse" : "");
    }

    @Override
    public double estimateSeconds() {
        return seconds + 0.3;
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        Iperf iperf = pair.iperf();
        double cpuBefore = CpuClock.machineSeconds();
        iperf.begin(streams, reverse ? Iperf.Direction.B_TO_A : Iperf.Direction.A_TO_B, seconds);
        Deadline.pause(seconds * MEMORY_AT);
        Optional<Footprint> memory = Footprint.of(pair.pids());
        String json = iperf.end(seconds);
        double cpuSeconds = CpuClock.machineSeconds() - cpuBefore;
        recorder.keep(name(), json);
        Iperf.Result result = Iperf.parse(json);
        recorder.value(Metric.gigabits(name()), result.gigabits());
        recorder.value(Metric.cpu(name()), cpuSeconds / (result.bytes() / 1e9));
        memory.ifPresent(found -> recordMemory(found, recorder));
        return String.format(Locale.ROOT, "%.2f Gbit/s, %.2f CPU s/GB", result.gigabits(),
            cpuSeconds / (result.bytes() / 1e9));
    }

    /** Of the last load of a round: that with the most streams. */
    private void recordMemory(Footprint memory, Recorder recorder) {
        recorder.value(Metric.memory("rss"), memory.residentBytes() / 1e6);
        recorder.value(Metric.memory("peak"), memory.peakBytes() / 1e6);
    }
}
