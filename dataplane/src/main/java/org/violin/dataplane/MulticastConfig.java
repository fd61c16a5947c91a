package org.violin.dataplane;

import org.violin.dataplane.bridge.Snooping;

/**
 * What a switch does with IP multicast (RFC 4541).
 *
 * @param snoops          whether it reads who has joined which groups, and, while somebody asks for that, sends a
 *                        group's frames to its members alone; else it floods, and the rest means nothing
 * @param asks            whether it is a querier itself
 * @param intervalSeconds how often the querier asks, be it this switch or another that does not say; 1 to 3600
 * @param dropsUnknown    whether frames to groups that nobody has joined are dropped instead of flooded
 */
public record MulticastConfig(boolean snoops, boolean asks, int intervalSeconds, boolean dropsUnknown) {
    /** Asks for nothing, and so restricts nothing where nobody else asks. The interval is that of RFC 3376, 8.2. */
    public static final MulticastConfig DEFAULT = new MulticastConfig(true, false, 125, false);

    public MulticastConfig {
        if (intervalSeconds < 1 || intervalSeconds > Snooping.INTERVAL_MAX_SECONDS) {
            throw new IllegalArgumentException(
                "query-interval: " + intervalSeconds + " s: 1 to " + Snooping.INTERVAL_MAX_SECONDS);
        }
    }
}
