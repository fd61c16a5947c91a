package org.violin.dataplane;

/**
 * A station that a switch has learned.
 *
 * @param mac        {@code 02:00:0a:01:00:01}
 * @param port       the port it was last seen on
 * @param ageSeconds since its last frame
 */
public record MacStatus(String bridge, String mac, String port, int ageSeconds) {
}
