package org.violin.control.tune;

/**
 * What one end of a trial is to do.
 *
 * @param linkId  of the link that is made for it: the same at both ends, and of no other link of the tunnel's
 * @param sends   whether this end sends; the other end must be there already
 * @param seconds for which each load is measured, 1 to {@link #SECONDS_MAX}
 */
public record TrialRequest(int linkId, boolean sends, int seconds, Variant variant) {
    public static final int SECONDS_MAX = 60;

    public TrialRequest {
        if (linkId == 0 || seconds < 1 || seconds > SECONDS_MAX) {
            throw new IllegalArgumentException("linkId: not 0; seconds: 1 to " + SECONDS_MAX);
        }
    }
}
