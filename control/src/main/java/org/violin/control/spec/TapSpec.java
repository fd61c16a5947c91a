package org.violin.control.spec;

import java.util.List;

/**
 * A TAP device of the host, plugged into a bridge.
 *
 * @param addresses {@code 10.1.0.9/24}, {@code fd00::9/64}; given to the device by the daemon
 */
public record TapSpec(String name, String device, String bridge, int mtu, List<String> addresses) {
    public TapSpec {
        addresses = List.copyOf(addresses);
    }

    public TapSpec withBridge(String newBridge) {
        return new TapSpec(name, device, newBridge, mtu, addresses);
    }
}
