package org.violin.control.api;

import java.net.InetSocketAddress;
import java.util.Objects;
import org.violin.control.identity.Security;
import org.violin.dataplane.DataplaneConfig;

/**
 * What a daemon is started with.
 *
 * @param dataplane its name is the host's
 * @param security  of all its tunnels
 * @param requests  where guests ask for ports; null: nowhere
 * @param version   of Violin
 */
public record DaemonConfig(DataplaneConfig dataplane, Security security, InetSocketAddress requests, String version) {
    public DaemonConfig {
        String name = dataplane.name();
        Objects.requireNonNull(security, "security");
        Objects.requireNonNull(version, "version");
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,126}")) {
            throw new IllegalArgumentException("name '" + name + "': a letter or digit, then up to 126 letters, digits,"
                + " '_', '.' or '-'");
        }
    }

    public String name() {
        return dataplane.name();
    }

    /** Where the tunnels' UDP socket binds; null: no tunnels. */
    public InetSocketAddress listen() {
        return dataplane.listen();
    }
}
