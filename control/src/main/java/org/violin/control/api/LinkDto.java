package org.violin.control.api;

import java.util.Map;
import org.violin.control.spec.LineSpec;

/**
 * This host's end of a virtual cable: its port's counters beside the state of the tunnel that carries it.
 *
 * @param name       as in the topology's plan, the same at both ends
 * @param bridge     the switch or patch it is plugged into here
 * @param peer       the peer's name in the topology
 * @param remote     {@code address:port} of the peer
 * @param linkId     as on the wire, unsigned
 * @param up         frames can pass
 * @param tunnel     {@code connecting}, {@code up} or {@code lost}
 * @param pathMtu    of the tunnel, bytes
 * @param rttMicros  of the tunnel's last hello; -1: none yet
 * @param rxFrames   frames that came from the peer
 * @param txFrames   frames that went to it
 * @param drops      frames dropped at this link's port by reason
 * @param impairment what becomes of the frames that leave here for the peer; null: nothing
 */
public record LinkDto(
    String network, String name, String bridge, String peer, String remote, long linkId, boolean up,
    String tunnel, int pathMtu, long rttMicros,
    long rxFrames, long rxBytes, long txFrames, long txBytes, Map<String, Long> drops,
    LineSpec impairment) {
}
