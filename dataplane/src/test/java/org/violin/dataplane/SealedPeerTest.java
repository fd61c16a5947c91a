package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.wire.TunnelCodec;

/** A dataplane whose peer is the test: a socket, and the JDK's cipher, by the protocol's specification alone. */
class SealedPeerTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int TIMEOUT_MS = 10_000;
    private static final int LINK = 7;
    private static final int UP = 2;
    private static final int HANDSHAKES_KEPT = 64;
    /** As many as the socket's buffer holds. */
    private static final int FLOOD = 200;
    /** Datagrams that the socket's buffer holds. */
    private static final int WINDOW = 50;
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private final SplittableRandom random = Seeds.random("SealedPeerTest");
    private final TestKeys keys = TestKeys.draw(random, SealCipher.AES_256_GCM);
    private final byte[] incoming = new byte[2000];
    private long counter;

    @TempDir
    private Path directory;
    private DatagramSocket socket;
    private Dataplane dataplane;
    private TestGuest guest;

    @BeforeEach
    void open() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        socket = new DatagramSocket(new InetSocketAddress(loopback, 0));
        socket.setSoTimeout(TIMEOUT_MS);
        dataplane = Dataplane.launch(DataplaneConfig.of("sealed", new InetSocketAddress(loopback, 0)));
        dataplane.addPatch("patch");
        dataplane.openTunnel(TunnelConfig.sealed("peer", new InetSocketAddress(loopback, socket.getLocalPort()), 1500));
        dataplane.openLink(new LinkConfig("link", "peer", LINK), "patch");
        dataplane.openUnix(new UnixPortConfig("guest", directory.resolve("guest")), "patch");
        socket.connect(new InetSocketAddress(loopback, dataplane.localPort()));
        guest = new TestGuest(directory.resolve("guest"));
        FastPath.await("the guest", () -> FastPath.port(dataplane, "guest").up());
    }

    @AfterEach
    void close() {
        guest.close();
        dataplane.close();
        dataplane.terminated().join();
        socket.close();
    }

    private void comeUp() throws Exception {
        dataplane.installKeys("peer", keys.first());
        assertThat(TunnelCodec.type(receive(), 0)).isEqualTo(TunnelCodec.TYPE_HELLO);
        send(hello());
        FastPath.await("the tunnel", () -> FastPath.tunnel(dataplane).state().equals("up"));
    }

    /** The next datagram but for later hellos, opened. */
    private UnsafeBuffer receive() throws IOException, GeneralSecurityException {
        DatagramPacket packet = new DatagramPacket(incoming, incoming.length);
        socket.receive(packet);
        byte[] sealed = Arrays.copyOf(packet.getData(), packet.getLength());
        byte[] opened = PlainCipher.open(Aead.Cipher.AES_256_GCM, keys.second().receiveKey(), sealed);
        UnsafeBuffer datagram = new UnsafeBuffer(opened);
        assertThat(TunnelCodec.check(datagram, 0, opened.length)).isNull();
        assertThat(TunnelCodec.receiverIndex(datagram, 0)).isEqualTo(keys.second().localIndex());
        return datagram;
    }

    private byte[] hello() {
        UnsafeBuffer hello = new UnsafeBuffer(new byte[TunnelCodec.HELLO_BYTES]);
        TunnelCodec.writeHeader(hello, 0, TunnelCodec.TYPE_HELLO, keys.second().remoteIndex(), counter++);
        hello.putInt(TunnelCodec.HELLO_SENDER_INDEX, keys.second().localIndex(), ORDER);
        hello.putByte(TunnelCodec.HELLO_STATE, (byte) UP);
        hello.putShort(TunnelCodec.HELLO_RECEIVE_LIMIT, (short) 1472, ORDER);
        hello.putLong(TunnelCodec.HELLO_TIMESTAMP, 1, ORDER);
        return hello.byteArray();
    }

    private byte[] data(byte[] frame) {
        int body = TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES;
        UnsafeBuffer data = new UnsafeBuffer(new byte[body + frame.length]);
        TunnelCodec.writeHeader(data, 0, TunnelCodec.TYPE_DATA, keys.second().remoteIndex(), counter++);
        TunnelCodec.writeFrameRecord(data, TunnelCodec.HEADER_BYTES, LINK, frame.length, Offload.NONE);
        data.putBytes(body, frame);
        return data.byteArray();
    }

    private byte[] sealed(byte[] datagram) throws GeneralSecurityException {
        return PlainCipher.seal(Aead.Cipher.AES_256_GCM, keys.second().sendKey(), datagram);
    }

    private void send(byte[] datagram) throws IOException, GeneralSecurityException {
        sendAsIs(sealed(datagram));
    }

    private void sendAsIs(byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length));
    }

    private byte[] frame() {
        byte[] frame = new byte[60 + random.nextInt(1300)];
        random.nextBytes(frame);
        return frame;
    }

    private long allDrops() {
        return FastPath.tunnel(dataplane).drops().values().stream().mapToLong(Long::longValue).sum();
    }

    private long drops(String reason) {
        return FastPath.tunnel(dataplane).drops().getOrDefault(reason, 0L);
    }

    @Test
    void framesGoBothWays() throws Exception {
        comeUp();
        byte[] there = frame();
        guest.send(there);
        UnsafeBuffer datagram = receive();
        while (TunnelCodec.type(datagram, 0) == TunnelCodec.TYPE_HELLO) {
            datagram = receive();
        }
        byte[] body = new byte[there.length];
        datagram.getBytes(TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES, body);
        assertThat(body).isEqualTo(there);
        byte[] back = frame();
        send(data(back));
        assertThat(guest.receive(DEADLINE)).isEqualTo(back);
    }

    @Test
    void whatSomebodyHasChangedIsRefusedWhereverItIs() throws Exception {
        comeUp();
        byte[] frame = frame();
        byte[] sealed = sealed(data(frame));
        List<byte[]> bad = new ArrayList<>();
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= (byte) (1 << random.nextInt(8));
            bad.add(changed);
        }
        for (int length = 1; length < sealed.length; length += 7) {
            bad.add(Arrays.copyOf(sealed, length));
        }
        for (int i = 0; i < bad.size(); i++) {
            sendAsIs(bad.get(i));
            if (i % WINDOW == 0 || i == bad.size() - 1) {
                // A flipped bit of the type can make it a handshake, for others to look at.
                long refused = i;
                FastPath.await("refusals", () -> allDrops() >= refused);
            }
        }
        assertThat(drops("not-authentic")).isGreaterThan(sealed.length / 2);
        sendAsIs(sealed);
        assertThat(guest.receive(DEADLINE)).as("the true one, unharmed by the others").isEqualTo(frame);
        assertThat(FastPath.port(dataplane, "link").rxFrames()).isEqualTo(1);
    }

    @Test
    void whatHasBeenIsNotAgain() throws Exception {
        comeUp();
        byte[] sealed = sealed(data(frame()));
        for (int i = 0; i < 100; i++) {
            sendAsIs(sealed);
        }
        FastPath.await("the repeats", () -> drops("replayed") == 99);
        assertThat(FastPath.port(dataplane, "link").rxFrames()).isEqualTo(1);
    }

    @Test
    void otherKeysOpenNothing() throws Exception {
        comeUp();
        byte[] other = new byte[SealCipher.KEY_BYTES];
        sendAsIs(PlainCipher.seal(Aead.Cipher.AES_256_GCM, other, data(frame())));
        FastPath.await("the refusal", () -> drops("not-authentic") == 1);
        sendAsIs(data(frame()));
        FastPath.await("the refusal of plaintext", () -> drops("not-authentic") == 2);
        assertThat(FastPath.port(dataplane, "link").rxFrames()).isZero();
    }

    @Test
    void handshakesGoToWhoAsksAndAFloodOfThemIsBounded() throws Exception {
        byte[] handshake = new byte[72];
        random.nextBytes(handshake);
        TunnelCodec.writeHeader(new UnsafeBuffer(handshake), 0, TunnelCodec.TYPE_HANDSHAKE, 0, 0);
        sendAsIs(handshake);
        Handshake taken = dataplane.pollHandshake(DEADLINE);
        assertThat(taken.tunnel()).isEqualTo("peer");
        assertThat(taken.datagram()).isEqualTo(handshake);
        assertThat(dataplane.pollHandshake(Duration.ofMillis(1))).isNull();
        for (int i = 0; i < FLOOD; i++) {
            sendAsIs(handshake);
        }
        FastPath.await("the flood", () -> drops("handshake-overflow") == FLOOD - HANDSHAKES_KEPT);
        int kept = 0;
        while (dataplane.pollHandshake(Duration.ZERO) != null) {
            kept++;
        }
        assertThat(kept).isEqualTo(HANDSHAKES_KEPT);
        dataplane.sendHandshake("peer", handshake);
        DatagramPacket packet = new DatagramPacket(incoming, incoming.length);
        socket.receive(packet);
        assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(handshake);
    }

    @Test
    void keysThatCannotBeTakenAreRefused() {
        dataplane.installKeys("peer", keys.first());
        assertThatThrownBy(() -> dataplane.installKeys("peer", keys.first())).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("in use");
        assertThatThrownBy(() -> dataplane.installKeys("nobody", keys.first())).hasMessageContaining("no such tunnel");
        dataplane.openTunnel(TunnelConfig.plaintext("plain", new InetSocketAddress("127.0.0.2", 9), 1500));
        assertThatThrownBy(() -> dataplane.installKeys("plain", keys.first())).hasMessageContaining("not sealed");
        assertThat(keys.first().toString()).doesNotContain("sendKey").hasSizeLessThan(80);
        assertThat(FastPath.tunnel(dataplane).drops()).isEqualTo(Map.of());
    }
}
