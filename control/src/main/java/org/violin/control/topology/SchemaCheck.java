package org.violin.control.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks a file's structure against the published JSON Schema and says what is wrong in the user's words. What is
 * expected at a place is the {@code title} of the schema there: the one text that editors show and errors quote.
 */
final class SchemaCheck {
    /** The published schema, packaged with this class. */
    static final String RESOURCE = "topology.schema.json";

    private static final Map<String, String> SINGULAR = Map.of("hosts", "host", "switches", "switch", "nodes", "node",
        "taps", "tap", "jetways", "jetway", "packets", "packet", "udp-ports", "udp-port");

    private static final JsonNode SCHEMA = load();
    private static final JsonSchema VALIDATOR = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(SCHEMA, SchemaValidatorsConfig.builder().pathType(PathType.JSON_POINTER)
            // Every pattern of the schema is anchored; Java's own '$' would let a line break pass at the end.
            .regularExpressionFactory(regex -> Pattern.compile(regex).asMatchPredicate()::test).build());

    private final YamlNode root;
    private final Problems problems;
    private final Set<String> reported = new HashSet<>();

    private SchemaCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    /** Tells every structural problem, and marks what it makes unusable as broken. */
    static void run(YamlNode root, Problems problems) {
        new SchemaCheck(root, problems).run();
    }

    private void run() {
        List<ValidationMessage> messages = VALIDATOR.validate(root.toJson()).stream()
            .filter(message -> !message.getEvaluationPath().toString().matches(".*/(oneOf/.*|propertyNames.*)"))
            .toList();
        // Misspelt keys first: what they were meant to be is not missing.
        messages.stream().filter(message -> message.getType().equals("additionalProperties"))
            .forEach(this::onUnknownKey);
        for (ValidationMessage message : messages) {
            switch (message.getType()) {
                case "additionalProperties" -> { }
                case "required" -> onMissingKey(message);
                case "oneOf" -> onHostForm(message);
                default -> onValue(message);
            }
        }
        names();
    }

    /** A value of the wrong type, form or range. */
    private void onValue(ValidationMessage message) {
        YamlNode node = node(message.getInstanceLocation());
        node.markBroken();
        if (reported.add(message.getInstanceLocation().toString())) {
            String label = label(message.getInstanceLocation());
            problems.at(node, label + "found " + node.shown() + ", expected " + title(message));
        }
    }

    private void onUnknownKey(ValidationMessage message) {
        JsonNodePath path = message.getInstanceLocation();
        List<String> known = new ArrayList<>();
        parentSchema(message).path("properties").fieldNames().forEachRemaining(known::add);
        YamlNode mapping = node(path);
        String key = message.getProperty();
        String nearest = Words.nearest(key, known.stream().filter(name -> !mapping.has(name)).toList());
        problems.atKey(mapping.child(key), "unknown key '" + Words.shorten(key) + "'"
            + (nearest == null ? "; the keys here are " + String.join(", ", known)
                : "; did you mean '" + nearest + "'?"));
        if (nearest != null) {
            mapping.putBroken(nearest);
        }
    }

    private void onMissingKey(ValidationMessage message) {
        JsonNodePath path = message.getInstanceLocation();
        if (!node(path).has(message.getProperty())) {
            lacks(path, message.getProperty(), parentSchema(message));
        }
    }

    private void lacks(JsonNodePath path, String key, JsonNode schema) {
        String title = resolve(schema.path("properties").path(key)).path("title").asText();
        problems.atKey(node(path), label(path) + "lacks '" + key + "', " + title);
    }

    /** Neither or both of a host's two forms, or half of one. */
    private void onHostForm(ValidationMessage message) {
        JsonNodePath path = message.getInstanceLocation();
        YamlNode host = node(path);
        JsonNode schema = parentSchema(message);
        boolean daemon = host.has("daemon");
        if (!host.isMapping() || !host.has("netns") && daemon && host.has("underlay")) {
            return;
        }
        if (!host.has("netns") && daemon != host.has("underlay")) {
            lacks(path, daemon ? "underlay" : "daemon", schema);
        } else if (!host.has("netns") || daemon || host.has("underlay")) {
            problems.atKey(host, label(path) + "found " + (host.has("netns") ? "both" : "neither") + ", expected "
                + schema.path("title").asText());
        }
    }

    /** Names are checked here in full, as the validator tells the mapping but not which of its names is wrong. */
    private void names() {
        JsonNode name = SCHEMA.at("/$defs/name");
        for (String section : SINGULAR.keySet()) {
            root.mapping(section).forEach((key, node) -> {
                if (!key.matches(name.path("pattern").asText())) {
                    problems.atKey(node, SINGULAR.get(section) + ": found '" + Words.shorten(key) + "', expected "
                        + name.path("title").asText());
                }
            });
        }
    }

    private YamlNode node(JsonNodePath path) {
        YamlNode node = root;
        for (int i = 0; i < path.getNameCount(); i++) {
            node = node.child(path.getElement(i));
        }
        return node;
    }

    /** {@code memory: }, or {@code node vhost1: } for a named thing, or nothing for the file as a whole. */
    private static String label(JsonNodePath path) {
        int count = path.getNameCount();
        if (count == 2 && SINGULAR.containsKey(path.getElement(0).toString())) {
            return SINGULAR.get(path.getElement(0).toString()) + " " + Words.shorten(path.getElement(1).toString())
                + ": ";
        }
        for (int i = count - 1; i >= 0; i--) {
            if (path.getElement(i) instanceof String key) {
                return key + ": ";
            }
        }
        return "";
    }

    private static String title(ValidationMessage message) {
        return parentSchema(message).path("title").asText();
    }

    /** The schema whose keyword failed. */
    private static JsonNode parentSchema(ValidationMessage message) {
        JsonNodePath keyword = message.getSchemaLocation().getFragment();
        JsonNode node = SCHEMA;
        for (int i = 0; i < keyword.getNameCount() - 1; i++) {
            Object step = keyword.getElement(i);
            node = step instanceof Number index ? node.path(index.intValue()) : node.path(step.toString());
        }
        return node;
    }

    private static JsonNode resolve(JsonNode schema) {
        return schema.has("$ref") ? SCHEMA.at(schema.get("$ref").asText().substring(1)) : schema;
    }

    private static JsonNode load() {
        try (InputStream in = SchemaCheck.class.getResourceAsStream(RESOURCE)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
