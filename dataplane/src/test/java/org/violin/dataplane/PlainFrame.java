package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.violin.dataplane.wire.ReferenceFrame;

/** The plainest look at a frame without VLAN tags: what a network card that can do nothing is to be given. */
final class PlainFrame {
    private static final int NETWORK = 14;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86DD;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    private static final int CWR = 0x80;
    private static final int SYN = 0x02;
    private static final int ECT0 = 2;
    private static final int CE = 3;

    private final byte[] bytes;
    private final boolean isIpv4;
    private final boolean isIpv6;
    private final int transport;
    private final int protocol;

    PlainFrame(byte[] bytes) {
        this.bytes = bytes;
        isIpv4 = get(12) == IPV4;
        isIpv6 = get(12) == IPV6;
        transport = NETWORK + (isIpv6 ? 40 : isIpv4 ? (bytes[NETWORK] & 0xF) * 4 : 0);
        protocol = isIpv4 && (get(NETWORK + 6) & 0x3FFF) == 0 ? bytes[NETWORK + 9] : isIpv6 ? bytes[NETWORK + 6] : -1;
    }

    private int get(int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    /** Fails if the frame is longer than the MTU allows, or a length or a checksum in it is wrong. */
    void check(int mtu) {
        String frame = "frame of " + bytes.length + " bytes: " + HexFormat.of().formatHex(
            Arrays.copyOf(bytes, Math.min(bytes.length, 80)));
        assertThat(bytes.length).as(frame).isLessThanOrEqualTo(NETWORK + mtu);
        if (isIpv4) {
            assertThat(get(NETWORK + 2)).as("IPv4 length, " + frame).isEqualTo(bytes.length - NETWORK);
            assertThat(ReferenceFrame.sum(bytes, NETWORK, transport)).as("IPv4 checksum, " + frame).isEqualTo(0xFFFF);
        } else if (isIpv6) {
            assertThat(get(NETWORK + 4)).as("IPv6 length, " + frame).isEqualTo(bytes.length - transport);
        }
        boolean hasChecksum = protocol == TCP || protocol == UDP && get(transport + 6) != 0 || protocol == ICMPV6;
        if (hasChecksum) {
            byte[] summed = Arrays.copyOfRange(bytes, NETWORK + (isIpv6 ? 8 : 12), bytes.length + 4);
            if (!isIpv6) {
                System.arraycopy(bytes, transport, summed, 8, bytes.length - transport);
            }
            int end = (isIpv6 ? 32 : 8) + bytes.length - transport;
            summed = Arrays.copyOf(summed, end + end % 2 + 4);
            int length = bytes.length - transport;
            summed[summed.length - 4] = (byte) (length >>> 8);
            summed[summed.length - 3] = (byte) length;
            summed[summed.length - 1] = (byte) protocol;
            Arrays.fill(summed, end, summed.length - 4, (byte) 0);
            assertThat(ReferenceFrame.sum(summed, 0, summed.length)).as("checksum, " + frame).isEqualTo(0xFFFF);
        }
    }

    /** Marks a packet that may be marked as having met congestion (RFC 3168); returns whether it may. */
    boolean markCongestion() {
        if (isIpv4 && (bytes[NETWORK + 1] & CE) == ECT0) {
            bytes[NETWORK + 1] |= CE;
            bytes[NETWORK + 10] = 0;
            bytes[NETWORK + 11] = 0;
            int checksum = ~ReferenceFrame.sum(bytes, NETWORK, transport);
            bytes[NETWORK + 10] = (byte) (checksum >>> 8);
            bytes[NETWORK + 11] = (byte) checksum;
            return true;
        }
        if (isIpv6 && (bytes[NETWORK + 1] >>> 4 & CE) == ECT0) {
            bytes[NETWORK + 1] |= CE << 4;
            return true;
        }
        return false;
    }

    /** Whether it is a segment by which a sender says that it has reduced its window. */
    boolean saysCongestionWindowReduced() {
        return protocol == TCP && (bytes[transport + 13] & (CWR | SYN)) == CWR;
    }
}
