package org.violin.control.api;

/**
 * A station that a switch has learned.
 *
 * @param port       the port it was last seen on
 * @param ageSeconds since its last frame
 */
public record MacDto(String network, String bridge, String mac, String port, int ageSeconds) {
}
