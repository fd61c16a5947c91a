package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.control.Seeds;
import org.violin.control.TestRun;
import org.violin.control.keys.SharedKey;

/** Relays on loopback, with a socket of the test's in place of each dataplane, and whoever else may connect. */
class StreamRelayTest {
    private static final InetAddress LOOPBACK = Streams.DATAPLANE.getAddress();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LONGEST = 65_507;

    @TempDir
    private Path directory;
    private final SplittableRandom random = Seeds.random("StreamRelayTest");
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private SharedKey key;
    private DatagramSocket left;
    private DatagramSocket right;

    @BeforeEach
    void open() throws IOException {
        key = keep(SharedKey.create(directory.resolve("one.key")));
        left = keep(dataplane());
        right = keep(dataplane());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable last : opened.reversed()) {
            last.close();
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.add(resource);
        return resource;
    }

    private static DatagramSocket dataplane() throws SocketException {
        DatagramSocket socket = new DatagramSocket(Streams.DATAPLANE);
        socket.setSoTimeout((int) LIMIT.toMillis());
        return socket;
    }

    private Streams streams(SharedKey shared, InetSocketAddress listen, DatagramSocket dataplane) {
        return keep(Streams.start(shared, listen, (InetSocketAddress) dataplane.getLocalSocketAddress(), told::add));
    }

    private StreamRelay relay(boolean tls, InetSocketAddress listen, InetSocketAddress remote, SharedKey shared,
        DatagramSocket dataplane) throws SocketException {
        StreamRelay relay =
            streams(shared, listen, dataplane).open(new StreamConfig("tunnel", TunnelName.ONLY, tls, remote, null));
        dataplane.connect(relay.address());
        relay.connect();
        return relay;
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (Socket probe = new Socket()) {
            probe.bind(Streams.DATAPLANE);
            return new InetSocketAddress(LOOPBACK, probe.getLocalPort());
        }
    }

    private static long count(StreamRelay relay, StreamEvent event) {
        StreamStatus status = relay.status(true);
        return (event.isDrop() ? status.drops() : status.events()).getOrDefault(event.label(), 0L);
    }

    private void await(String what, BooleanSupplier condition) {
        TestRun.await(what, condition, told::toString);
    }

    private byte[] send(DatagramSocket from, int bytes) throws IOException {
        byte[] datagram = new byte[bytes];
        random.nextBytes(datagram);
        from.send(new DatagramPacket(datagram, bytes));
        return datagram;
    }

    private static byte[] receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
        at.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @ParameterizedTest
    @CsvSource({"false, true", "true, true", "false, false"})
    void datagramsOfAllLengthsPassBothWays(boolean tls, boolean keyed) throws IOException {
        InetSocketAddress address = freeAddress();
        SharedKey shared = keyed ? key : null;
        // Whoever comes first waits for the other.
        StreamRelay a = relay(tls, null, address, shared, left);
        await("a refusal", () -> count(a, StreamEvent.CONNECT_FAILED) > 1);
        StreamRelay b = relay(tls, address, null, shared, right);
        await("the connection", () -> !a.status(true).connection().isEmpty() && !b.status(true).connection().isEmpty());
        for (int i = 0; i < 300; i++) {
            int bytes = i == 0 ? LONGEST : i == 1 ? 16 : random.nextInt(16, i % 2 == 0 ? 1_500 : LONGEST + 1);
            byte[] there = send(left, bytes);
            assertThat(receive(right)).isEqualTo(there);
            byte[] back = send(right, bytes);
            assertThat(receive(left)).isEqualTo(back);
        }
        assertThat(told).anyMatch(line -> line.contains("is not reached: Connection refused"));
        assertThat(b.status(true).connection()).startsWith("127.0.0.1:");
        assertThat(b.status(true).drops()).isEmpty();
    }

    @Test
    void anotherKeyDoesNotPass() throws IOException {
        InetSocketAddress address = freeAddress();
        StreamRelay b = relay(true, address, null, key, right);
        SharedKey other = keep(SharedKey.create(directory.resolve("other.key")));
        StreamRelay a = relay(true, null, address, other, left);
        await("refusals", () -> count(b, StreamEvent.HELLO_FORGED) > 1 && count(a, StreamEvent.HELLO_FORGED) > 1);
        assertThat(count(b, StreamEvent.CONNECTED) + count(a, StreamEvent.CONNECTED)).isZero();
        assertThat(told.stream().filter(line -> line.contains("has another key"))).as("said once").hasSize(1);
    }

    /** With a certificate of their own, as the ends have, and a connection to either. */
    @Test
    void whoStandsBetweenIsFoundOut() throws Exception {
        InetSocketAddress address = freeAddress();
        StreamRelay b = relay(true, address, null, key, right);
        try (TlsSplice between = new TlsSplice(address)) {
            StreamRelay a = relay(true, null, between.address(), key, left);
            await("refusals", () -> count(b, StreamEvent.HELLO_FORGED) > 1 && count(a, StreamEvent.HELLO_FORGED) > 1);
            assertThat(count(b, StreamEvent.CONNECTED) + count(a, StreamEvent.CONNECTED)).isZero();
        }
        assertThat(told).anyMatch(line -> line.contains("somebody stands between"));
    }

    /** Two tunnels of a process, one by TCP and one by TLS, from and to one port; and a third that one end lacks. */
    @Test
    void everyConnectionComesToTheTunnelThatItNames() throws IOException {
        InetSocketAddress address = freeAddress();
        Streams here = streams(key, null, left);
        Streams there = streams(key, address, right);
        TunnelName one = name(1);
        TunnelName other = name(2);
        StreamRelay thereOne = there.open(new StreamConfig("tunnel", one, false, null, null));
        StreamRelay thereOther = there.open(new StreamConfig("tunnel", other, true, null, null));
        StreamRelay hereOne = here.open(new StreamConfig("tunnel", one, false, address, null));
        StreamRelay hereOther = here.open(new StreamConfig("tunnel", other, true, address, null));
        StreamRelay unknown = here.open(new StreamConfig("tunnel", name(3), true, address, null));
        List.of(hereOne, hereOther, unknown).forEach(StreamRelay::connect);
        await("both", () -> hereOne.isConnected() && hereOther.isConnected() && thereOne.isConnected()
            && thereOther.isConnected());
        left.connect(hereOther.address());
        byte[] sent = send(left, 1_000);
        DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
        right.receive(packet);
        assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(sent);
        assertThat(packet.getSocketAddress()).isEqualTo(thereOther.address());
        await("a refusal", () -> count(thereOne, StreamEvent.HELLO_UNKNOWN) > 0);
        assertThat(unknown.isConnected()).isFalse();
        assertThat(told).anyMatch(line -> line.contains("asks for a tunnel that is not here"));
        StreamRelay plain = here.open(new StreamConfig("tunnel", other, false, address, null));
        plain.connect();
        await("another", () -> told.stream().anyMatch(line -> line.contains("has it the same key")));
        assertThat(count(thereOther, StreamEvent.CONNECTED)).isOne();
        thereOther.retire();
        left.connect(hereOther.address());
        right.connect(thereOther.address());
        assertThat(send(left, 100)).as("what there is goes on").isEqualTo(receive(right));
        thereOther.close();
        await("the end", () -> !hereOther.isConnected());
    }

    private static TunnelName name(int number) {
        return TunnelName.between(new InetSocketAddress(LOOPBACK, number), new InetSocketAddress(LOOPBACK, 7000));
    }

    @Test
    void anAddressThatIsTakenIsRefused() throws IOException {
        InetSocketAddress address = freeAddress();
        relay(false, address, null, null, right);
        assertThatThrownBy(() -> relay(false, address, null, null, left))
            .isInstanceOf(UncheckedIOException.class).hasMessageContaining("tcp 127.0.0.1")
            .hasMessageContaining("Address already in use");
    }

    /** A peer by hand, whose hello has ended well. */
    private Socket peer(InetSocketAddress address) throws IOException, HelloException {
        Socket socket = keep(new Socket());
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.setReceiveBufferSize(1 << 14);
        socket.connect(address);
        StreamHello hello = new StreamHello(key.derive(StreamParts.KEY_LABEL), StreamHello.Mode.KEYED,
            new byte[StreamHello.BINDING_BYTES], TunnelName.ONLY, new SecureRandom());
        socket.getOutputStream().write(hello.first());
        byte[] answer = new DataInputStream(socket.getInputStream()).readNBytes(StreamHello.ANSWER_BYTES);
        socket.getOutputStream().write(hello.onAnswer(answer));
        return socket;
    }

    /** All that the stream does not take waits in bounds; when the peer reads again, it goes on with what is newest. */
    @Test
    void aPeerThatDoesNotReadHasALittleWaitForIt() throws Exception {
        InetSocketAddress address = freeAddress();
        StreamRelay b = relay(false, address, null, key, right);
        Socket peer = peer(address);
        await("the connection", () -> count(b, StreamEvent.CONNECTED) == 1);
        int sent = 0;
        while (count(b, StreamEvent.QUEUE_FULL) < 100) {
            assertThat(sent).as("datagrams of 64 KiB that wait").isLessThan(5_000);
            send(right, 60_000);
            sent++;
        }
        long dropped = b.status(true).drops().values().stream().mapToLong(Long::longValue).sum();
        assertThat((sent - dropped) * 60_000).as("bytes that wait").isLessThan(CodelQueue.BYTES_MAX + (8 << 20));
        // Kept alive, it is still the peer: it reads on.
        DataInputStream in = new DataInputStream(peer.getInputStream());
        for (int i = 0; i < 20; i++) {
            assertThat(in.readUnsignedShort()).isEqualTo(60_000);
            in.skipNBytes(60_000);
        }
        peer.getOutputStream().write(ByteBuffer.allocate(18).putShort((short) 16).array());
        assertThat(receive(right)).isEqualTo(new byte[16]);
    }

    @Test
    void aPeerThatBreaksTheRulesIsClosedAndComesBack() throws Exception {
        InetSocketAddress address = freeAddress();
        StreamRelay b = relay(false, address, null, key, right);
        Socket bad = peer(address);
        bad.getOutputStream().write(new byte[] {0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 15});
        assertThat(receive(right)).hasSize(16);
        assertEnds(bad);
        assertThat(count(b, StreamEvent.BAD_FRAME)).isOne();
        Socket first = peer(address);
        await("the connection", () -> count(b, StreamEvent.CONNECTED) == 2);
        peer(address);
        await("another", () -> count(b, StreamEvent.CONNECTED) == 3);
        assertEnds(first);
        assertThat(count(b, StreamEvent.REPLACED)).isOne();
    }

    /** Reads signs of life, and then the end. */
    private static void assertEnds(Socket socket) throws IOException {
        try {
            for (byte sign : socket.getInputStream().readAllBytes()) {
                assertThat(sign).isZero();
            }
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    /** More than there is room for say nothing, or begin a hello; somebody sends noise; none hears a word. */
    @Test
    void strangersAreFewAndHearNothing() throws Exception {
        InetSocketAddress address = freeAddress();
        StreamRelay b = relay(false, address, null, key, right);
        Socket good = peer(address);
        await("the connection", () -> count(b, StreamEvent.CONNECTED) == 1);
        List<Socket> strangers = new ArrayList<>();
        byte[] hello = new StreamHello(new byte[StreamHello.KEY_BYTES], StreamHello.Mode.KEYED,
            new byte[StreamHello.BINDING_BYTES], TunnelName.ONLY, new SecureRandom()).first();
        for (int i = 0; i < Gate.OPEN_MAX + 10; i++) {
            Socket stranger = keep(new Socket(LOOPBACK, address.getPort()));
            stranger.setSoTimeout((int) LIMIT.toMillis());
            stranger.getOutputStream().write(hello, 0, i % StreamHello.FIRST_BYTES);
            strangers.add(stranger);
        }
        await("evictions", () -> count(b, StreamEvent.HELLO_EVICTED) == 10);
        for (Socket stranger : strangers.subList(0, 10)) {
            assertThat(readToTheEnd(stranger)).isZero();
        }
        Socket noisy = keep(new Socket(LOOPBACK, address.getPort()));
        byte[] noise = new byte[StreamHello.FIRST_BYTES];
        random.nextBytes(noise);
        noisy.getOutputStream().write(noise);
        assertThat(readToTheEnd(noisy)).isZero();
        assertThat(count(b, StreamEvent.HELLO_FOREIGN)).isOne();
        good.getOutputStream().write(ByteBuffer.allocate(18).putShort((short) 16).array());
        assertThat(receive(right)).hasSize(16);
        await("the end of the others", () -> count(b, StreamEvent.HELLO_TIMEOUT) == Gate.OPEN_MAX - 1);
    }

    private static int readToTheEnd(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length;
        } catch (SocketException reset) {
            return 0;
        }
    }
}
