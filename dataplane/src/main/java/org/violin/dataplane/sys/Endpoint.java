package org.violin.dataplane.sys;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;

/**
 * A UDP endpoint in the form that the native side uses, so that sending copies three words and comparing a source
 * reads three. IPv4 addresses are v4-mapped (RFC 4291, section 2.5.5.2). Immutable.
 */
public final class Endpoint {
    private static final byte[] V4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

    private final InetSocketAddress address;
    private final long word0;
    private final long word1;
    private final long word2;

    private Endpoint(InetSocketAddress address, ByteBuffer image) {
        this.address = address;
        this.word0 = image.getLong(0);
        this.word1 = image.getLong(Long.BYTES);
        this.word2 = image.getLong(2 * Long.BYTES);
    }

    /** The endpoint of a resolved address. */
    public static Endpoint of(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(address.getHostString() + " does not resolve");
        }
        ByteBuffer image = ByteBuffer.allocate(Layout.ENDPOINT_BYTES).order(ByteOrder.nativeOrder());
        InetAddress ip = address.getAddress();
        if (ip instanceof Inet4Address) {
            image.put(V4_MAPPED);
        }
        image.put(ip.getAddress());
        image.putShort(Layout.ENDPOINT_PORT, (short) address.getPort());
        image.putInt(Layout.ENDPOINT_SCOPE, ip instanceof Inet6Address v6 ? v6.getScopeId() : 0);
        return new Endpoint(address, image);
    }

    /** The endpoint whose image is in native memory. */
    static Endpoint at(MutableDirectBuffer buffer, int offset) {
        ByteBuffer image = ByteBuffer.allocate(Layout.ENDPOINT_BYTES).order(ByteOrder.nativeOrder());
        buffer.getBytes(offset, image, 0, Layout.ENDPOINT_BYTES);
        byte[] octets = Arrays.copyOf(image.array(), Layout.ENDPOINT_PORT);
        int port = image.getShort(Layout.ENDPOINT_PORT) & 0xFFFF;
        try {
            boolean v4 = Arrays.equals(octets, 0, V4_MAPPED.length, V4_MAPPED, 0, V4_MAPPED.length);
            InetAddress ip = v4 ? InetAddress.getByAddress(Arrays.copyOfRange(octets, V4_MAPPED.length, octets.length))
                : Inet6Address.getByAddress(null, octets, image.getInt(Layout.ENDPOINT_SCOPE));
            return new Endpoint(new InetSocketAddress(ip, port), image);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    public InetSocketAddress address() {
        return address;
    }

    /** Bytes of IP and UDP header in front of a datagram to this endpoint. */
    public int headerBytes() {
        return address.getAddress() instanceof Inet4Address ? 28 : 48;
    }

    void put(MutableDirectBuffer buffer, int offset) {
        buffer.putLong(offset, word0);
        buffer.putLong(offset + Long.BYTES, word1);
        buffer.putLong(offset + 2 * Long.BYTES, word2);
    }

    boolean isAt(MutableDirectBuffer buffer, int offset) {
        return buffer.getLong(offset) == word0
            && buffer.getLong(offset + Long.BYTES) == word1
            && buffer.getLong(offset + 2 * Long.BYTES) == word2;
    }

    /** The same whatever the port. */
    boolean isHostAt(MutableDirectBuffer buffer, int offset) {
        return buffer.getLong(offset) == word0 && buffer.getLong(offset + Long.BYTES) == word1;
    }

    /**
     * Which of the sockets that share an address takes the datagrams of this peer, as the filter in the kernel
     * computes it (violin_udp_steer).
     */
    public int worker(int workers) {
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress().getAddress());
        int word = octets.capacity() == Integer.BYTES ? address.getPort() : 0;
        while (octets.hasRemaining()) {
            word ^= octets.getInt();
        }
        return (word * 0x9E37_79B1 >>> 16) % workers;
    }

    /** The same of datagrams that name a session: its index alone, so that they keep their worker when they roam. */
    public static int worker(int sessionIndex, int workers) {
        return Integer.remainderUnsigned(sessionIndex, workers);
    }

    /** A key for hash maps; unequal endpoints may share one. */
    public long key() {
        return key(word0, word1, word2);
    }

    static long keyAt(MutableDirectBuffer buffer, int offset) {
        return key(buffer.getLong(offset), buffer.getLong(offset + Long.BYTES), buffer.getLong(offset + 16));
    }

    private static long key(long word0, long word1, long word2) {
        long hash = (word0 * 31 + word1) * 31 + word2;
        return hash * 0x9E3779B97F4A7C15L;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint that && word0 == that.word0 && word1 == that.word1 && word2 == that.word2;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(key());
    }

    @Override
    public String toString() {
        InetAddress ip = address.getAddress();
        String host = ip.getHostAddress();
        return (ip instanceof Inet4Address ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
