package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
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
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.TunnelCodec;

/** A dataplane whose peer is the test: a socket, and the JDK's cipher, by the protocol's specification alone. */
class SealedPeerTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int HANDSHAKES_KEPT = 64;
    /** As many as the socket's buffer holds. */
    private static final int FLOOD = 200;
    /** Datagrams that the socket's buffer holds. */
    private static final int WINDOW = 50;

    private final SplittableRandom random = Seeds.random("SealedPeerTest");

    @TempDir
    private Path directory;
    private SealedPeer peer;
    private Dataplane dataplane;
    private TestGuest guest;

    @BeforeEach
    void open() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        peer = new SealedPeer(random);
        dataplane = Dataplane.launch(DataplaneConfig.of("sealed", new InetSocketAddress(loopback, 0)));
        dataplane.addPatch("patch");
        dataplane.openTunnel(TunnelConfig.sealed("peer", peer.address(), 1500));
        dataplane.openLink(new LinkConfig("link", "peer", SealedPeer.LINK), "patch");
        dataplane.openUnix(new UnixPortConfig("guest", directory.resolve("guest")), "patch");
        peer.connect(dataplane.localPort());
        guest = new TestGuest(directory.resolve("guest"));
        FastPath.await("the guest", () -> FastPath.port(dataplane, "guest").up());
    }

    @AfterEach
    void close() {
        guest.close();
        dataplane.close();
        dataplane.terminated().join();
        peer.close();
    }

    private void comeUp() throws Exception {
        dataplane.installKeys("peer", peer.keys.first());
        assertThat(TunnelCodec.type(peer.receive(), 0)).isEqualTo(TunnelCodec.TYPE_HELLO);
        peer.send(peer.hello(null));
        FastPath.await("the tunnel", () -> FastPath.tunnel(dataplane).state().equals("up"));
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
        assertThat(peer.receiveFrame()).isEqualTo(there);
        byte[] back = frame();
        peer.send(peer.data(back));
        assertThat(guest.receive(DEADLINE)).isEqualTo(back);
    }

    @Test
    void whatSomebodyHasChangedIsRefusedWhereverItIs() throws Exception {
        comeUp();
        byte[] frame = frame();
        byte[] sealed = peer.sealed(peer.data(frame));
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
            peer.sendAsIs(bad.get(i));
            if (i % WINDOW == 0 || i == bad.size() - 1) {
                // A flipped bit of the type can make it a handshake, for others to look at.
                long refused = i;
                FastPath.await("refusals", () -> allDrops() >= refused);
            }
        }
        assertThat(drops("not-authentic")).isGreaterThan(sealed.length / 2);
        peer.sendAsIs(sealed);
        assertThat(guest.receive(DEADLINE)).as("the true one, unharmed by the others").isEqualTo(frame);
        assertThat(FastPath.port(dataplane, "link").rxFrames()).isEqualTo(1);
    }

    @Test
    void whatHasBeenIsNotAgain() throws Exception {
        comeUp();
        byte[] sealed = peer.sealed(peer.data(frame()));
        for (int i = 0; i < 100; i++) {
            peer.sendAsIs(sealed);
        }
        FastPath.await("the repeats", () -> drops("replayed") == 99);
        assertThat(FastPath.port(dataplane, "link").rxFrames()).isEqualTo(1);
    }

    @Test
    void otherKeysOpenNothing() throws Exception {
        comeUp();
        byte[] other = new byte[SealCipher.KEY_BYTES];
        peer.sendAsIs(PlainCipher.seal(Aead.Cipher.AES_256_GCM, other, peer.data(frame())));
        FastPath.await("the refusal", () -> drops("not-authentic") == 1);
        peer.sendAsIs(peer.data(frame()));
        FastPath.await("the refusal of plaintext", () -> drops("not-authentic") == 2);
        assertThat(FastPath.port(dataplane, "link").rxFrames()).isZero();
    }

    /** However the worker finds the frames, a few at a time or all at once. */
    @Test
    void blocksThatDoNotFillHaveParityInProportionAndThinStreamsARowMore() throws Exception {
        comeUp();
        dataplane.protect("peer", new Fec(20, 2, 1));
        for (int i = 0; i < 10; i++) {
            guest.send(Arrays.copyOf(frame(), 1000));
        }
        int members = 0;
        while (members < 10) {
            UnsafeBuffer datagram = peer.receive();
            if (TunnelCodec.type(datagram, 0) != TunnelCodec.TYPE_PARITY) {
                continue;
            }
            int block = datagram.getByte(ParityCodec.MEMBERS);
            int rows = datagram.getByte(ParityCodec.ROWS);
            assertThat(rows).as("rows of %d datagrams", block).isEqualTo(block < 4 ? 1 : 2);
            members += datagram.getByte(ParityCodec.ROW) == 0 ? block : 0;
        }
        assertThat(members).isEqualTo(10);
    }

    @Test
    void handshakesGoToWhoAsksAndAFloodOfThemIsBounded() throws Exception {
        byte[] handshake = new byte[72];
        random.nextBytes(handshake);
        TunnelCodec.writeHeader(new UnsafeBuffer(handshake), 0, TunnelCodec.TYPE_HANDSHAKE, 0, 0);
        peer.sendAsIs(handshake);
        Handshake taken = dataplane.pollHandshake(DEADLINE);
        assertThat(taken.tunnel()).isEqualTo("peer");
        assertThat(taken.source()).isEqualTo(peer.address());
        assertThat(taken.datagram()).isEqualTo(handshake);
        assertThat(dataplane.pollHandshake(Duration.ofMillis(1))).isNull();
        for (int i = 0; i < FLOOD; i++) {
            peer.sendAsIs(handshake);
        }
        FastPath.await("the flood", () -> drops("handshake-overflow") == FLOOD - HANDSHAKES_KEPT);
        int kept = 0;
        while (dataplane.pollHandshake(Duration.ZERO) != null) {
            kept++;
        }
        assertThat(kept).isEqualTo(HANDSHAKES_KEPT);
        dataplane.sendHandshake("peer", null, handshake);
        assertThat(peer.receiveAsIs(DEADLINE)).isEqualTo(handshake);
    }

    @Test
    void keysThatCannotBeTakenAreRefused() {
        dataplane.installKeys("peer", peer.keys.first());
        TunnelKeys keys = peer.keys.first();
        assertThatThrownBy(() -> dataplane.installKeys("peer", keys)).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("in use");
        assertThatThrownBy(() -> dataplane.installKeys("nobody", keys)).hasMessageContaining("no such tunnel");
        dataplane.openTunnel(TunnelConfig.plaintext("plain", new InetSocketAddress("127.0.0.2", 9), 1500));
        assertThatThrownBy(() -> dataplane.installKeys("plain", keys)).hasMessageContaining("not sealed");
        assertThat(keys.toString()).doesNotContain("sendKey").hasSizeLessThan(80);
        assertThat(FastPath.tunnel(dataplane).drops()).isEqualTo(Map.of());
    }
}
