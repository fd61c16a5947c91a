package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.wire.TunnelCodec;

/** Two dataplanes on loopback, guests at real unix sockets, a real tunnel between them; with either engine. */
@ParameterizedClass
@CsvSource({"EPOLL, 1", "EPOLL, 2", "IO_URING, 1", "IO_URING, 2"})
class DataplaneTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int LINK_ID = 7;

    @Parameter(0)
    private IoEngine engine;

    @Parameter(1)
    private int workers;

    @TempDir
    private Path directory;
    private Dataplane a;
    private Dataplane b;

    @BeforeEach
    void launch() {
        a = launch("a", loopback(0));
        b = launch("b", loopback(0));
    }

    private Dataplane launch(String name, InetSocketAddress listen) {
        try {
            Dataplane dataplane = Dataplane.launch(config(name, listen));
            assertThat(dataplane.engine()).isEqualTo(engine);
            return dataplane;
        } catch (DataplaneException e) {
            assumeThat(e).as("io_uring is there").hasMessageNotContaining("io_uring_setup");
            throw e;
        }
    }

    private DataplaneConfig config(String name, InetSocketAddress listen) {
        return DataplaneConfig.of(name, listen).withEngine(engine).withWorkers(workers, List.of());
    }

    @AfterEach
    void close() throws Exception {
        if (b == null) {
            return;
        }
        a.close();
        b.close();
        a.terminated().get();
        b.terminated().get();
        try (var left = Files.list(directory)) {
            assertThat(left).as("socket files left behind").isEmpty();
        }
    }

    /** Every length of a 1500-byte LAN, over a path of the same MTU, which fragments the longest. */
    @Test
    void framesArriveByteIdenticalWhateverTheirLength() {
        connect(1500);
        try (TestGuest left = guestAt(a, "left"); TestGuest right = guestAt(b, "right")) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            for (int length = 60; length <= 1518; length++) {
                for (byte[] frame : List.of(unicast(random, length), arp(random, length),
                    ipv6Multicast(random, length), tagged(random, length), doublyTagged(random, length))) {
                    left.send(frame);
                    assertThat(right.receive(DEADLINE)).as("length %d, seed %d", length, seed).isEqualTo(frame);
                    right.send(frame);
                    assertThat(left.receive(DEADLINE)).as("back: length %d, seed %d", length, seed).isEqualTo(frame);
                }
            }
        }
    }

    @Test
    void jumboFramesCrossANarrowPath() {
        connect(576);
        try (TestGuest left = guestAt(a, "left"); TestGuest right = guestAt(b, "right")) {
            Random random = new Random(1);
            for (int length : new int[] {1514, 9014, 9022, 65_535}) {
                byte[] frame = unicast(random, length);
                left.send(frame);
                assertThat(right.receive(DEADLINE)).as("length %d", length).isEqualTo(frame);
            }
        }
    }

    @Test
    void aRestartedPeerIsFoundAgain() {
        connect(1500);
        InetSocketAddress address = loopback(b.localPort());
        b.close();
        await("the loss of the peer", () -> stateOf(a).equals("lost"));
        b = launch("b", address);
        b.openTunnel(TunnelConfig.plaintext("a", loopback(a.localPort()), 1500));
        await("the tunnel", () -> stateOf(a).equals("up") && stateOf(b).equals("up"));
    }

    @Test
    void garbageFromStrangersIsCountedAndHurtsNobody() throws Exception {
        connect(1500);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (var stranger = new java.net.DatagramSocket()) {
            for (int i = 0; i < 1000; i++) {
                byte[] bytes = new byte[random.nextInt(16, 2000)];
                random.nextBytes(bytes);
                if (i % 2 == 0) {
                    int type = TunnelCodec.TYPE_DATA + random.nextInt(5);
                    TunnelCodec.writeHeader(new UnsafeBuffer(bytes), 0, type, random.nextInt(), random.nextInt(1000));
                }
                stranger.send(new java.net.DatagramPacket(bytes, bytes.length, loopback(a.localPort())));
            }
        }
        await("1000 drops, seed " + seed, () -> a.drops().values().stream().mapToLong(Long::longValue).sum() >= 1000);
        assertThat(dropped("wrong-source")).isPositive();
        assertThat(stateOf(a)).isEqualTo("up");
    }

    /** At a, before any tunnel could count it. */
    private long dropped(String reason) {
        return a.drops().getOrDefault(reason, 0L);
    }

    @Test
    void aGuestThatComesBackIsServedAgain() {
        connect(1500);
        try (TestGuest right = guestAt(b, "right")) {
            byte[] frame = unicast(new Random(2), 100);
            for (int i = 0; i < 3; i++) {
                try (TestGuest left = guestAt(a, "left")) {
                    left.send(frame);
                    assertThat(right.receive(DEADLINE)).isEqualTo(frame);
                }
                await("the guest's leaving", () -> !port(a, "left").up());
            }
        }
    }

    @Test
    void theNewestConnectionWins() {
        connect(1500);
        try (TestGuest right = guestAt(b, "right"); TestGuest old = guestAt(a, "left")) {
            try (TestGuest young = new TestGuest(directory.resolve("left"))) {
                byte[] frame = unicast(new Random(3), 100);
                young.send(frame);
                assertThat(right.receive(DEADLINE)).isEqualTo(frame);
                right.send(frame);
                assertThat(young.receive(DEADLINE)).isEqualTo(frame);
                assertThat(old.receive(Duration.ofMillis(1))).isNull();
            }
        }
    }

    @Test
    void aLinkTellsWhereItLeadsAndWhatTheKernelDoesForIt() {
        connect(1500);
        assertThat(port(a, "link").detail()).isEqualTo("127.0.0.1:" + b.localPort() + " link 7 gso gro");
    }

    /** By the worker that would have sent it, whichever reads the guest's socket and whichever the tunnel's. */
    @Test
    void aPacketThatIsTooLongIsAnsweredAndTheNextOnePasses() {
        connect(576);
        a.fit("link", new Fit(0, true));
        try (TestGuest left = guestAt(a, "left"); TestGuest right = guestAt(b, "right")) {
            byte[] frame = Arrays.copyOf(HexFormat.of().parseHex("0200000000020200000000010800" + "45000578000040004011"
                + "0000" + "0a000001" + "0a000002"), 14 + 1400);
            left.send(frame);
            byte[] answer = left.receive(DEADLINE);
            assertThat(HexFormat.of().formatHex(answer, 0, 14)).isEqualTo("020000000001" + "0e5600000007" + "0800");
            assertThat(HexFormat.of().formatHex(answer, 34, 42)).matches("0304....0000" + "01fa");
            frame[20] = 0;
            left.send(frame);
            assertThat(right.receive(DEADLINE)).as("without DF").isEqualTo(frame);
            assertThat(port(a, "link").drops()).isEqualTo(Map.of("too-big", 1L));
            frame[20] = 0x40;
            left.send(frame);
            a.fit("link", Fit.NONE);
        }
    }

    /** Each has slots of its worker's for fragments; without any left nothing would come in. */
    @Test
    void aWorkerTakesNoMoreTunnelsThanItHasMemoryFor() {
        int most = 0;
        try (Dataplane small = Dataplane.launch(config("small", loopback(0)).withFrameSlots(256))) {
            for (; most < 16 * workers; most++) {
                small.openTunnel(TunnelConfig.plaintext("t" + most, loopback(most + 1), 1500));
            }
        } catch (DataplaneException e) {
            assertThat(e).hasMessageContaining("no memory left");
        }
        // A quarter of the slots is kept, and io_uring has some of them.
        assertThat(most).isBetween(256 / 16 / 2, 256 / 16 * 3 / 4 * workers);
    }

    @Test
    void mistakesAreNamedAndChangeNothing() {
        connect(1500);
        assertThatThrownBy(() -> a.fit("left", Fit.NONE)).hasMessageContaining("port left: no link");
        assertThatThrownBy(() -> a.addSwitch(SwitchConfig.of("lan"))).hasMessageContaining("bridge lan: the name is");
        assertThatThrownBy(() -> a.removeBridge("lan")).hasMessageContaining("has ports: left, link");
        assertThatThrownBy(() -> a.closePort("nobody")).hasMessageContaining("no such port");
        assertThatThrownBy(() -> a.closeTunnel("b")).hasMessageContaining("1 links open");
        assertThatThrownBy(() -> a.openLink(new LinkConfig("again", "b", LINK_ID), "lan"))
            .hasMessageContaining("in use");
        assertThatThrownBy(() -> a.openUnix(new UnixPortConfig("x", directory.resolve("left")), "lan"))
            .hasMessageContaining("EADDRINUSE");
        assertThatThrownBy(() -> Dataplane.launch(config("c", loopback(a.localPort()))))
            .hasMessageContaining("EADDRINUSE");
        assertThat(a.ports()).hasSize(2);
    }

    /** A million frames through guest port, switch, tunnel, switch and guest port, as long as they come. */
    @Test
    void workersAllocateNothingPerFrame() throws Exception {
        connect(1500);
        try (TestGuest left = guestAt(a, "left"); TestGuest right = guestAt(b, "right")) {
            byte[] frame = unicast(new Random(4), 100);
            pump(left, right, frame, 200_000);
            Allocations.assertWorkersNeedNone(() -> pump(left, right, frame, 1_000_000));
        }
    }

    @Test
    void workersAllocateNothingWhileTheyTrace() throws Exception {
        connect(1500);
        try (TestGuest left = guestAt(a, "left"); TestGuest right = guestAt(b, "right")) {
            byte[] frame = unicast(new Random(5), 100);
            pump(left, right, frame, 100_000);
            try (FrameTrace trace = a.trace("left"::equals, 100, Dataplane.TRACE_MAX)) {
                Allocations.assertWorkersNeedNone(() -> pump(left, right, frame, 100_000));
                assertThat(trace.isDone()).isFalse();
                assertThat(trace.take()).hasSizeGreaterThanOrEqualTo(1000);
            }
        }
    }

    @Test
    void framesAreTracedFromGuestToTunnelAndFromTunnelToGuest() {
        connect(1500);
        try (TestGuest left = guestAt(a, "left"); TestGuest right = guestAt(b, "right");
            FrameTrace outwards = a.trace("left"::equals, 1, 20); FrameTrace inwards = b.trace("link"::equals, 1, 20)) {
            byte[] frame = unicast(new Random(6), 100);
            right.send(with(frame.clone(), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0800));
            assertThat(left.receive(DEADLINE)).isNotNull();
            pump(left, right, frame, 50);
            List<TracedFrame> sent = new ArrayList<>();
            List<TracedFrame> received = new ArrayList<>();
            await("what was traced", () -> {
                sent.addAll(outwards.take());
                received.addAll(inwards.take());
                return outwards.isDone() && inwards.isDone();
            });
            assertThat(sent).hasSize(20).allMatch(traced -> traced.ingress().equals("left") && traced.bytes() == 100);
            assertThat(received).hasSize(20).allMatch(traced -> traced.ingress().equals("link"));
            assertThat(sent).allMatch(traced -> traced.readNanos() > 0 && traced.sendNanos() > 0);
        }
        await("the time of every frame at a's link", () -> isEveryFrameTimed(port(a, "link")));
        await("the time of every frame at b's guest", () -> isEveryFrameTimed(port(b, "right")));
    }

    private static boolean isEveryFrameTimed(PortStatus port) {
        return port.txFrames() > 0 && port.residence().count() == port.txFrames()
            && port.residence().quantileNanos(0.5) > 0;
    }

    @Test
    void oneTraceAtATime() {
        connect(1500);
        FrameTrace first = a.trace(port -> true, 1, 1);
        assertThatThrownBy(() -> a.trace(port -> true, 1, 1)).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("one at a time");
        first.close();
        FrameTrace second = a.trace(port -> true, 1, 1);
        first.close();
        assertThatThrownBy(() -> a.trace(port -> true, 1, 1)).as("a trace that is over ends no other")
            .isInstanceOf(DataplaneException.class);
        second.close();
        assertThatThrownBy(() -> a.trace(port -> true, 0, 1)).isInstanceOf(DataplaneException.class);
        assertThatThrownBy(() -> a.trace(port -> true, 1, Dataplane.TRACE_MAX + 1))
            .isInstanceOf(DataplaneException.class);
    }

    private static int pump(TestGuest from, TestGuest to, byte[] frame, int count) {
        for (int sent = 0; sent < count; sent += 50) {
            for (int i = 0; i < 50; i++) {
                from.send(frame);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(to.receive(DEADLINE)).isNotNull();
            }
        }
        return count;
    }

    /** left -- [lan on a] -- link -- [lan on b] -- right. */
    private void connect(int pathMtu) {
        a.addSwitch(SwitchConfig.of("lan"));
        b.addSwitch(SwitchConfig.of("lan"));
        a.openUnix(new UnixPortConfig("left", directory.resolve("left")), "lan");
        b.openUnix(new UnixPortConfig("right", directory.resolve("right")), "lan");
        a.openTunnel(TunnelConfig.plaintext("b", loopback(b.localPort()), pathMtu));
        b.openTunnel(TunnelConfig.plaintext("a", loopback(a.localPort()), pathMtu));
        a.openLink(new LinkConfig("link", "b", LINK_ID), "lan");
        b.openLink(new LinkConfig("link", "a", LINK_ID), "lan");
        await("the tunnel", () -> stateOf(a).equals("up") && stateOf(b).equals("up"));
    }

    private TestGuest guestAt(Dataplane dataplane, String name) {
        TestGuest guest = new TestGuest(directory.resolve(name));
        await("the guest at " + name, () -> port(dataplane, name).up());
        return guest;
    }

    private static PortStatus port(Dataplane dataplane, String name) {
        return dataplane.ports().stream().filter(port -> port.name().equals(name)).findFirst().orElseThrow();
    }

    private static String stateOf(Dataplane dataplane) {
        return dataplane.tunnels().getFirst().state();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static byte[] arp(Random random, int length) {
        return with(unicast(random, length), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0806);
    }

    private static byte[] ipv6Multicast(Random random, int length) {
        return with(unicast(random, length), 0x33, 0x33, 0xff, 0x00, 0x00, 0x01, 0x86dd);
    }

    private static byte[] tagged(Random random, int length) {
        return with(unicast(random, length), 0x33, 0x33, 0x00, 0x00, 0x00, 0x16, 0x8100);
    }

    private static byte[] doublyTagged(Random random, int length) {
        return with(unicast(random, length), 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x88a8);
    }

    /** The frame with a destination and an EtherType. */
    private static byte[] with(byte[] frame, int... octetsAndType) {
        for (int i = 0; i < 6; i++) {
            frame[i] = (byte) octetsAndType[i];
        }
        frame[12] = (byte) (octetsAndType[6] >>> 8);
        frame[13] = (byte) octetsAndType[6];
        return frame;
    }

    private static byte[] unicast(Random random, int length) {
        byte[] frame = new byte[length];
        random.nextBytes(frame);
        frame[0] &= (byte) 0xfe;
        frame[6] &= (byte) 0xfe;
        return frame;
    }
}
