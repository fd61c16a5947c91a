package org.violin.dataplane;

import java.util.Objects;

/**
 * A learning switch.
 *
 * @param name          unique among the bridges of the dataplane
 * @param macCapacity   entries of the MAC table; a power of two, 64 to 1,048,576
 * @param ageingSeconds after how long without a frame a station is forgotten (IEEE 802.1Q: 300)
 * @param multicast     what it does with frames to groups
 */
public record SwitchConfig(String name, int macCapacity, int ageingSeconds, MulticastConfig multicast) {
    public static final int DEFAULT_MAC_CAPACITY = 8192;
    public static final int DEFAULT_AGEING_SECONDS = 300;

    public SwitchConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(multicast, "multicast");
        if (Integer.bitCount(macCapacity) != 1 || macCapacity < 64 || macCapacity > 1 << 20) {
            throw new IllegalArgumentException("macCapacity: " + macCapacity + ": a power of two, 64 to 1048576");
        }
        if (ageingSeconds < 1 || ageingSeconds > 1_000_000) {
            throw new IllegalArgumentException("ageingSeconds: " + ageingSeconds + ": 1 to 1000000");
        }
    }

    public static SwitchConfig of(String name) {
        return new SwitchConfig(name, DEFAULT_MAC_CAPACITY, DEFAULT_AGEING_SECONDS, MulticastConfig.DEFAULT);
    }

    /** The same whenever a switch of this name is made, as what elects a querier compares addresses. */
    long mac() {
        return TapConfig.mac("switch " + name);
    }
}
