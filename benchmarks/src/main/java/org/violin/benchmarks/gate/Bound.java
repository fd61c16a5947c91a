package org.violin.benchmarks.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A line of the file of bounds: a benchmark, its parameters, and how many times the machine's limit it may take.
 *
 * @param benchmark  class and method, as {@code SwitchDecision.decide}
 * @param parameters all that the benchmark has, by name
 * @param mostTimes  the highest ratio of figure and limit that is good
 */
record Bound(String benchmark, Map<String, String> parameters, double mostTimes) {

    /**
     * Reads a file of bounds: blank-separated columns, {@code #} begins a comment.
     *
     * @throws IllegalArgumentException naming the line that is wrong
     */
    static List<Bound> read(List<String> lines) {
        List<Bound> bounds = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("#.*", "").strip();
            if (!line.isEmpty()) {
                try {
                    bounds.add(of(line.split("\\s+")));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
                }
            }
        }
        if (bounds.isEmpty()) {
            throw new IllegalArgumentException("no bound is in it");
        }
        return bounds;
    }

    private static Bound of(String[] columns) {
        if (columns.length != 3) {
            throw new IllegalArgumentException("benchmark, parameters (- for none) and bound are wanted");
        }
        Map<String, String> parameters = new TreeMap<>();
        if (!columns[1].equals("-")) {
            for (String parameter : columns[1].split(",")) {
                String[] parts = parameter.split("=", -1);
                if (parts.length != 2) {
                    throw new IllegalArgumentException(parameter + ": name=value is wanted");
                }
                parameters.put(parts[0], parts[1]);
            }
        }
        double times = Double.parseDouble(columns[2]);
        if (!(times > 0)) {
            throw new IllegalArgumentException(columns[2] + ": more than 0 is wanted");
        }
        return new Bound(columns[0], parameters, times);
    }
}
