package org.violin.dataplane;

import java.util.Map;

/**
 * A tunnel as it was at one moment.
 *
 * @param sealed      whether what it carries is encrypted and authenticated
 * @param state       {@code connecting} (the peer has not answered yet), {@code up}, or {@code lost} (it was up and
 *                    nothing came for three hello intervals)
 * @param pathMtu     the largest IP packet sent, in bytes
 * @param rttMicros   the last hello's round trip in microseconds; -1: none yet
 * @param links       links open in it
 * @param rxDatagrams valid datagrams received
 * @param recovered   datagrams that were lost on the way and that parity has brought back
 * @param path        what is known of the way to the peer
 * @param drops       datagrams and records dropped by reason; reasons with no drop are left out
 */
public record TunnelStatus(
    String name, String remote, boolean sealed, String state, int pathMtu, long rttMicros, int links,
    long rxDatagrams, long rxBytes, long txDatagrams, long txBytes, long recovered,
    PathStatus path, Map<String, Long> drops) {
}
