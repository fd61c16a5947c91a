package org.violin.control.api;

import org.violin.dataplane.PathStatus;

/**
 * What a tunnel knows of its path, as {@link PathStatus} has it.
 *
 * @param lossThere the part of this side's datagrams that does not arrive, 0 to 1; null: too few were sent to tell
 * @param lossBack  the same of the peer's
 */
public record PathDto(long rttMinMicros, long rttP50Micros, long rttP99Micros, long jitterMicros, Double lossThere,
    Double lossBack, double burstThere, String fec) {

    static PathDto of(PathStatus path) {
        return new PathDto(path.rttMinMicros(), path.rttP50Micros(), path.rttP99Micros(), path.jitterMicros(),
            known(path.lossThere()), known(path.lossBack()), path.burstThere(), path.fec());
    }

    private static Double known(double part) {
        return Double.isNaN(part) ? null : part;
    }
}
