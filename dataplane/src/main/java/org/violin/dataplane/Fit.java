package org.violin.dataplane;

/**
 * What those who send through a link are told of the path, so that what they send fits a datagram of its tunnel.
 * Without it the tunnel fragments what does not fit, and nobody is told.
 *
 * @param mssClamp the largest MSS that TCP connections through the link may agree on, in either direction: 88 to 65535;
 *                 {@link #AUTO}: what fits a datagram with the tunnel as it is when they begin; 0: any
 * @param honorsDf whether an IPv4 packet with DF, or an IPv6 packet, that is too long for a datagram is dropped and its
 *                 sender told by ICMP
 */
public record Fit(int mssClamp, boolean honorsDf) {
    public static final int AUTO = -1;
    /** Nothing. */
    public static final Fit NONE = new Fit(0, false);

    public Fit {
        if (mssClamp != 0 && mssClamp != AUTO && (mssClamp < 88 || mssClamp > 65_535)) {
            throw new IllegalArgumentException("mssClamp: " + mssClamp + ": 0, -1, or 88 to 65535");
        }
    }
}
