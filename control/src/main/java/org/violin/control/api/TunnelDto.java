package org.violin.control.api;

import java.util.List;
import java.util.Map;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;

/**
 * A tunnel of the daemon.
 *
 * @param peer        the peer's name in the topology
 * @param remote      {@code address:port} of the peer
 * @param networks    whose links it carries
 * @param sealed      whether what it carries is encrypted and authenticated
 * @param state       {@code connecting}, {@code up} or {@code lost}
 * @param pathMtu     the largest IP packet sent, in bytes
 * @param rttMicros   the last hello's round trip; -1: none yet
 * @param links       links open in it
 * @param fec         how what it carries is to be protected; null: not. What is in force is the path's
 * @param transport   what it is to go by
 * @param way         what it goes by: {@code udp}, {@code tls via 192.0.2.1:443}
 * @param connections what has become of connections for its stream, by label
 * @param recovered   datagrams that were lost on the way and that parity has brought back
 * @param path        what is known of the way to the peer
 * @param drops       datagrams and records dropped by reason
 */
public record TunnelDto(
    String peer, String remote, List<String> networks, boolean sealed, String state, int pathMtu, long rttMicros,
    int links, long rxDatagrams, long rxBytes, long txDatagrams, long txBytes, FecSpec fec,
    Transport transport, String way, Map<String, Long> connections, long recovered,
    PathDto path, Map<String, Long> drops) {
}
