package org.violin.benchmarks.e2e;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.lab.Veth;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Results;

/** Runs that never were. */
final class Fixtures {
    private static final int ROUNDS = 5;
    private static final int SAMPLES = 20_000;

    private Fixtures() {
    }

    static Side side(String name) {
        return new Side(name, "the side " + name, 2, "-", List.of(), List.of(), List.of(), "over0", pair -> { });
    }

    static Settings settings(Path output) {
        return new Settings(Path.of("."), output, "a-question", "violin bench e2e --question a-question", List.of(),
            List.of(), ROUNDS, 3, Veth.WHOLE, 1500, List.of());
    }

    static Environment environment() {
        return new Environment(Map.of("kernel", "6.18"), Map.of(Sides.VIOLIN, "violin 0.1"));
    }

    /** Figures of every kind. The kernel's sides have no memory; the last side has no figures in its first round. */
    static Results results(String... names) {
        Random random = new Random(1);
        Results results = new Results();
        List<Side> sides = Stream.of(names).map(Fixtures::side).toList();
        sides.forEach(results::addSide);
        for (int round = 0; round < ROUNDS; round++) {
            for (Side side : sides) {
                if (round > 0 || side != sides.getLast()) {
                    fill(results, side, round, Math.pow(0.6, sides.indexOf(side)), random);
                }
            }
        }
        return results;
    }

    private static void fill(Results results, Side side, int round, double speed, Random random) {
        for (String load : List.of("tcp1", "tcp1-reverse", "tcp4", "tcp4-reverse")) {
            results.record(side, Metric.gigabits(load), round, speed * (20 + 4 * random.nextDouble()));
            results.record(side, Metric.cpu(load), round, (0.6 + 0.1 * random.nextDouble()) / speed);
        }
        for (String load : List.of("udp64", "udp512", "udp1500")) {
            results.record(side, Metric.frames(load, "received"), round, speed * (200 + 40 * random.nextDouble()));
            results.record(side, Metric.frames(load, "loss"), round, 0);
        }
        for (String load : List.of("rtt-idle", "rtt-loaded")) {
            Histogram histogram = new Histogram(3);
            for (int i = 0; i < SAMPLES; i++) {
                histogram.recordValue((long) (30_000 / speed * (1 - Math.log(1 - random.nextDouble()))));
            }
            results.record(side, load, histogram);
            results.record(side, Metric.roundTrip(load, "p50"), round, histogram.getValueAtPercentile(50) / 1e3);
        }
        if (side.name().equals(Sides.VIOLIN)) {
            results.record(side, Metric.memory("rss"), round, 160);
            results.record(side, Metric.idleCpu(), round, 0.3);
        }
    }
}
