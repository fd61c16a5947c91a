package org.violin.control.api;

/**
 * A port that gets multicast frames of a switch, or by which its querier asks.
 *
 * @param group      {@code 239.1.2.3}, {@code ff15::9}; {@code *}: all
 * @param port       null: the switch itself
 * @param role       {@code member}, {@code router}, {@code new}, {@code overflow} or {@code querier}
 * @param version    {@code igmp-v3}, {@code mld-v2}; of a router that announced itself {@code igmp} or {@code mld};
 *                   else empty
 * @param ageSeconds since it was said last
 */
public record GroupDto(
    String network, String bridge, String group, String port, String role, String version, int ageSeconds) {
}
