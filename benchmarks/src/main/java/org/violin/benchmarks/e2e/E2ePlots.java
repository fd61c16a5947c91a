package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Subject;

/** The plots of {@code violin bench e2e}. */
final class E2ePlots extends Plots {
    private final Results results;

    E2ePlots(Results results, Path directory) {
        super(directory);
        this.results = results;
    }

    @Override
    protected void draw() throws IOException {
        bars("tcp", "TCP throughput", "Gbit/s", List.of(
            new Bar("1 stream, a to b", Metric.gigabits("tcp1")),
            new Bar("1 stream, b to a", Metric.gigabits("tcp1-reverse")),
            new Bar("4 streams, a to b", Metric.gigabits("tcp4")),
            new Bar("4 streams, b to a", Metric.gigabits("tcp4-reverse"))));
        bars("cpu", "CPU time of the whole machine, for a gigabyte of TCP", "s/GB", List.of(
            new Bar("1 stream", Metric.cpu("tcp1")),
            new Bar("4 streams", Metric.cpu("tcp4"))));
        bars("udp", "UDP packets received", "thousands a second", List.of(
            new Bar("64 bytes", Metric.frames("udp64", "received")),
            new Bar("512 bytes", Metric.frames("udp512", "received")),
            new Bar("1500 bytes", Metric.frames("udp1500", "received"))));
        percentiles("rtt-idle", "Round trips, idle", "rtt-idle");
        percentiles("rtt-loaded", "Round trips, beside a TCP stream that takes all it gets", "rtt-loaded");
        bars("memory", "Memory of both ends' processes, under load", "MB", List.of(
            new Bar("resident", Metric.memory("rss"))));
    }

    /** One series of bars. */
    private record Bar(String title, Metric metric) {
    }

    /** Medians; their spread is in the tables, as the library draws whiskers wrongly on a logarithmic axis. */
    private void bars(String name, String title, String unit, List<Bar> bars) throws IOException {
        List<Subject> sides = results.sides().stream()
            .filter(side -> bars.stream().anyMatch(bar -> shown(results.spread(side, bar.metric())) != null)).toList();
        Map<String, List<Double>> series = new LinkedHashMap<>();
        bars.forEach(bar -> series.put(bar.title(),
            sides.stream().map(side -> shown(results.spread(side, bar.metric()))).toList()));
        bars(name, title, unit, sides.stream().map(Subject::name).toList(), series);
    }

    private void percentiles(String name, String title, String load) throws IOException {
        Map<String, Histogram> samples = new LinkedHashMap<>();
        for (Subject side : results.sides()) {
            Histogram histogram = results.histogram(side, load);
            if (histogram != null) {
                samples.put(side.name(), histogram);
            }
        }
        percentiles(name, title, samples, Sides.VIOLIN);
    }
}
