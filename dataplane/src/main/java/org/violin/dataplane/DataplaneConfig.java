package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * What a dataplane is launched with.
 *
 * @param name       a label for threads and error messages, normally the host's name
 * @param listen     where the tunnels' UDP socket binds; null: no tunnels can be opened
 * @param engine     how frames are read
 * @param frameSlots slots of the frame pool, 64 KiB of address space each; a power of two
 */
public record DataplaneConfig(String name, InetSocketAddress listen, IoEngine engine, int frameSlots) {

    /** Slots that a host with some dozens of guests needs at full load. */
    public static final int DEFAULT_FRAME_SLOTS = 4096;

    public DataplaneConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(engine, "engine");
        if (Integer.bitCount(frameSlots) != 1 || frameSlots < 256 || frameSlots > 1 << 14) {
            throw new IllegalArgumentException("frameSlots: " + frameSlots + ": a power of two, 256 to 16384");
        }
    }

    public static DataplaneConfig of(String name, InetSocketAddress listen) {
        return new DataplaneConfig(name, listen, IoEngine.AUTO, DEFAULT_FRAME_SLOTS);
    }

    public DataplaneConfig withEngine(IoEngine other) {
        return new DataplaneConfig(name, listen, other, frameSlots);
    }
}
