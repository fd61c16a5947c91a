package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * What a dataplane is launched with.
 *
 * @param name          a label for threads and error messages, normally the host's name
 * @param listen        where the tunnels' UDP socket binds; null: no tunnels can be opened
 * @param frameSlots    slots of the frame pool; a power of two
 * @param maxFrameBytes the longest frame any port of this dataplane carries, without FCS
 */
public record DataplaneConfig(String name, InetSocketAddress listen, int frameSlots, int maxFrameBytes) {

    /** Slots that a host with some dozens of guests needs at full load. */
    public static final int DEFAULT_FRAME_SLOTS = 4096;

    /** A jumbo frame: 9,000 bytes of payload, Ethernet header and two VLAN tags. */
    public static final int DEFAULT_MAX_FRAME_BYTES = 9000 + 14 + 8;

    public DataplaneConfig {
        Objects.requireNonNull(name, "name");
        if (Integer.bitCount(frameSlots) != 1 || frameSlots < 256 || frameSlots > 1 << 18) {
            throw new IllegalArgumentException("frameSlots: " + frameSlots + ": a power of two, 256 to 262144");
        }
        if (maxFrameBytes < 1518 || maxFrameBytes > 65_535) {
            throw new IllegalArgumentException("maxFrameBytes: " + maxFrameBytes + ": 1518 to 65535");
        }
    }

    public static DataplaneConfig of(String name, InetSocketAddress listen) {
        return new DataplaneConfig(name, listen, DEFAULT_FRAME_SLOTS, DEFAULT_MAX_FRAME_BYTES);
    }
}
