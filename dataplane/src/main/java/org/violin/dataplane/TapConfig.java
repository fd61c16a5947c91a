package org.violin.dataplane;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * A TAP device made and owned by the dataplane: it goes away with the port.
 *
 * @param name     the port's name, unique in the dataplane
 * @param device   the interface's name, 1 to 15 bytes
 * @param mtu      the interface's MTU in bytes
 * @param identity what no other TAP of the network has, and this one again whenever it is made: its MAC address is made
 *                 from it, so that neighbours find it where they knew it. null: the kernel makes one up each time
 */
public record TapConfig(String name, String device, int mtu, String identity) {
    /** A frame with two VLAN tags is then as long as the tunnel's records can say. */
    public static final int MAX_MTU = 65_535 - 14 - 8;

    /** Of the first octet, in an address of 48 bits (IEEE 802, 8.2). */
    private static final long GROUP = 1L << 40;
    private static final long LOCALLY_ADMINISTERED = 1L << 41;

    public TapConfig {
        Objects.requireNonNull(name, "name");
        if (!device.matches("[A-Za-z0-9_.-]{1,15}") || device.equals(".") || device.equals("..")) {
            throw new IllegalArgumentException("device: '" + device + "': 1 to 15 letters, digits, '_', '.' or '-'");
        }
        if (device.equals("all") || device.equals("default")) {
            throw new IllegalArgumentException("device: '" + device + "': the kernel has this name for all of them");
        }
        if (mtu < 68 || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu: " + mtu + ": 68 to " + MAX_MTU);
        }
    }

    /** A TAP that has another MAC address each time. */
    public TapConfig(String name, String device, int mtu) {
        this(name, device, mtu, null);
    }

    /** Locally administered and unicast, 46 bits of it a hash of the identity; 0: the kernel is to make one up. */
    long mac() {
        return identity == null ? 0 : mac(identity);
    }

    static long mac(String identity) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong() >>> Short.SIZE & ~GROUP | LOCALLY_ADMINISTERED;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
