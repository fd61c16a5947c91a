package org.violin.control.api;

import org.violin.dataplane.PathStatus;

/**
 * What a tunnel knows of its path, as {@link PathStatus} has it.
 *
 * @param lossThere      the part of this side's datagrams that does not arrive, 0 to 1; null: too few were sent to tell
 * @param lossBack       the same of the peer's
 * @param reorderedThere of this side's that arrive, the part that others have overtaken, 0 to 1; null: nobody can tell
 * @param reorderedBack  the same of the peer's
 * @param bitsThere      what this side sends, in bits a second
 * @param bitsBack       the same of what comes from the peer
 */
public record PathDto(long rttMinMicros, long rttP50Micros, long rttP99Micros, long jitterMicros, Double lossThere,
    Double lossBack, double burstThere, Double reorderedThere, Double reorderedBack, long bitsThere, long bitsBack,
    String fec) {

    static PathDto of(PathStatus path) {
        return new PathDto(path.rttMinMicros(), path.rttP50Micros(), path.rttP99Micros(), path.jitterMicros(),
            known(path.lossThere()), known(path.lossBack()), path.burstThere(), known(path.reorderedThere()),
            known(path.reorderedBack()), path.bitsThere(), path.bitsBack(), path.fec());
    }

    private static Double known(double part) {
        return Double.isNaN(part) ? null : part;
    }
}
