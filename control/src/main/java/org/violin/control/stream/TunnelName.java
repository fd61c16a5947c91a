package org.violin.control.stream;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What both ends call the tunnel that a connection is for (docs/transports.md, Name): 16 bytes.
 *
 * @param high the first eight of them
 * @param low  the others
 */
public record TunnelName(long high, long low) {
    /** Of a tunnel whose ends have one only. */
    public static final TunnelName ONLY = new TunnelName(0, 0);

    static final int BYTES = 16;

    /** Of the tunnel between two addresses, as both hosts know them; whichever comes first. */
    public static TunnelName between(InetSocketAddress one, InetSocketAddress other) {
        byte[] first = bytes(one);
        byte[] second = bytes(other);
        boolean sorted = Arrays.compareUnsigned(first, second) <= 0;
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(sorted ? first : second);
            return of(ByteBuffer.wrap(hash.digest(sorted ? second : first)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    private static byte[] bytes(InetSocketAddress address) {
        byte[] ip = address.getAddress().getAddress();
        return ByteBuffer.allocate(ip.length + Short.BYTES).put(ip).putShort((short) address.getPort()).array();
    }

    static TunnelName of(ByteBuffer bytes) {
        return new TunnelName(bytes.getLong(), bytes.getLong());
    }

    /** With which a shared key gives the tunnel a key of its own (docs/tunnel-protocol.md, Keys of many tunnels). */
    public String keyLabel() {
        return "violin tunnel " + HexFormat.of().formatHex(bytes());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }
}
