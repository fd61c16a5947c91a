package org.violin.benchmarks.e2e;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;

/**
 * Round trips of small UDP requests, from a to b and back.
 *
 * @param name   of the figures
 * @param loaded while one TCP stream takes all it gets from a to b
 */
record RttMeasurement(String name, boolean loaded, int seconds) implements Measurement {
    private static final int PORT = 9001;
    private static final int REQUESTS_PER_SECOND = 1000;
    private static final double SLACK_SECONDS = 5;
    /** A load runs so long before the first request, and after the last one. */
    private static final double MARGIN_SECONDS = 0.5;

    /** Of 100 ms, ten microseconds. */
    private static final int DIGITS = 4;

    /** @param histogram nanoseconds, of the requests that were answered */
    record Samples(Histogram histogram, long sent, long answered) {
        double lostPercent() {
            return 100.0 * (sent - answered) / sent;
        }
    }

    @Override
    public double estimateSeconds() {
        return seconds + (loaded ? 2 * MARGIN_SECONDS : 0) + 0.5;
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        return record(measure(pair, recorder), recorder);
    }

    /** The samples alone, of which at least one was answered; keeps what the programs said. */
    Samples measure(Pair pair, Recorder recorder) {
        String tool = pair.tools().rtt().toString();
        Spawned echo = pair.b().load("rtt-echo", List.of(tool, "echo", pair.b().overlay(), Integer.toString(PORT)));
        Iperf load = null;
        int loadSeconds = (int) Math.ceil(seconds + 2 * MARGIN_SECONDS);
        try {
            echo.awaitLog("ready", SLACK_SECONDS);
            if (loaded) {
                load = pair.iperf();
                load.begin(1, Iperf.Direction.A_TO_B, loadSeconds);
                Deadline.pause(MARGIN_SECONDS);
            }
            Spawned probe = pair.a().load("rtt-probe", List.of(tool, "probe", pair.a().overlay(), pair.b().overlay(),
                Integer.toString(PORT), Integer.toString(REQUESTS_PER_SECOND), Integer.toString(seconds * 1000)));
            String output = probe.awaitSuccess(seconds + SLACK_SECONDS);
            recorder.keep(name(), output);
            if (loaded) {
                String json = load.end(loadSeconds);
                recorder.keep(name() + "-tcp", json);
                recorder.value(Metric.gigabits(name() + "-tcp"), Iperf.parse(json).gigabits());
            }
            return answered(parse(output));
        } finally {
            echo.stop();
            if (load != null) {
                load.stop();
            }
        }
    }

    private static Samples answered(Samples samples) {
        if (samples.answered() == 0) {
            throw new BenchException("of " + samples.sent() + " requests none was answered");
        }
        return samples;
    }

    private String record(Samples samples, Recorder recorder) {
        Histogram histogram = samples.histogram();
        recorder.samples(name(), histogram);
        recorder.value(Metric.roundTrip(name(), "p50"), histogram.getValueAtPercentile(50) / 1000.0);
        recorder.value(Metric.roundTrip(name(), "p99"), histogram.getValueAtPercentile(99) / 1000.0);
        recorder.value(Metric.roundTrip(name(), "p99.9"), histogram.getValueAtPercentile(99.9) / 1000.0);
        recorder.value(Metric.roundTrip(name(), "sd"), histogram.getStdDeviation() / 1000.0);
        recorder.value(Metric.roundTrip(name(), "lost"), samples.lostPercent());
        return String.format(Locale.ROOT, "p50 %.0f us, p99 %.0f us", histogram.getValueAtPercentile(50) / 1000.0,
            histogram.getValueAtPercentile(99) / 1000.0);
    }

    /** Reads {@code sent N answered M} and, a line each, nanoseconds from when a request was due to its answer. */
    static Samples parse(String output) {
        Iterator<String> lines = output.lines().iterator();
        String[] head = lines.hasNext() ? lines.next().split(" ") : new String[0];
        if (head.length != 4 || !head[0].equals("sent")) {
            throw new BenchException("rtt: no result in \"" + output.lines().findFirst().orElse("") + "\"");
        }
        Histogram histogram = new Histogram(DIGITS);
        try {
            while (lines.hasNext()) {
                String line = lines.next();
                histogram.recordValue(Long.parseLong(line.substring(0, line.indexOf(' '))));
            }
            return new Samples(histogram, Long.parseLong(head[1]), Long.parseLong(head[3]));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new BenchException("rtt: a line that is no sample: " + e.getMessage(), e);
        }
    }
}
