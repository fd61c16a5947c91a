package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest and a foreign peer on one switch: a real guest's socket, and a socket of the JVM's for the peer. */
@ParameterizedClass
@CsvSource({"EPOLL, 1", "EPOLL, 2", "IO_URING, 1", "IO_URING, 2"})
class UdpPortTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int PEER_TIMEOUT_MS = 10_000;
    private static final String VXLAN = "0800000000002A00";
    private static final String TO_PEER = "00030000000000170123456789ABCDEF00000000";
    private static final String FROM_PEER = "000300000000000BFEDCBA9800000001";
    private static final int ROUND_TRIPS = 2_000;
    /** Less than what the peer's socket holds. */
    private static final int BURST = 50;

    @Parameter(0)
    private IoEngine engine;

    @Parameter(1)
    private int workers;

    @TempDir
    private Path directory;
    private final SplittableRandom random = Seeds.random("UdpPortTest");
    /** Nobody else has an address of loopback that is drawn. */
    private final InetSocketAddress local = new InetSocketAddress(loopback(), 4789);
    private final InetSocketAddress remote = new InetSocketAddress(loopback(), 4790);
    private Dataplane dataplane;
    private TestGuest guest;
    private DatagramSocket peer;

    private String loopback() {
        return "127." + random.nextInt(1, 255) + "." + random.nextInt(256) + "." + random.nextInt(1, 255);
    }

    @BeforeEach
    void launch() throws IOException {
        try {
            dataplane = Dataplane.launch(DataplaneConfig.of("u", null).withEngine(engine)
                .withWorkers(workers, List.of()));
        } catch (DataplaneException e) {
            assumeThat(e).as("io_uring is there").hasMessageNotContaining("io_uring_setup");
            throw e;
        }
        dataplane.addSwitch(SwitchConfig.of("lan"));
        // The first worker reads the guest; with two, the second receives for the peer.
        dataplane.openUnix(new UnixPortConfig("guest", directory.resolve("guest")), "lan");
        guest = new TestGuest(directory.resolve("guest"));
        FastPath.await("the guest", () -> port("guest").up());
        peer = new DatagramSocket(remote);
        peer.setSoTimeout(PEER_TIMEOUT_MS);
    }

    @AfterEach
    void close() throws Exception {
        if (dataplane != null) {
            guest.close();
            peer.close();
            dataplane.close();
            dataplane.terminated().get();
        }
    }

    private PortStatus port(String name) {
        return FastPath.port(dataplane, name);
    }

    private void openVxlan() {
        dataplane.openUdp(new UdpPortConfig("peer", local, remote, new UdpPortConfig.Vxlan(42)), "lan");
    }

    private void openL2tpv3() {
        dataplane.openUdp(new UdpPortConfig("peer", local, remote,
            new UdpPortConfig.L2tpv3(11, 23, "FEDCBA98", "0123456789abcdef", true)), "lan");
    }

    private static byte[] behind(String header, byte[] frame) {
        byte[] bytes = HexFormat.of().parseHex(header);
        return ByteBuffer.allocate(bytes.length + frame.length).put(bytes).put(frame).array();
    }

    private void sendFrom(DatagramSocket socket, byte[] datagram) {
        try {
            socket.send(new DatagramPacket(datagram, datagram.length, local));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] receiveAtPeer() {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        try {
            peer.receive(packet);
        } catch (SocketTimeoutException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** Between stations of their own, so that the switch need not flood for long. */
    private byte[] frame(int to, int from, int length) {
        byte[] frame = new byte[length];
        random.nextBytes(frame);
        return ByteBuffer.wrap(frame).putShort(0, (short) 0x0200).putInt(2, to).putShort(6, (short) 0x0200)
            .putInt(8, from).array();
    }

    private void exchange(String toPeer, String fromPeer, int... lengths) {
        for (int length : lengths) {
            byte[] there = frame(2, 1, length);
            guest.send(there);
            assertThat(receiveAtPeer()).as("%d bytes there", length).isEqualTo(behind(toPeer, there));
            byte[] back = frame(1, 2, length);
            sendFrom(peer, behind(fromPeer, back));
            assertThat(guest.receive(DEADLINE)).as("%d bytes back", length).isEqualTo(back);
        }
    }

    @Test
    void framesPassBothWaysBehindTheirHeader() {
        openVxlan();
        exchange(VXLAN, VXLAN, 14, 60, 61, 1514, 1518, 9014, 65_000);
        PortStatus status = port("peer");
        assertThat(status.kind()).isEqualTo("vxlan");
        assertThat(status.detail()).isEqualTo(local.getAddress().getHostAddress() + ":4789 to "
            + remote.getAddress().getHostAddress() + ":4790, VNI 42");
        assertThat(status.up()).isTrue();
        assertThat(status.rxFrames()).isEqualTo(7);
        assertThat(status.drops()).isEmpty();
        assertThat(dataplane.macs("lan")).extracting(MacStatus::port).containsExactlyInAnyOrder("guest", "peer");
        dataplane.closePort("peer");

        openL2tpv3();
        exchange(TO_PEER, FROM_PEER, 14, 60, 61, 1514, 1518, 9014, 65_000);
        assertThat(port("peer").kind()).isEqualTo("l2tpv3");
        assertThat(port("peer").detail()).endsWith(":4790, session 11 from 23");
        assertThat(port("peer").drops()).isEmpty();
    }

    /** What a guest is not, unless it is said ({@link Guard#STATION}). */
    @Test
    void thePeerMayBeABridge() {
        openVxlan();
        byte[] bpdu = HexFormat.of().parseHex("0180C2000000" + "020000000002" + "0026" + "42".repeat(46));
        guest.send(bpdu);
        FastPath.await("the guest's guard", () -> port("guest").drops().getOrDefault("bpdu-guard", 0L) == 1);
        sendFrom(peer, behind(VXLAN, bpdu));
        assertThat(guest.receive(DEADLINE)).isEqualTo(bpdu);
    }

    @Test
    void burstsArriveWhole() {
        openVxlan();
        exchange(VXLAN, VXLAN, 60);
        for (int round = 0; round < 20; round++) {
            byte[][] frames = new byte[BURST][];
            for (int i = 0; i < frames.length; i++) {
                frames[i] = frame(2, 1, i % 10 < 8 ? 600 : 60 + random.nextInt(1455));
                guest.send(frames[i]);
            }
            for (byte[] frame : frames) {
                assertThat(receiveAtPeer()).isEqualTo(behind(VXLAN, frame));
            }
            for (int i = 0; i < frames.length; i++) {
                frames[i] = frame(1, 2, frames[i].length);
                sendFrom(peer, behind(VXLAN, frames[i]));
            }
            for (byte[] frame : frames) {
                assertThat(guest.receive(DEADLINE)).isEqualTo(frame);
            }
        }
        assertThat(port("peer").drops()).isEmpty();
    }

    /** RFC 7348 has the port of the source vary with the flow; RFC 3931 has it stay. */
    @Test
    void onlyThePeerIsHeard() throws IOException {
        openVxlan();
        byte[] frame = frame(1, 2, 100);
        try (DatagramSocket otherPort = new DatagramSocket(new InetSocketAddress(remote.getAddress(), 0));
            DatagramSocket stranger = new DatagramSocket(new InetSocketAddress(loopback(), 4790))) {
            sendFrom(stranger, behind(VXLAN, frame(1, 3, 100)));
            sendFrom(otherPort, behind(VXLAN, frame));
            assertThat(guest.receive(DEADLINE)).isEqualTo(frame);
            assertThat(port("peer").drops()).isEqualTo(Map.of("wrong-source", 1L));
            dataplane.closePort("peer");

            openL2tpv3();
            exchange(TO_PEER, FROM_PEER, 60);
            sendFrom(stranger, behind(FROM_PEER, frame(1, 3, 100)));
            sendFrom(otherPort, behind(FROM_PEER, frame(1, 3, 100)));
            exchange(TO_PEER, FROM_PEER, 60);
        }
    }

    @Test
    void whatIsWrongIsCountedByItsReason() {
        openL2tpv3();
        exchange(TO_PEER, FROM_PEER, 60);
        byte[] frame = frame(1, 3, 60);
        sendFrom(peer, new byte[0]);
        sendFrom(peer, new byte[3]);
        sendFrom(peer, behind(FROM_PEER, new byte[13]));
        sendFrom(peer, behind("800300000000000BFEDCBA9800000001", frame));
        sendFrom(peer, behind("000200000000000BFEDCBA9800000001", frame));
        sendFrom(peer, behind("000300000000000CFEDCBA9800000001", frame));
        sendFrom(peer, behind("000300000000000BFEDCBA9900000001", frame));
        exchange(TO_PEER, FROM_PEER, 60);
        assertThat(port("peer").drops()).isEqualTo(Map.of("datagram-short", 2L, "runt", 1L, "bad-encapsulation", 2L,
            "other-session", 1L, "wrong-cookie", 1L));
        dataplane.closePort("peer");

        openVxlan();
        sendFrom(peer, behind("0000000000002A00", frame));
        sendFrom(peer, behind("0800000000002B00", frame));
        exchange(VXLAN, VXLAN, 60);
        assertThat(port("peer").drops()).isEqualTo(Map.of("bad-encapsulation", 1L, "other-session", 1L));
    }

    @Test
    void aPeerThatRefusesIsSeenToAndTriedAgain() throws IOException {
        openL2tpv3();
        exchange(TO_PEER, FROM_PEER, 60);
        peer.close();
        FastPath.await("the refusal", () -> {
            guest.send(frame(2, 1, 60));
            return !port("peer").up();
        });
        assertThat(port("peer").drops()).containsOnlyKeys("peer-refused");
        peer = new DatagramSocket(remote);
        peer.setSoTimeout(PEER_TIMEOUT_MS);
        sendFrom(peer, behind(FROM_PEER, frame(1, 2, 60)));
        assertThat(guest.receive(DEADLINE)).isNotNull();
        FastPath.await("the peer", () -> port("peer").up());
        guest.send(frame(2, 1, 99));
        byte[] datagram = receiveAtPeer();
        while (datagram != null && datagram.length != behind(TO_PEER, new byte[99]).length) {
            datagram = receiveAtPeer();
        }
        assertThat(datagram).isNotNull();
    }

    @Test
    void anAddressIsOnePorts() {
        openVxlan();
        assertThatThrownBy(() -> dataplane.openUdp(
            new UdpPortConfig("other", local, remote, new UdpPortConfig.Vxlan(1)), "lan"))
            .isInstanceOf(DataplaneException.class).hasMessageContaining("EADDRINUSE");
        dataplane.closePort("peer");
        openVxlan();
        dataplane.impair("peer", new Impairment(0, 0, 0, 0, 0, 0, 0, 0, 0, true, 1));
        guest.send(frame(2, 1, 60));
        FastPath.await("the drop", () -> port("peer").drops().equals(Map.of("impair-down", 1L)));
        dataplane.impair("peer", Impairment.NONE);
        exchange(VXLAN, VXLAN, 60);
    }

    @Test
    void aFrameCostsNoAllocation() throws Exception {
        openVxlan();
        byte[] there = frame(2, 1, 600);
        byte[] back = behind(VXLAN, frame(1, 2, 600));
        Allocations.assertWorkersNeedNone(() -> {
            for (int i = 0; i < ROUND_TRIPS; i++) {
                guest.send(there);
                assertThat(receiveAtPeer()).isNotNull();
                sendFrom(peer, back);
                assertThat(guest.receive(DEADLINE)).isNotNull();
            }
            return null;
        });
    }

    @Test
    void aConfigurationThatCannotBeIsRefused() {
        UdpPortConfig.Vxlan header = new UdpPortConfig.Vxlan(0);
        assertThatThrownBy(() -> new UdpPortConfig.Vxlan(1 << 24)).hasMessageContaining("vni: 16777216: 0 to 16777215");
        assertThatThrownBy(() -> new UdpPortConfig.L2tpv3(0, 1, "", "", false)).hasMessageContaining("localSession");
        assertThatThrownBy(() -> new UdpPortConfig.L2tpv3(1, 1, "", "123456", false))
            .hasMessageContaining("remoteCookie: '123456': 8 or 16 hex digits, or none");
        assertThatThrownBy(() -> new UdpPortConfig("p", local, new InetSocketAddress("::1", 1), header))
            .hasMessageContaining("the other family");
        assertThatThrownBy(() -> new UdpPortConfig("p", local, new InetSocketAddress("224.0.0.1", 1), header))
            .hasMessageContaining("one host's address");
    }
}
