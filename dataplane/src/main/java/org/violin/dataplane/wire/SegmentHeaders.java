package org.violin.dataplane.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The headers that all segments of a super-frame share, and what each has of its own: {@link #set} makes them those of
 * one segment, or of the super-frame. They are kept in an array, as single fields are written there at a fraction of
 * what a buffer of unknown kind takes. Of one thread; allocates nothing.
 */
public final class SegmentHeaders {
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;
    private static final VarHandle UINT16 = MethodHandles.byteArrayViewVarHandle(short[].class, ORDER);
    private static final VarHandle INT32 = MethodHandles.byteArrayViewVarHandle(int[].class, ORDER);

    private final byte[] bytes = new byte[Layers.MAX_HEADER_BYTES];
    private int headerBytes;
    private int network;
    private int transport;
    private boolean isIpv6;
    private boolean isUdp;
    private int pseudoHeaderSum;
    private int ipv4HeaderSum;

    /** Copies the headers of a frame that {@link Layers} has understood. */
    void wrap(DirectBuffer storage, int offset, long layers) {
        headerBytes = Layers.headerBytes(layers);
        network = Layers.network(layers);
        transport = Layers.transport(layers);
        isIpv6 = Layers.isIpv6(layers);
        isUdp = Layers.isUdp(layers);
        storage.getBytes(offset, bytes, 0, headerBytes);
        pseudoHeaderSum = Layers.pseudoHeaderSum(storage, offset, layers);
        ipv4HeaderSum = isIpv6 ? 0 : Layers.ipv4HeaderSum(storage, offset, layers);
    }

    /**
     * Makes the headers those of a frame: its lengths, its IPv4 checksum and its partial checksum follow.
     *
     * @param id       the IPv4 identification, 16 bits; of no use for IPv6
     * @param sequence TCP's sequence number; of no use for UDP, nor are the flags
     */
    void set(int payloadBytes, int id, int sequence, int flags) {
        int ipBytes = headerBytes - network + payloadBytes;
        if (isIpv6) {
            putUint16(network + Layers.IPV6_PAYLOAD_LENGTH, ipBytes - Layers.IPV6_HEADER_BYTES);
        } else {
            putUint16(network + Layers.IPV4_TOTAL_LENGTH, ipBytes);
            putUint16(network + Layers.IPV4_ID, id);
            putUint16(network + Layers.IPV4_CHECKSUM, ~Checksum.fold(ipv4HeaderSum + ipBytes + id));
        }
        int transportBytes = headerBytes - transport + payloadBytes;
        int partialChecksum = Checksum.fold(pseudoHeaderSum + transportBytes);
        if (isUdp) {
            putUint16(transport + Layers.UDP_LENGTH, transportBytes);
            putUint16(transport + Layers.UDP_CHECKSUM, partialChecksum);
        } else {
            INT32.set(bytes, transport + Layers.TCP_SEQUENCE, sequence);
            bytes[transport + Layers.TCP_FLAGS] = (byte) flags;
            putUint16(transport + Layers.TCP_CHECKSUM, partialChecksum);
        }
    }

    private void putUint16(int index, int value) {
        UINT16.set(bytes, index, (short) value);
    }

    void write(MutableDirectBuffer target, int targetOffset) {
        target.putBytes(targetOffset, bytes, 0, headerBytes);
    }

    /** @param other as long as these at least */
    boolean equal(byte[] other) {
        return Arrays.equals(bytes, 0, headerBytes, other, 0, headerBytes);
    }

    int headerBytes() {
        return headerBytes;
    }

    /** Bytes of the IP packet before TCP's or UDP's payload. */
    int ipHeaderBytes() {
        return headerBytes - network;
    }

    /** Where the IP header begins, from Ethernet's. */
    public int network() {
        return network;
    }

    /** Where TCP's or UDP's header begins, from Ethernet's. */
    public int transport() {
        return transport;
    }

    public boolean isIpv6() {
        return isIpv6;
    }

    public boolean isUdp() {
        return isUdp;
    }

    /** The sum of the IPv4 header's words but those of one segment: total length, identification and checksum. */
    public int ipv4HeaderSum() {
        return ipv4HeaderSum;
    }

    /** The sum of the pseudo header's words but the length. */
    public int pseudoHeaderSum() {
        return pseudoHeaderSum;
    }

    /** The IPv4 identification; 0 for IPv6. */
    int id() {
        return id(bytes);
    }

    /** The same in other headers of the same layout. */
    int id(byte[] headers) {
        return isIpv6 ? 0 : (short) UINT16.get(headers, network + Layers.IPV4_ID) & 0xFFFF;
    }

    boolean isIpv4WithDf() {
        return !isIpv6 && ((short) UINT16.get(bytes, network + Layers.IPV4_FRAGMENT) & Layers.IPV4_DF) != 0;
    }

    /** TCP's sequence number; 0 for UDP. */
    int sequence() {
        return isUdp ? 0 : (int) INT32.get(bytes, transport + Layers.TCP_SEQUENCE);
    }

    /** TCP's flags; 0 for UDP. */
    int flags() {
        return flags(bytes);
    }

    /** The same in other headers of the same layout. */
    int flags(byte[] headers) {
        return isUdp ? 0 : headers[transport + Layers.TCP_FLAGS] & 0xFF;
    }
}
