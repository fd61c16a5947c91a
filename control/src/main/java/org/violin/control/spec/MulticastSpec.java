package org.violin.control.spec;

/**
 * What a switch does with IP multicast. The bounds are the dataplane's.
 *
 * @param snooping             whether it reads who has joined which groups, and sends a group's frames to these alone
 *                             while a querier is known; else the rest means nothing
 * @param querier              whether it is one itself
 * @param queryIntervalSeconds how often the querier asks, be it this switch or another that does not say
 * @param dropsUnknown         whether frames to groups that nobody has joined are dropped instead of flooded
 */
public record MulticastSpec(boolean snooping, boolean querier, int queryIntervalSeconds, boolean dropsUnknown) {
    /** It floods until a querier comes. */
    public static final MulticastSpec DEFAULT = new MulticastSpec(true, false, 125, false);
}
