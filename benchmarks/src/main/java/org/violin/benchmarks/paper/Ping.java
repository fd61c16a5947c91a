package org.violin.benchmarks.paper;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Machine;
import org.violin.benchmarks.lab.Spawned;

/**
 * ICMP echo requests, every so often whether or not answers come: a stall is charged to each request that falls into
 * it (no coordinated omission).
 */
final class Ping {
    /** Of the requests, milliseconds. */
    static final int INTERVAL_MS = 5;
    private static final double SLACK_SECONDS = 15;
    /** An answer that took more than so many times the median is late. */
    private static final double LATE = 2;
    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+) .*time=([\\d.]+) ms$");
    private static final Pattern SENT = Pattern.compile("(\\d+) packets transmitted");

    private final Spawned program;
    private final int seconds;

    /** Starts it. */
    Ping(Machine from, String target, int seconds) {
        this.seconds = seconds;
        program = from.load("ping", List.of("ping", "-n", "-i", "0.00" + INTERVAL_MS, "-c",
            Integer.toString(seconds * 1000 / INTERVAL_MS), target));
    }

    /** Waits for its end, and returns what it said. */
    String end() {
        // It fails when no request is answered, which is told better by who reads it.
        program.awaitEnd(seconds + SLACK_SECONDS);
        return program.log();
    }

    /** Ends what still runs. */
    void stop() {
        if (program.isAlive()) {
            program.stop();
        }
    }

    /**
     * What came of the requests.
     *
     * @param millis of each answer, by request; NaN where none came
     */
    record Answers(double[] millis) {
        private double[] come() {
            return Arrays.stream(millis).filter(Double::isFinite).toArray();
        }

        double lostPercent() {
            return 100.0 * (millis.length - come().length) / millis.length;
        }

        double average() {
            return Arrays.stream(come()).average().orElseThrow();
        }

        double median() {
            double[] sorted = come();
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }

        double longest() {
            return Arrays.stream(come()).max().orElseThrow();
        }

        /** The standard deviation. */
        double deviation() {
            return deviation(come());
        }

        /** The same without what is late. */
        double deviationOfPrompt() {
            double limit = LATE * median();
            return deviation(Arrays.stream(come()).filter(value -> value <= limit).toArray());
        }

        private static double deviation(double[] values) {
            double mean = Arrays.stream(values).average().orElseThrow();
            return Math.sqrt(Arrays.stream(values).map(value -> (value - mean) * (value - mean)).average()
                .orElseThrow());
        }

        /** Of the answers, those that took more than twice the median. */
        double latePercent() {
            double limit = LATE * median();
            double[] come = come();
            return 100.0 * Arrays.stream(come).filter(value -> value > limit).count() / come.length;
        }

        /**
         * Of the answers, those that came along with the one before, within half an interval, although they were asked
         * for an interval later: they waited behind something that was under way.
         */
        double heldPercent() {
            int held = 0;
            for (int i = 1; i < millis.length; i++) {
                if (Math.abs(millis[i - 1] - millis[i] - INTERVAL_MS) < INTERVAL_MS / 2.0) {
                    held++;
                }
            }
            return 100.0 * held / come().length;
        }

        /** Nanoseconds. */
        Histogram histogram() {
            Histogram histogram = new Histogram(3);
            for (double value : come()) {
                histogram.recordValue(Math.round(value * 1e6));
            }
            return histogram;
        }
    }

    /** Reads what ping said; throws if no request was answered. */
    static Answers parse(String said) {
        Matcher sent = SENT.matcher(said);
        if (!sent.find()) {
            throw new BenchException("ping: no result in \"" + said.lines().findFirst().orElse("") + "\"");
        }
        double[] millis = new double[Integer.parseInt(sent.group(1))];
        Arrays.fill(millis, Double.NaN);
        for (String line : said.lines().toList()) {
            Matcher answer = ANSWER.matcher(line);
            if (answer.find()) {
                int index = Integer.parseInt(answer.group(1)) - 1;
                if (index >= 0 && index < millis.length && Double.isNaN(millis[index])) {
                    millis[index] = Double.parseDouble(answer.group(2));
                }
            }
        }
        if (Arrays.stream(millis).noneMatch(Double::isFinite)) {
            throw new BenchException("ping: of " + millis.length + " requests none was answered");
        }
        return new Answers(millis);
    }
}
