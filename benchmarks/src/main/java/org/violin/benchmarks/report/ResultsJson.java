package org.violin.benchmarks.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code results.json}: every figure of every round, and what it depends on. */
final class ResultsJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ResultsJson() {
    }

    static String write(Setup setup, Environment environment, Results results) {
        ObjectNode root = JSON.createObjectNode();
        root.put("question", setup.question()).put("command", setup.commandLine())
            .put("rounds", setup.rounds()).put("seconds", setup.seconds()).put("mtu", setup.mtu())
            .put("underlay", setup.network());
        root.set("environment", JSON.valueToTree(environment));
        ObjectNode sides = root.putObject("sides");
        for (Subject side : results.sides()) {
            ObjectNode node = sides.putObject(side.name());
            node.put("description", side.description()).put("layer", side.layer())
                .put("encryption", side.encryption());
            ObjectNode metrics = node.putObject("metrics");
            for (Metric metric : results.metrics()) {
                Spread spread = results.spread(side, metric);
                if (!spread.isEmpty()) {
                    ObjectNode figure = metrics.putObject(metric.key());
                    figure.put("unit", metric.unit()).put("median", spread.median()).put("min", spread.min())
                        .put("max", spread.max()).put("mad", spread.mad());
                    ArrayNode rounds = figure.putArray("rounds");
                    for (double value : results.rounds(side, metric)) {
                        if (Double.isFinite(value)) {
                            rounds.add(value);
                        } else {
                            rounds.addNull();
                        }
                    }
                }
            }
        }
        root.set("failures", JSON.valueToTree(results.failures()));
        root.set("skipped", JSON.valueToTree(results.skipped()));
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
