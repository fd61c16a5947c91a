package org.violin.control.api;

import java.util.List;
import java.util.Map;

/**
 * A tunnel of the daemon.
 *
 * @param peer        the peer's name in the topology
 * @param remote      {@code address:port} of the peer
 * @param networks    whose links it carries
 * @param state       {@code connecting}, {@code up} or {@code lost}
 * @param pathMtu     the largest IP packet sent, in bytes
 * @param rttMicros   the last hello's round trip; -1: none yet
 * @param links       links open in it
 * @param drops       datagrams and records dropped by reason
 */
public record TunnelDto(
    String peer, String remote, List<String> networks, String state, int pathMtu, long rttMicros, int links,
    long rxDatagrams, long rxBytes, long txDatagrams, long txBytes, Map<String, Long> drops) {
}
