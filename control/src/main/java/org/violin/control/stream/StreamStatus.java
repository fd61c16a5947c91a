package org.violin.control.stream;

import java.util.Map;

/**
 * A relay as it was at one moment.
 *
 * @param connection to whom there is one, such as {@code 192.0.2.1:443} or {@code 192.0.2.1:443 through
 *                   proxy.example:3128}; empty: there is none
 * @param events     what has become of connections, by {@link StreamEvent#label}
 * @param drops      datagrams dropped, by {@link StreamEvent#label}
 */
public record StreamStatus(String connection, Map<String, Long> events, Map<String, Long> drops) {
}
