package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.profile.Cycles;

/** Every figure of one run, by side, metric and round. */
final class Results {
    /**
     * A side, or one of its measurements, that gave no figure.
     *
     * @param log the last lines that its programs wrote; may be empty
     */
    record Failure(String side, String what, String why, String log) {
    }

    /**
     * Where the cycles of one load went.
     *
     * @param figure what the load achieved meanwhile
     * @param file   of the flame graph and the folded stacks, without their endings
     */
    record Profile(String side, String load, String figure, Cycles cycles, String file) {
    }

    private final List<Side> sides = new ArrayList<>();
    private final Map<String, Map<Metric, List<Double>>> values = new LinkedHashMap<>();
    private final Map<String, Map<String, Histogram>> histograms = new LinkedHashMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<Profile> profiles = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();

    void addSide(Side side) {
        sides.add(side);
        values.put(side.name(), new LinkedHashMap<>());
        histograms.put(side.name(), new LinkedHashMap<>());
    }

    /**
     * The last figure of a round counts.
     *
     * @param round from 0; rounds before it that have no figure failed
     */
    void record(Side side, Metric metric, int round, double value) {
        List<Double> list = values.get(side.name()).computeIfAbsent(metric, key -> new ArrayList<>());
        while (list.size() < round) {
            list.add(Double.NaN);
        }
        if (list.size() == round) {
            list.add(value);
        } else {
            list.set(round, value);
        }
    }

    /** Adds the samples, in nanoseconds, to those of other rounds. */
    void record(Side side, String load, Histogram samples) {
        histograms.get(side.name()).computeIfAbsent(load, key -> new Histogram(3)).add(samples);
    }

    void fail(String side, String what, String why, String log) {
        failures.add(new Failure(side, what, why, log));
    }

    void addProfile(Profile profile) {
        profiles.add(profile);
    }

    List<Profile> profiles() {
        return List.copyOf(profiles);
    }

    void skip(String side, String why) {
        skipped.put(side, why);
    }

    List<Side> sides() {
        return List.copyOf(sides);
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** Why each side that did not run did not. */
    Map<String, String> skipped() {
        return Map.copyOf(skipped);
    }

    /** All metrics that any side has a figure of, in the order of their first. */
    Set<Metric> metrics() {
        Set<Metric> all = new LinkedHashSet<>();
        values.values().forEach(bySide -> all.addAll(bySide.keySet()));
        return all;
    }

    /** By round; NaN where a round failed. */
    List<Double> rounds(Side side, Metric metric) {
        return List.copyOf(values.get(side.name()).getOrDefault(metric, List.of()));
    }

    Spread spread(Side side, Metric metric) {
        return Spread.of(rounds(side, metric));
    }

    /**
     * One side's figure divided by another's of the same round, which stand next to each other in time: the machine's
     * drift from round to round is not in it.
     */
    Spread ratio(Side side, Side base, Metric metric) {
        List<Double> above = rounds(side, metric);
        List<Double> below = rounds(base, metric);
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(above.size(), below.size()); i++) {
            ratios.add(above.get(i) / below.get(i));
        }
        return Spread.of(ratios);
    }

    /** The samples of all rounds, nanoseconds; null if there are none. */
    Histogram histogram(Side side, String load) {
        return histograms.get(side.name()).get(load);
    }
}
