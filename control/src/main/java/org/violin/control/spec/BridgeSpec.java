package org.violin.control.spec;

/**
 * A switch placed on this host, or a patch that joins exactly two ports.
 *
 * @param name unique in the network
 */
public record BridgeSpec(String name, Kind kind, int macCapacity, int ageingSeconds) {
    public enum Kind { SWITCH, PATCH }

    public static BridgeSpec patch(String name) {
        return new BridgeSpec(name, Kind.PATCH, 0, 0);
    }
}
