package org.violin.dataplane;

/**
 * What a tunnel knows of its path, from the traffic there is and a hello a second.
 *
 * @param rttMinMicros   the shortest round trip of the last minute in microseconds; -1: none yet, as for all of them
 * @param rttP50Micros   the median
 * @param rttP99Micros   what one of a hundred exceeds
 * @param jitterMicros   the mean difference of one to the next
 * @param lossThere      the part of this side's datagrams that does not arrive, 0 to 1, in the last seconds; NaN: too
 *                       few were sent to tell
 * @param lossBack       the same of the peer's
 * @param burstThere     how many are lost in a row, on average; 1 or more
 * @param reorderedThere of this side's datagrams that arrive, the part that others have overtaken, 0 to 1, in the last
 *                       seconds; NaN: too few were sent, or by several workers, which do not keep to one order
 * @param reorderedBack  the same of the peer's
 * @param bitsThere      what this side sends, in bits of UDP payload a second, parity too, in the last seconds
 * @param bitsBack       the same of what comes from the peer
 * @param fec            the forward error correction in force, such as {@code 10+3x4}; empty: none
 */
public record PathStatus(long rttMinMicros, long rttP50Micros, long rttP99Micros, long jitterMicros, double lossThere,
    double lossBack, double burstThere, double reorderedThere, double reorderedBack, long bitsThere, long bitsBack,
    String fec) {
}
