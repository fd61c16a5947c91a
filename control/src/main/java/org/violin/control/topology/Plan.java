package org.violin.control.topology;

import java.nio.file.Path;
import java.util.List;
import org.violin.control.spec.NetworkSpec;

/** What each host of a topology has to hold. Hosts are in the order of the file. */
public record Plan(String network, List<Host> hosts) {
    public Plan {
        hosts = List.copyOf(hosts);
    }

    /**
     * One host's part.
     *
     * @param daemon   the API socket of its running daemon; null: a network namespace has to be made for it
     * @param underlay {@code address:port} of its daemon's UDP socket, what the others' tunnels point at
     * @param pathMtu  the largest IP packet in bytes that reaches it; 0: not given
     */
    public record Host(String name, Path daemon, String underlay, int pathMtu, NetworkSpec spec) {
        public boolean isNamespace() {
            return daemon == null;
        }
    }
}
