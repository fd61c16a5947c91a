package org.violin.dataplane.bridge;

import java.util.Arrays;

/** The ports of a bridge, in the order in which they were added. */
final class Members {
    private int[] ports = new int[8];
    private int count;

    void add(int port) {
        if (port < 0 || port > MacTable.MAX_PORT) {
            throw new IllegalArgumentException("port " + port + ": 0 to " + MacTable.MAX_PORT);
        }
        if (contains(port)) {
            throw new IllegalArgumentException("port " + port + " is a member already");
        }
        if (count == ports.length) {
            ports = Arrays.copyOf(ports, 2 * count);
        }
        ports[count++] = port;
    }

    void remove(int port) {
        for (int i = 0; i < count; i++) {
            if (ports[i] == port) {
                System.arraycopy(ports, i + 1, ports, i, --count - i);
                return;
            }
        }
    }

    boolean contains(int port) {
        for (int i = 0; i < count; i++) {
            if (ports[i] == port) {
                return true;
            }
        }
        return false;
    }

    int[] ports() {
        return ports;
    }

    int count() {
        return count;
    }
}
