package org.violin.control.api;

/**
 * A station that a switch has learned.
 *
 * @param port       the port it was last seen on
 * @param ageSeconds since its last frame
 */
public record MacDto(String network, String bridge, String mac, String port, int ageSeconds) {

    /** The same behind another port. */
    public MacDto behind(String otherPort) {
        return new MacDto(network, bridge, mac, otherPort, ageSeconds);
    }
}
