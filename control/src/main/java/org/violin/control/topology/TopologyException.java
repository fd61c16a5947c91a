package org.violin.control.topology;

import java.util.List;
import java.util.stream.Collectors;

/** A topology file that cannot be used. Carries every error found, in the order of the file. */
public final class TopologyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<TopologyError> errors;

    TopologyException(List<TopologyError> errors) {
        super(errors.stream().map(TopologyError::toString).collect(Collectors.joining("\n")));
        this.errors = List.copyOf(errors);
    }

    /** At least one. */
    public List<TopologyError> errors() {
        return errors;
    }
}
