package org.violin.benchmarks.e2e;

import java.util.Locale;

/**
 * TCP throughput and its price.
 *
 * @param reverse from b to a
 */
record TcpMeasurement(int streams, boolean reverse, int seconds) implements Measurement {

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
        Iperf iperf = new Iperf(pair);
        double cpuBefore = CpuClock.machineSeconds();
        iperf.begin(streams, reverse, seconds);
        String json = iperf.end(seconds);
        double cpuSeconds = CpuClock.machineSeconds() - cpuBefore;
        recorder.keep(name(), json);
        Iperf.Result result = Iperf.parse(json);
        recorder.value(Metric.gigabits(name()), result.gigabits());
        recorder.value(Metric.cpu(name()), cpuSeconds / (result.bytes() / 1e9));
        return String.format(Locale.ROOT, "%.2f Gbit/s, %.2f CPU s/GB", result.gigabits(),
            cpuSeconds / (result.bytes() / 1e9));
    }
}
