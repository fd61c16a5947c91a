package org.violin.dataplane.bridge;

import org.violin.dataplane.wire.GroupMessage;
import org.violin.dataplane.wire.GroupQuery;

/**
 * Who asks for memberships of one family, IGMP's or MLD's: of all queriers the one with the lowest address (RFC 2236,
 * 3; RFC 3810, 7.6.2), perhaps this switch. Who asks without an address, as a switch does in IPv4, yields to all who
 * have one (RFC 4541, 2.1.1), and to others without one whose MAC address is lower.
 *
 * <p>Without a querier memberships would age while their stations, which nobody asks, keep silent. So the switch
 * restricts frames to members only while one is known, and, where it appears, only from the end of its first question's
 * answers on.
 *
 * <p>Any worker hears queries; two that do so at once settle it with the next query. One worker asks.
 */
final class Querier {
    /** In front of a MAC address, in place of an address: above all of them. */
    private static final long NO_ADDRESS = -1;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long MILLI_NS = 1_000_000;

    /** Another one, at a port. {@code high} and {@code low}: its place in the election. */
    record Other(long high, long low, int port, int version) {
        private boolean is(long itsHigh, long itsLow, int itsPort, int itsVersion) {
            return high == itsHigh && low == itsLow && port == itsPort && version == itsVersion;
        }
    }

    private final Snooping config;
    private final long ownHigh;
    private final long ownLow;
    private volatile Other other;
    private volatile long otherHeardNs;
    private volatile long otherUntilNs;
    private volatile long otherIntervalNs;
    private volatile long otherResponseNs;
    /** From when on all members have had the time to answer. */
    private volatile long activeFromNs;
    private volatile boolean restricts;
    /** The rest: by the worker that asks. */
    private volatile long askedNs;
    private long nextQuestionNs;
    private boolean isStarting = true;

    Querier(Snooping config, boolean isIpv6, long nowNs) {
        this.config = config;
        ownHigh = isIpv6 ? GroupQuery.linkLocalHigh() : NO_ADDRESS;
        ownLow = isIpv6 ? GroupQuery.linkLocalLow(config.mac()) : config.mac();
        otherUntilNs = nowNs;
        activeFromNs = nowNs + config.responseMillis() * MILLI_NS;
        askedNs = nowNs;
        nextQuestionNs = nowNs;
    }

    /** A general query came in by a port. Any worker. */
    void onQuery(GroupMessage query, long mac, int port, long nowNs) {
        boolean hasAddress = (query.sourceHigh() | query.sourceLow()) != 0;
        long high = hasAddress ? query.sourceHigh() : NO_ADDRESS;
        long low = hasAddress ? query.sourceLow() : mac;
        Other before = other(nowNs);
        boolean yields = config.asks() && !isLower(high, low, ownHigh, ownLow)
            || before != null && isLower(before.high, before.low, high, low);
        if (yields) {
            return;
        }
        boolean wasKnown = isKnown(nowNs);
        if (before == null || !before.is(high, low, port, query.version())) {
            other = new Other(high, low, port, query.version());
        }
        otherIntervalNs = SECOND_NS
            * Math.clamp(query.intervalSeconds(), config.intervalSeconds(), Snooping.INTERVAL_MAX_SECONDS);
        otherResponseNs = Math.min(query.responseMillis() * MILLI_NS, otherIntervalNs);
        otherHeardNs = nowNs;
        otherUntilNs = nowNs + GroupQuery.ROBUSTNESS * otherIntervalNs + otherResponseNs / 2;
        if (!wasKnown) {
            activeFromNs = nowNs + otherResponseNs;
        }
    }

    private static boolean isLower(long high, long low, long thanHigh, long thanLow) {
        int order = Long.compareUnsigned(high, thanHigh);
        return order < 0 || order == 0 && Long.compareUnsigned(low, thanLow) < 0;
    }

    /** The querier, if it is another one; else null. */
    Other other(long nowNs) {
        return otherUntilNs - nowNs > 0 ? other : null;
    }

    /** Whether this switch is the querier. */
    boolean asks(long nowNs) {
        return config.asks() && other(nowNs) == null;
    }

    boolean isKnown(long nowNs) {
        return config.asks() || other(nowNs) != null;
    }

    /** Whether frames go to members alone. */
    boolean restricts() {
        return restricts;
    }

    /** How long a report is good for (RFC 3376, 8.4), and a router's word that it is there. */
    long membershipNs(long nowNs) {
        boolean isOther = other(nowNs) != null;
        long intervalNs = isOther ? otherIntervalNs : config.intervalSeconds() * SECOND_NS;
        long responseNs = isOther ? otherResponseNs : config.responseMillis() * MILLI_NS;
        return GroupQuery.ROBUSTNESS * intervalNs + responseNs;
    }

    /** When it was asked last. */
    long askedNs(long nowNs) {
        return asks(nowNs) ? askedNs : otherHeardNs;
    }

    /** The worker that asks: sees to what time has brought about. True when a question is due. */
    boolean onTick(long nowNs) {
        restricts = isKnown(nowNs) && nowNs - activeFromNs >= 0;
        if (!asks(nowNs)) {
            isStarting = true;
            nextQuestionNs = nowNs;
            return false;
        }
        return nowNs - nextQuestionNs >= 0;
    }

    /** The worker that asks: it has. The second question follows sooner than the others (RFC 3376, 8.6). */
    void onAsked(long nowNs) {
        long intervalNs = config.intervalSeconds() * SECOND_NS;
        askedNs = nowNs;
        nextQuestionNs = nowNs + (isStarting ? intervalNs / 4 : intervalNs);
        isStarting = false;
    }
}
