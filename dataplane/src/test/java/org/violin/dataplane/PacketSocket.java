package org.violin.dataplane;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.wire.OffloadCheck;

/** Sends frames through a device and receives those that come in by it, as a guest's own network stack would. */
final class PacketSocket implements AutoCloseable {
    static final int ETH_P_ALL = 3;
    private static final int ADDRESS_BYTES = 20;

    private final int fd;
    private final byte[] buffer = new byte[1 << 17];

    /**
     * @param etherType     of the frames to be received
     * @param withVirtioNet whether a virtio-net header of 10 bytes stands in front of each frame, both ways
     */
    PacketSocket(Namespace host, String device, int etherType, boolean withVirtioNet) {
        fd = host.in(() -> {
            int protocol = Short.reverseBytes((short) etherType) & 0xFFFF;
            int socket = Libc.socket(Libc.AF_PACKET, Libc.SOCK_RAW, 0);
            if (withVirtioNet) {
                Libc.setOption(socket, Libc.SOL_PACKET, Libc.PACKET_VNET_HDR, 1);
            }
            ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) Libc.AF_PACKET).putShort((short) protocol).putInt(Libc.if_nametoindex(device));
            Libc.bind(socket, address.array(), ADDRESS_BYTES);
            return socket;
        });
    }

    /** A frame behind the virtio-net header that says the same of it as the {@code Offload} word. */
    static byte[] withHeader(byte[] frame, long offload, int headerBytes) {
        byte[] bytes = new byte[OffloadCheck.HEADER_BYTES + frame.length];
        System.arraycopy(frame, 0, bytes, OffloadCheck.HEADER_BYTES, frame.length);
        OffloadCheck.writeHeader(new UnsafeBuffer(bytes), 0, offload, headerBytes);
        return bytes;
    }

    /** @throws LastErrorException when the kernel does not take it */
    void send(byte[] frame) {
        Libc.send(fd, frame, frame.length, 0);
    }

    /** Sends a frame that the kernel may refuse; returns whether it took it. */
    boolean offer(byte[] frame) {
        try {
            send(frame);
            return true;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** The next frame; null when none came in {@code timeout}. */
    byte[] receive(Duration timeout) {
        return Libc.isReadable(fd, (int) timeout.toMillis())
            ? Arrays.copyOf(buffer, (int) Libc.recv(fd, buffer, buffer.length, 0)) : null;
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
