package org.violin.control.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of a YAML file that knows where it stands. The look-ups leave out what the schema has found broken, so that
 * the checks after it neither trip over it nor complain again.
 */
final class YamlNode {
    private final JsonNode scalar;
    private final Map<String, YamlNode> entries;
    private final List<YamlNode> items;
    private final Position keyPosition;
    private final Position position;
    private boolean broken;

    private YamlNode(JsonNode scalar, Map<String, YamlNode> entries, List<YamlNode> items, Position key, Position at) {
        this.scalar = scalar;
        this.entries = entries;
        this.items = items;
        this.keyPosition = key == null ? at : key;
        this.position = at;
    }

    static YamlNode scalar(JsonNode value, Position key, Position at) {
        return new YamlNode(value, Map.of(), List.of(), key, at);
    }

    static YamlNode mapping(Position key, Position at) {
        return new YamlNode(null, new LinkedHashMap<>(), null, key, at);
    }

    static YamlNode list(Position key, Position at) {
        return new YamlNode(null, null, new ArrayList<>(), key, at);
    }

    void put(String key, YamlNode value) {
        entries.put(key, value);
    }

    void add(YamlNode item) {
        items.add(item);
    }

    void markBroken() {
        broken = true;
    }

    /** Has this mapping hold {@code key} with a value that cannot be relied on: a key that was misspelt. */
    void putBroken(String key) {
        YamlNode value = mapping(keyPosition, position);
        value.markBroken();
        entries.putIfAbsent(key, value);
    }

    Position position() {
        return position;
    }

    /** The key's position when this is a mapping's value, else the value's own. */
    Position keyPosition() {
        return keyPosition;
    }

    boolean isMapping() {
        return scalar == null && entries != null;
    }

    boolean isList() {
        return items != null && scalar == null;
    }

    /** The child at one step of a path: a key, or an index. */
    YamlNode child(Object step) {
        return step instanceof Number index ? items.get(index.intValue()) : entries.get(step.toString());
    }

    boolean has(String key) {
        return isMapping() && entries.containsKey(key);
    }

    /** The value of {@code key}; null when it is not there or broken. */
    YamlNode get(String key) {
        YamlNode value = isMapping() ? entries.get(key) : null;
        return value == null || value.broken ? null : value;
    }

    /** The entries of the mapping at {@code key}, broken ones too: their names are still names. */
    Map<String, YamlNode> mapping(String key) {
        YamlNode value = get(key);
        return value != null && value.isMapping() ? value.entries : Map.of();
    }

    /** The items of the list at {@code key}, but those that are broken. */
    List<YamlNode> list(String key) {
        YamlNode value = get(key);
        return value == null ? List.of() : value.sound();
    }

    /** The items of this list, but those that are broken. */
    List<YamlNode> sound() {
        return isList() ? items.stream().filter(item -> !item.broken).toList() : List.of();
    }

    /** True when {@code key} is there but cannot be relied on, itself or one of its items. */
    boolean isUncertain(String key) {
        YamlNode value = isMapping() ? entries.get(key) : null;
        return value != null && (value.broken || value.isList() && value.items.stream().anyMatch(item -> item.broken));
    }

    /** This scalar as a string. */
    String text() {
        return scalar.asText();
    }

    /** The text of the scalar at {@code key}; null when it is not there or broken. */
    String text(String key) {
        YamlNode value = get(key);
        return value == null ? null : value.text();
    }

    /** The number at {@code key}; {@code otherwise} when it is not there or broken. */
    int number(String key, int otherwise) {
        YamlNode value = get(key);
        return value == null ? otherwise : value.scalar.asInt();
    }

    /** What a message shows of this value. */
    String shown() {
        if (isMapping()) {
            return entries.isEmpty() ? "an empty mapping" : "a mapping";
        }
        if (isList()) {
            return items.isEmpty() ? "an empty list" : "a list of " + items.size();
        }
        if (scalar.isNull()) {
            return "nothing";
        }
        return scalar.isTextual() ? "'" + Words.shorten(scalar.asText()) + "'" : scalar.asText();
    }

    /** The same as a plain JSON value, for the schema validator. */
    JsonNode toJson() {
        if (isMapping()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            entries.forEach((key, value) -> object.set(key, value.toJson()));
            return object;
        }
        if (isList()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            items.forEach(item -> array.add(item.toJson()));
            return array;
        }
        return scalar;
    }
}
