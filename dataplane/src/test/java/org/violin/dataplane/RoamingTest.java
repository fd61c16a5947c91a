package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.wire.TunnelCodec;

/** A dataplane of one or two workers, and a peer that shows up at other addresses. */
@ParameterizedClass
@ValueSource(ints = {1, 2})
class RoamingTest {
    /** Long enough for what must not come to have come. */
    private static final Duration SHORTLY = Duration.ofMillis(300);
    private static final int SHORT = TunnelCodec.HELLO_WITH_REPORT_BYTES;

    @Parameter
    private int workers;

    private final SplittableRandom random = Seeds.random("RoamingTest");

    @TempDir
    private Path directory;
    private SealedPeer peer;
    private Dataplane dataplane;
    private TestGuest guest;
    private DatagramSocket elsewhere;

    @BeforeEach
    void open() throws IOException {
        peer = new SealedPeer(random);
        elsewhere = SealedPeer.open();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        dataplane = Dataplane.launch(DataplaneConfig.of("roaming", any).withWorkers(workers, List.of()));
        dataplane.addPatch("patch");
        peer.connect(dataplane.localPort());
    }

    @AfterEach
    void close() {
        if (guest != null) {
            guest.close();
        }
        dataplane.close();
        dataplane.terminated().join();
        elsewhere.close();
        peer.close();
    }

    private void openTunnel(InetSocketAddress remote) {
        dataplane.openTunnel(TunnelConfig.sealed("peer", remote, 1500));
        dataplane.openLink(new LinkConfig("link", "peer", SealedPeer.LINK), "patch");
        dataplane.openUnix(new UnixPortConfig("guest", directory.resolve("guest")), "patch");
        guest = new TestGuest(directory.resolve("guest"));
        FastPath.await("the guest", () -> FastPath.port(dataplane, "guest").up());
        TunnelKeys first = peer.keys.first();
        int index = dataplane.sessionIndex("peer", first.localIndex());
        peer.keys = new TestKeys(
            new TunnelKeys(index, first.remoteIndex(), first.cipher(), first.sendKey(), first.receiveKey(), true),
            new TunnelKeys(first.remoteIndex(), index, first.cipher(), first.receiveKey(), first.sendKey(), false));
        dataplane.installKeys("peer", peer.keys.first());
    }

    private void comeUp() throws Exception {
        openTunnel(peer.address());
        assertThat(TunnelCodec.type(peer.receive(), 0)).isEqualTo(TunnelCodec.TYPE_HELLO);
        peer.send(peer.hello(null));
        FastPath.await("the tunnel", () -> FastPath.tunnel(dataplane).state().equals("up"));
    }

    private byte[] frame() {
        byte[] frame = new byte[300];
        random.nextBytes(frame);
        return frame;
    }

    private String remote() {
        return FastPath.tunnel(dataplane).remote();
    }

    private static String name(DatagramSocket socket) {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    @Test
    void aPeerThatMovesIsFollowedOnceItHasAnsweredThere() throws Exception {
        comeUp();
        String before = remote();
        DatagramSocket old = peer.moveTo(elsewhere);
        byte[] there = frame();
        peer.send(peer.data(there));
        assertThat(guest.receive(SealedPeer.PATIENCE)).as("what is authentic counts wherever it comes from")
            .isEqualTo(there);
        UnsafeBuffer probe = peer.receiveProbe(SHORT);
        assertThat(remote()).as("not before it has answered").isEqualTo(before);
        peer.send(peer.hello(probe));
        FastPath.await("the move", () -> remote().equals(name(elsewhere)));
        byte[] back = frame();
        guest.send(back);
        assertThat(peer.receiveFrame()).isEqualTo(back);
        assertThat(FastPath.tunnel(dataplane).state()).isEqualTo("up");
        assertThat(FastPath.tunnel(dataplane).drops()).isEmpty();
        old.close();
    }

    @Test
    void copiesOfItsDatagramsMoveNobody() throws Exception {
        comeUp();
        String before = remote();
        byte[] first = peer.sealed(peer.data(frame()));
        byte[] second = peer.sealed(peer.data(frame()));
        peer.sendAsIs(second);
        assertThat(guest.receive(SealedPeer.PATIENCE)).isNotNull();
        peer.sendAsIs(elsewhere, second);
        peer.sendAsIs(elsewhere, first);
        assertThat(guest.receive(SealedPeer.PATIENCE)).as("an older one is good, but tells nothing").isNotNull();
        DatagramSocket own = peer.moveTo(elsewhere);
        assertThat(peer.receive(SHORTLY)).as("nothing is sent there").isNull();
        peer.moveTo(own);
        assertThat(remote()).isEqualTo(before);
    }

    /** Somebody on the path is faster with a copy than the peer's own datagram. */
    @Test
    void whoCannotAnswerGetsNothingButProbes() throws Exception {
        comeUp();
        String before = remote();
        peer.sendAsIs(elsewhere, peer.sealed(peer.data(frame())));
        assertThat(guest.receive(SealedPeer.PATIENCE)).isNotNull();
        DatagramSocket own = peer.moveTo(elsewhere);
        UnsafeBuffer probe = peer.receiveProbe(SHORT);
        peer.moveTo(own);
        peer.send(peer.hello(probe));
        byte[] frame = frame();
        guest.send(frame);
        assertThat(peer.receiveFrame()).as("the peer's answer comes from the old address").isEqualTo(frame);
        peer.moveTo(elsewhere);
        for (UnsafeBuffer next = peer.receive(SHORTLY); next != null; next = peer.receive(SHORTLY)) {
            assertThat(SealedPeer.isProbe(next)).isTrue();
        }
        peer.moveTo(own);
        assertThat(remote()).isEqualTo(before);
    }

    /** As when somebody else has got the lease, or the NAT's port, of one who has gone. */
    @Test
    void theAddressOfAnotherTunnelsPeerThatHasGoneIsTakenOver() throws Exception {
        comeUp();
        dataplane.openTunnel(
            TunnelConfig.sealed("gone", (InetSocketAddress) elsewhere.getLocalSocketAddress(), 1500));
        DatagramSocket old = peer.moveTo(elsewhere);
        peer.send(peer.data(frame()));
        assertThat(guest.receive(SealedPeer.PATIENCE)).isNotNull();
        peer.send(peer.hello(peer.receiveProbe(SHORT)));
        FastPath.await("the move", () -> remote().equals(name(elsewhere)));
        for (int i = 0; i < 3; i++) {
            peer.send(peer.data(frame()));
            assertThat(guest.receive(SealedPeer.PATIENCE)).isNotNull();
            while (peer.receive(SHORTLY) instanceof UnsafeBuffer next) {
                assertThat(SealedPeer.isProbe(next)).as("asked whether it is there").isFalse();
            }
        }
        old.close();
    }

    @Test
    void aMoveThatIsAskedForWaitsForAnAnswerFromThere() throws Exception {
        comeUp();
        String before = remote();
        dataplane.redirect("peer", (InetSocketAddress) elsewhere.getLocalSocketAddress());
        byte[] frame = frame();
        guest.send(frame);
        assertThat(peer.receiveFrame()).isEqualTo(frame);
        DatagramSocket old = peer.moveTo(elsewhere);
        UnsafeBuffer probe = peer.receiveProbe(SHORT);
        assertThat(remote()).isEqualTo(before);
        peer.send(peer.hello(probe));
        FastPath.await("the move", () -> remote().equals(name(elsewhere)));
        // The peer has not followed yet: what it sends from where it was does not call the tunnel back.
        DatagramSocket next = peer.moveTo(old);
        peer.send(peer.data(frame));
        assertThat(guest.receive(SealedPeer.PATIENCE)).isEqualTo(frame);
        while (peer.receive(SHORTLY) instanceof UnsafeBuffer late) {
            assertThat(SealedPeer.isProbe(late)).isFalse();
        }
        assertThat(remote()).isEqualTo(name(next));
    }

    @Test
    void aPeerWhoseAddressIsNotKnownShowsItself() throws Exception {
        openTunnel(null);
        assertThat(remote()).isEqualTo("unknown");
        byte[] handshake = new byte[72];
        TunnelCodec.writeHeader(new UnsafeBuffer(handshake), 0, TunnelCodec.TYPE_HANDSHAKE, 0, 0);
        peer.sendAsIs(handshake);
        Handshake taken = dataplane.pollHandshake(SealedPeer.PATIENCE);
        assertThat(taken.tunnel()).isNull();
        assertThat(taken.source()).isEqualTo(peer.address());
        dataplane.sendHandshake("peer", null, handshake);
        dataplane.sendHandshake("peer", taken.source(), handshake);
        assertThat(peer.receiveAsIs(SealedPeer.PATIENCE)).as("the one that says where to").isEqualTo(handshake);
        peer.send(peer.hello(null));
        peer.send(peer.hello(peer.receiveProbe(SHORT)));
        FastPath.await("the tunnel", () -> FastPath.tunnel(dataplane).state().equals("up"));
        byte[] frame = frame();
        guest.send(frame);
        assertThat(peer.receiveFrame()).isEqualTo(frame);
        assertThat(remote()).isEqualTo(name(peer.moveTo(elsewhere)));
    }

    @Test
    void aPingIsAnsweredOrNot() throws Exception {
        comeUp();
        CompletableFuture<Duration> ping = CompletableFuture.supplyAsync(
            () -> dataplane.ping("peer", 600, SealedPeer.PATIENCE));
        UnsafeBuffer probe = peer.receiveProbe(600);
        while (probe.capacity() != 600 - 28 - TunnelCodec.TAG_BYTES) {
            probe = peer.receiveProbe(600);
        }
        peer.send(peer.hello(probe));
        assertThat(ping.get()).isPositive().isLessThan(SealedPeer.PATIENCE);
        assertThat(dataplane.ping("peer", 0, Duration.ofMillis(10))).isNull();
        dataplane.openTunnel(TunnelConfig.sealed("other", null, 0));
        assertThat(dataplane.ping("other", 0, Duration.ofMillis(10))).as("nobody knows where it is").isNull();
    }

    @Test
    void aTunnelThatIsNotSealedStaysWhereItIs() {
        dataplane.openTunnel(TunnelConfig.plaintext("peer", peer.address(), 1500));
        assertThatThrownBy(() -> dataplane.redirect("peer", peer.address())).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("not sealed");
        assertThatThrownBy(() -> TunnelConfig.plaintext("other", null, 1500)).hasMessageContaining("remote: none");
    }
}
