package org.violin.control.topology;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Gathers what is wrong in one file, so that all of it is told at once. */
final class Problems {
    private static final Comparator<TopologyError> BY_POSITION =
        Comparator.comparingInt(TopologyError::line).thenComparingInt(TopologyError::column);

    private final String file;
    // A set: what an alias repeats is wrong once.
    private final Set<TopologyError> errors = new LinkedHashSet<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Position at, String message) {
        // One error is one line of the terminal, whatever the file holds.
        String line = message.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " ");
        errors.add(new TopologyError(file, at.line(), at.column(), line));
    }

    /** Says that {@code node}'s value is wrong. */
    void at(YamlNode node, String message) {
        add(node.position(), message);
    }

    /** Says that the entry that {@code node} is the value of is wrong: points at its key, if it has one. */
    void atKey(YamlNode node, String message) {
        add(node.keyPosition(), message);
    }

    void throwIfAny() throws TopologyException {
        if (!errors.isEmpty()) {
            throw new TopologyException(list());
        }
    }

    private List<TopologyError> list() {
        return errors.stream().sorted(BY_POSITION).toList();
    }
}
