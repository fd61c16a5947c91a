package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.wire.TunnelCodec;

/** A tunnel's peer that knows the specification of the protocol alone: a socket, and the JDK's cipher. */
final class SealedPeer implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    static final int LINK = 7;
    private static final int UP = 2;
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    TestKeys keys;
    private final byte[] incoming = new byte[1 << 16];
    private DatagramSocket socket = open();
    private InetSocketAddress dataplane;
    private long counter;

    SealedPeer(SplittableRandom random) throws IOException {
        keys = TestKeys.draw(random, SealCipher.AES_256_GCM);
    }

    static DatagramSocket open() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    void connect(int port) {
        dataplane = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Goes to another address; the socket of the last one is returned, open. */
    DatagramSocket moveTo(DatagramSocket next) {
        DatagramSocket last = socket;
        socket = next;
        return last;
    }

    /** The next datagram, opened. */
    UnsafeBuffer receive() throws IOException, GeneralSecurityException {
        UnsafeBuffer datagram = receive(PATIENCE);
        assertThat(datagram).as("a datagram within %s", PATIENCE).isNotNull();
        return datagram;
    }

    /** The same; null if none comes in time. */
    UnsafeBuffer receive(Duration patience) throws IOException, GeneralSecurityException {
        byte[] sealed = receiveAsIs(patience);
        if (sealed == null) {
            return null;
        }
        byte[] opened = PlainCipher.open(Aead.Cipher.AES_256_GCM, keys.second().receiveKey(), sealed);
        UnsafeBuffer datagram = new UnsafeBuffer(opened);
        assertThat(TunnelCodec.check(datagram, 0, opened.length)).isNull();
        assertThat(TunnelCodec.receiverIndex(datagram, 0)).isEqualTo(keys.second().localIndex());
        return datagram;
    }

    byte[] receiveAsIs(Duration patience) throws IOException {
        socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
        DatagramPacket packet = new DatagramPacket(incoming, incoming.length);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return null;
        }
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** The frame of the next datagram that has one. */
    byte[] receiveFrame() throws IOException, GeneralSecurityException {
        UnsafeBuffer datagram = receive();
        while (TunnelCodec.type(datagram, 0) != TunnelCodec.TYPE_DATA) {
            datagram = receive();
        }
        byte[] frame = new byte[datagram.capacity() - TunnelCodec.HEADER_BYTES - TunnelCodec.RECORD_HEADER_BYTES];
        datagram.getBytes(TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES, frame);
        return frame;
    }

    /** The next hello that asks to be answered at once, of {@code bytes} or less. */
    UnsafeBuffer receiveProbe(int bytes) throws IOException, GeneralSecurityException {
        UnsafeBuffer datagram = receive();
        while (!isProbe(datagram) || datagram.capacity() > bytes) {
            datagram = receive();
        }
        return datagram;
    }

    static boolean isProbe(UnsafeBuffer datagram) {
        return TunnelCodec.type(datagram, 0) == TunnelCodec.TYPE_HELLO
            && (datagram.getByte(TunnelCodec.HELLO_PARTS) & TunnelCodec.HELLO_ASKS) != 0;
    }

    /** A hello that echoes another; null: none. */
    byte[] hello(UnsafeBuffer echoed) {
        UnsafeBuffer hello = new UnsafeBuffer(new byte[TunnelCodec.HELLO_BYTES]);
        TunnelCodec.writeHeader(hello, 0, TunnelCodec.TYPE_HELLO, keys.second().remoteIndex(), counter++);
        hello.putInt(TunnelCodec.HELLO_SENDER_INDEX, keys.second().localIndex(), ORDER);
        hello.putByte(TunnelCodec.HELLO_STATE, (byte) UP);
        hello.putShort(TunnelCodec.HELLO_RECEIVE_LIMIT, (short) 1472, ORDER);
        hello.putLong(TunnelCodec.HELLO_TIMESTAMP, 1, ORDER);
        hello.putInt(TunnelCodec.HELLO_CAPABILITIES, TunnelCodec.CAPABILITY_PARITY, ORDER);
        hello.putLong(TunnelCodec.HELLO_ECHO, echoed == null ? 0
            : echoed.getLong(TunnelCodec.HELLO_TIMESTAMP, ORDER), ORDER);
        return hello.byteArray();
    }

    byte[] data(byte[] frame) {
        int body = TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES;
        UnsafeBuffer data = new UnsafeBuffer(new byte[body + frame.length]);
        TunnelCodec.writeHeader(data, 0, TunnelCodec.TYPE_DATA, keys.second().remoteIndex(), counter++);
        TunnelCodec.writeFrameRecord(data, TunnelCodec.HEADER_BYTES, LINK, frame.length, Offload.NONE);
        data.putBytes(body, frame);
        return data.byteArray();
    }

    byte[] sealed(byte[] datagram) throws GeneralSecurityException {
        return PlainCipher.seal(Aead.Cipher.AES_256_GCM, keys.second().sendKey(), datagram);
    }

    void send(byte[] datagram) throws IOException, GeneralSecurityException {
        sendAsIs(sealed(datagram));
    }

    void sendAsIs(byte[] datagram) throws IOException {
        sendAsIs(socket, datagram);
    }

    void sendAsIs(DatagramSocket from, byte[] datagram) throws IOException {
        from.send(new DatagramPacket(datagram, datagram.length, dataplane));
    }

    @Override
    public void close() {
        socket.close();
    }
}
