package org.violin.dataplane;

import java.util.Objects;

/**
 * One end of a virtual cable carried by a tunnel.
 *
 * @param name   the port's name, unique in the dataplane
 * @param tunnel the name of the tunnel that carries it
 * @param linkId the cable's id, the same at both ends, unique in the tunnel; any 32-bit value but 0
 */
public record LinkConfig(String name, String tunnel, int linkId) {
    public LinkConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(tunnel, "tunnel");
        if (linkId == 0) {
            throw new IllegalArgumentException("linkId: 0 is reserved");
        }
    }
}
