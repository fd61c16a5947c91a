package org.violin.control.spec;

/**
 * A switch placed on this host, or a patch that joins exactly two ports.
 *
 * @param name      unique in the network
 * @param multicast means nothing to a patch; null, as in what versions without it have written: the default
 */
public record BridgeSpec(String name, Kind kind, int macCapacity, int ageingSeconds, MulticastSpec multicast) {
    public enum Kind { SWITCH, PATCH }

    public BridgeSpec {
        multicast = multicast == null ? MulticastSpec.DEFAULT : multicast;
    }

    public static BridgeSpec patch(String name) {
        return new BridgeSpec(name, Kind.PATCH, 0, 0, MulticastSpec.DEFAULT);
    }

    /** A switch that does with multicast what switches do. */
    public static BridgeSpec lan(String name, int macCapacity, int ageingSeconds) {
        return new BridgeSpec(name, Kind.SWITCH, macCapacity, ageingSeconds, MulticastSpec.DEFAULT);
    }
}
