package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;

/**
 * VXLAN's header (RFC 7348, section 5), big-endian:
 *
 * <pre>
 *     0                   1                   2                   3
 *     |R|R|R|R|I|R|R|R|                 reserved                      |
 *     |                VXLAN network identifier       |   reserved    |
 * </pre>
 *
 * I is set; what is reserved is sent as zero and not looked at. A peer may send from any port, best from one that is a
 * hash of the flow's, so that routers spread flows.
 */
public final class VxlanHeader implements Encapsulation {
    public static final int HEADER_BYTES = 8;

    private static final long FLAG_IDENTIFIER = 0x08L << 56;
    private static final int IDENTIFIER_SHIFT = 8;
    private static final long IDENTIFIER = 0xFF_FFFFL << IDENTIFIER_SHIFT;

    private final int identifier;
    private final long header;

    /** @param identifier of the network, 24 bits */
    public VxlanHeader(int identifier) {
        this.identifier = identifier;
        header = FLAG_IDENTIFIER | (long) identifier << IDENTIFIER_SHIFT;
    }

    @Override
    public String kind() {
        return "vxlan";
    }

    @Override
    public String detail() {
        return "VNI " + identifier;
    }

    @Override
    public boolean isFromOnePort() {
        return false;
    }

    @Override
    public int receivedBytes() {
        return HEADER_BYTES;
    }

    @Override
    public int sentBytes() {
        return HEADER_BYTES;
    }

    @Override
    public void write(MutableDirectBuffer buffer, int offset) {
        buffer.putLong(offset, header, ByteOrder.BIG_ENDIAN);
    }

    @Override
    public DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < HEADER_BYTES) {
            return DropReason.DATAGRAM_SHORT;
        }
        long found = buffer.getLong(offset, ByteOrder.BIG_ENDIAN);
        if ((found & FLAG_IDENTIFIER) == 0) {
            return DropReason.BAD_ENCAPSULATION;
        }
        if ((found & IDENTIFIER) != (header & IDENTIFIER)) {
            return DropReason.OTHER_SESSION;
        }
        return length - HEADER_BYTES < Ethernet.HEADER_BYTES ? DropReason.RUNT : null;
    }
}
