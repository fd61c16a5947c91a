package org.violin.control.stream;

import java.util.Map;

/**
 * The stream of a tunnel as it was at one moment.
 *
 * @param transport  {@code tcp} or {@code tls}
 * @param carries    whether the tunnel goes by it, and not in datagrams
 * @param connection to whom there is one, such as {@code 192.0.2.1:443} or {@code 192.0.2.1:443 through
 *                   proxy.example:3128}; empty: there is none
 * @param trouble    why the last connection has not come about; empty: there is one, or it is not known
 * @param events     what has become of connections, by {@link StreamEvent#label}; those that have not said which tunnel
 *                   they are for count for all
 * @param drops      datagrams dropped, by {@link StreamEvent#label}
 */
public record StreamStatus(String transport, boolean carries, String connection, String trouble,
    Map<String, Long> events, Map<String, Long> drops) {

    /** What the tunnel goes by, for people: {@code udp}, {@code tls via 192.0.2.1:443}. */
    public String way() {
        return !carries ? "udp" : transport + (connection.isEmpty() ? ", not connected" : " via " + connection);
    }
}
