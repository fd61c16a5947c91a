package org.violin.dataplane;

import java.util.Objects;

/**
 * A TAP device made and owned by the dataplane: it goes away with the port.
 *
 * @param name   the port's name, unique in the dataplane
 * @param device the interface's name, 1 to 15 bytes
 * @param mtu    the interface's MTU in bytes
 */
public record TapConfig(String name, String device, int mtu) {
    /** A frame with two VLAN tags is then as long as the tunnel's records can say. */
    public static final int MAX_MTU = 65_535 - 14 - 8;

    public TapConfig {
        Objects.requireNonNull(name, "name");
        if (!device.matches("[A-Za-z0-9_.-]{1,15}") || device.equals(".") || device.equals("..")) {
            throw new IllegalArgumentException("device: '" + device + "': 1 to 15 letters, digits, '_', '.' or '-'");
        }
        if (mtu < 68 || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu: " + mtu + ": 68 to " + MAX_MTU);
        }
    }
}
