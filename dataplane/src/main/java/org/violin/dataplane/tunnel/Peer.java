package org.violin.dataplane.tunnel;

import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * What those who send to a tunnel's peer need to know of it, while the tunnel is up. The worker that receives publishes
 * a new one when any of this changes. Immutable.
 *
 * @param remote        where it is
 * @param epoch         whose counters and keys its datagrams have
 * @param index         what its datagrams name
 * @param datagramBytes of UDP payload that a datagram to it may have before it is sealed
 * @param capabilities  what it can do: {@code TunnelCodec.CAPABILITY_...} bits
 */
record Peer(Endpoint remote, Epoch epoch, int index, int datagramBytes, int capabilities) {

    boolean is(Endpoint where, Epoch sentWith, int named, int bytes, int takes) {
        return remote == where && epoch == sentWith && index == named && datagramBytes == bytes
            && capabilities == takes;
    }

    boolean takesPartialChecksums() {
        return (capabilities & TunnelCodec.CAPABILITY_CHECKSUM) != 0;
    }

    boolean takesSuperFrames() {
        int needed = TunnelCodec.CAPABILITY_SUPER_FRAME | TunnelCodec.CAPABILITY_CHECKSUM;
        return (capabilities & needed) == needed;
    }

    boolean takesParity() {
        return (capabilities & TunnelCodec.CAPABILITY_PARITY) != 0;
    }
}
