package org.violin.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.violin.benchmarks.profile.Cycles;

/** Every figure of one run, by side, metric and round. */
public final class Results {
    /**
     * A side, or one of its measurements, that gave no figure.
     *
     * @param log the last lines that its programs wrote; may be empty
     */
    public record Failure(String side, String what, String why, String log) {
    }

    /**
     * Where the cycles of one load went.
     *
     * @param figure what the load achieved meanwhile
     * @param file   of the flame graph and the folded stacks, without their endings
     */
    public record Profile(String side, String load, String figure, Cycles cycles, String file) {
    }

    private final List<Subject> sides = new ArrayList<>();
    private final Map<String, Map<Metric, List<Double>>> values = new LinkedHashMap<>();
    private final Map<String, Map<String, Histogram>> histograms = new LinkedHashMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<Profile> profiles = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();

    public void addSide(Subject side) {
        sides.add(side);
        values.put(side.name(), new LinkedHashMap<>());
        histograms.put(side.name(), new LinkedHashMap<>());
    }

    /**
     * The last figure of a round counts.
     *
     * @param round from 0; rounds before it that have no figure failed
     */
    public void record(Subject side, Metric metric, int round, double value) {
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
    public void record(Subject side, String load, Histogram samples) {
        histograms.get(side.name()).computeIfAbsent(load, key -> new Histogram(3)).add(samples);
    }

    public void fail(String side, String what, String why, String log) {
        failures.add(new Failure(side, what, why, log));
    }

    public void addProfile(Profile profile) {
        profiles.add(profile);
    }

    public List<Profile> profiles() {
        return List.copyOf(profiles);
    }

    public void skip(String side, String why) {
        skipped.put(side, why);
    }

    public List<Subject> sides() {
        return List.copyOf(sides);
    }

    public List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** Why each side that did not run did not. */
    public Map<String, String> skipped() {
        return Map.copyOf(skipped);
    }

    /** All metrics that any side has a figure of, in the order of their first. */
    public Set<Metric> metrics() {
        Set<Metric> all = new LinkedHashSet<>();
        values.values().forEach(bySide -> all.addAll(bySide.keySet()));
        return all;
    }

    /** By round; NaN where a round failed. */
    public List<Double> rounds(Subject side, Metric metric) {
        return List.copyOf(values.get(side.name()).getOrDefault(metric, List.of()));
    }

    public Spread spread(Subject side, Metric metric) {
        return Spread.of(rounds(side, metric));
    }

    /**
     * One side's figure divided by another's of the same round, which stand next to each other in time: the machine's
     * drift from round to round is not in it.
     */
    public Spread ratio(Subject side, Subject base, Metric metric) {
        List<Double> above = rounds(side, metric);
        List<Double> below = rounds(base, metric);
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(above.size(), below.size()); i++) {
            ratios.add(above.get(i) / below.get(i));
        }
        return Spread.of(ratios);
    }

    /** The samples of all rounds, nanoseconds; null if there are none. */
    public Histogram histogram(Subject side, String load) {
        return histograms.get(side.name()).get(load);
    }
}
