package org.violin.control.api;

import java.net.InetSocketAddress;
import java.util.Objects;
import org.violin.dataplane.IoEngine;

/**
 * What a daemon is started with.
 *
 * @param name    the host's name
 * @param listen  where the tunnels' UDP socket binds; null: no tunnels
 * @param engine  how frames are read
 * @param version of Violin
 */
public record DaemonConfig(String name, InetSocketAddress listen, IoEngine engine, String version) {
    public DaemonConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(version, "version");
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,126}")) {
            throw new IllegalArgumentException("name '" + name + "': a letter or digit, then up to 126 letters, digits,"
                + " '_', '.' or '-'");
        }
    }
}
