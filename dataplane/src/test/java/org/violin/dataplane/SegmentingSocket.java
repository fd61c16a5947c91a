package org.violin.dataplane;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A UDP socket by its descriptor, for what Java's cannot do: many datagrams by one send (UDP_SEGMENT). */
final class SegmentingSocket {
    private static final int IPV4_ADDRESS = 4;
    private static final int IPV4_BYTES = 16;
    private static final int IPV6_ADDRESS = 8;
    private static final int IPV6_BYTES = 28;

    private SegmentingSocket() {
    }

    /** Opens a socket of the host that sends to {@code to}. */
    static int open(Namespace host, InetSocketAddress to) {
        boolean ipv6 = to.getAddress() instanceof Inet6Address;
        byte family = (byte) (ipv6 ? Libc.AF_INET6 : Libc.AF_INET);
        ByteBuffer address = ByteBuffer.allocate(ipv6 ? IPV6_BYTES : IPV4_BYTES);
        address.put(0, family).putShort(2, (short) to.getPort());
        address.put(ipv6 ? IPV6_ADDRESS : IPV4_ADDRESS, to.getAddress().getAddress());
        return host.in(() -> {
            int fd = Libc.socket(family, Libc.SOCK_DGRAM, 0);
            Libc.connect(fd, address.array(), address.capacity());
            return fd;
        });
    }
}
