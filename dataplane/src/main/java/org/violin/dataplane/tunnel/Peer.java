package org.violin.dataplane.tunnel;

import org.violin.dataplane.wire.TunnelCodec;

/**
 * What those who send to a tunnel's peer need to know of it, while the tunnel is up. The worker that receives publishes
 * a new one when any of this changes. Immutable.
 *
 * @param epoch         whose counters and keys its datagrams have
 * @param index         what its datagrams name
 * @param datagramBytes of UDP payload that a datagram to it may have before it is sealed
 * @param capabilities  what it can receive: {@code TunnelCodec.CAPABILITY_...} bits
 */
record Peer(Epoch epoch, int index, int datagramBytes, int capabilities) {

    boolean takesPartialChecksums() {
        return (capabilities & TunnelCodec.CAPABILITY_CHECKSUM) != 0;
    }

    boolean takesParity() {
        return (capabilities & TunnelCodec.CAPABILITY_PARITY) != 0;
    }
}
