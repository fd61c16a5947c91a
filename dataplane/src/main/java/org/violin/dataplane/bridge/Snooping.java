package org.violin.dataplane.bridge;

/**
 * How a switch that snoops deals with groups.
 *
 * @param asks            whether it is a querier, where no other is that has a lower address
 * @param intervalSeconds how often the querier asks, be it this switch or another that does not say; 1 to
 *                        {@value #INTERVAL_MAX_SECONDS}
 * @param dropsUnknown    whether frames to groups that nobody has joined are dropped instead of flooded
 * @param mac             the switch's own, which queries come from
 */
public record Snooping(boolean asks, int intervalSeconds, boolean dropsUnknown, long mac) {
    public static final int INTERVAL_MAX_SECONDS = 3600;

    private static final int RESPONSE_MAX_MILLIS = 10_000;

    /** How long answers may take: 10 s (RFC 3376, 8.3), and less than there is between two questions. */
    int responseMillis() {
        return Math.min(RESPONSE_MAX_MILLIS, intervalSeconds * 500);
    }
}
