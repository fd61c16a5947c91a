package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no TCP from TAP to TAP: datagrams of every size, super-frames of UDP, echoes, frames without IP. */
class FastPathDatagramTest {
    private static final int LONGEST = 9_000;
    /** Datagrams under way at a time: no more than a socket's default buffer holds of the longest. */
    private static final int WINDOW = 8;
    private static final int UDP_SEGMENTS_MAX = 64;
    private static final int USO_BYTES_MAX = 60_000;
    private static final int USO_SENDS = 150;
    private static final int LOCAL_ETHER_TYPE = 0x88B5;

    private final SplittableRandom random = Seeds.random("FastPathDatagramTest");
    private FastPath path;
    private DatagramChannel near;
    private DatagramChannel far;

    @AfterEach
    void close() throws Exception {
        if (near != null) {
            near.close();
            far.close();
        }
        if (path != null) {
            path.close();
        }
    }

    private void connect(boolean ipv6) {
        var family = ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        var address = new InetSocketAddress(ipv6 ? FastPath.RIGHT6 : FastPath.RIGHT4, 0);
        far = path.right.in(() -> DatagramChannel.open(family).bind(address));
        SocketAddress to = path.right.in(far::getLocalAddress);
        near = path.left.in(() -> DatagramChannel.open(family).connect(to));
        // What is sent next is not to wait for an address to be resolved, where only few frames may wait.
        path.left.run("", "ping", "-c", "1", "-W", "10", address.getHostString());
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private void receive(byte[] expected) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        far.socket().setSoTimeout((int) FastPath.DEADLINE.toMillis());
        var packet = new java.net.DatagramPacket(buffer.array(), buffer.capacity());
        far.socket().receive(packet);
        assertThat(packet.getLength()).isEqualTo(expected.length);
        assertThat(Arrays.mismatch(buffer.array(), 0, expected.length, expected, 0, expected.length)).isEqualTo(-1);
    }

    /** Those longer than the TAP's MTU are cut by IP in the guest. */
    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void datagramsOfEverySizeArrive(boolean ipv6) throws Exception {
        path = new FastPath(1500, 1500);
        connect(ipv6);
        var before = path.drops();
        byte[][] window = new byte[WINDOW][];
        for (int length = 1; length <= LONGEST; length += WINDOW) {
            for (int i = 0; i < WINDOW; i++) {
                window[i] = bytes(length + i);
                near.write(ByteBuffer.wrap(window[i]));
            }
            for (byte[] datagram : window) {
                receive(datagram);
            }
        }
        path.awaitEveryDatagram();
        assertThat(path.dropsSince(before)).isEmpty();
    }

    /** A socket's UDP_SEGMENT becomes a super-frame of the TAP; the far kernel delivers each datagram by itself. */
    @ParameterizedTest(name = "IPv6: {0}, inner MTU {1}, path MTU {2}")
    @CsvSource({"false, 1500, 1500", "true, 1500, 1280", "false, 9000, 1500", "true, 9000, 1500"})
    void superFramesOfUdpArriveAsTheirDatagrams(boolean ipv6, int innerMtu, int pathMtu) throws Exception {
        path = new FastPath(innerMtu, pathMtu);
        connect(ipv6);
        var before = path.drops();
        long framesBefore = FastPath.port(path.a, "tap").rxFrames();
        int longest = innerMtu - (ipv6 ? 48 : 28);
        int descriptor = SegmentingSocket.open(path.left, (InetSocketAddress) near.getRemoteAddress());
        int sent = 0;
        for (int i = 0; i < USO_SENDS; i++) {
            int segment = random.nextInt(3) == 0 ? longest - random.nextInt(3) : random.nextInt(1, longest);
            int total = random.nextInt(1, Math.min(segment * UDP_SEGMENTS_MAX, USO_BYTES_MAX) + 1);
            byte[] all = bytes(total);
            Libc.setOption(descriptor, Libc.SOL_UDP, Libc.UDP_SEGMENT, segment);
            Libc.send(descriptor, all, total, 0);
            for (int from = 0; from < total; from += segment) {
                receive(Arrays.copyOfRange(all, from, Math.min(from + segment, total)));
                sent++;
            }
        }
        Libc.close(descriptor);
        assertThat(FastPath.port(path.a, "tap").rxFrames() - framesBefore).as("frames for %d datagrams", sent)
            .isLessThan(sent / 4);
        path.awaitEveryDatagram();
        assertThat(path.dropsSince(before)).isEmpty();
    }

    /** The route to the peer leads into the tunnel, as it may when somebody changes routes. */
    @Test
    void aTunnelIsNotLedThroughItself() {
        path = new FastPath(1500, 1500);
        path.left.ip("neighbour replace 10.77.0.2 lladdr 02:00:00:00:00:99 dev t0", "route add 10.77.0.2/32 dev t0");
        FastPath.await("its datagrams' end", () -> dropped("own-datagram") > 0);
        FastPath.await("the loss", () -> FastPath.tunnel(path.a).state().equals("lost"));
        assertThat(dropped("own-datagram")).as("each goes once round, and no more").isLessThan(100);
        path.left.ip("route del 10.77.0.2/32 dev t0");
        FastPath.await("the tunnel", () -> FastPath.tunnel(path.a).state().equals("up")
            && FastPath.tunnel(path.b).state().equals("up"));
    }

    private long dropped(String reason) {
        return FastPath.port(path.a, "link").drops().getOrDefault(reason, 0L);
    }

    @Test
    void longEchoesCross() {
        path = new FastPath(1500, 1280);
        for (String address : new String[] {FastPath.RIGHT4, FastPath.RIGHT6}) {
            for (String bytes : new String[] {"16", "1400", "1472", "8000", "65000"}) {
                path.left.run("", "ping", "-q", "-c", "3", "-i", "0.01", "-W", "10", "-s", bytes, address);
            }
        }
    }

    /** EtherTypes that nobody knows, of every length of a 1500-byte LAN. */
    @Test
    void framesWithoutIpCross() {
        path = new FastPath(1500, 1500);
        try (PacketSocket left = new PacketSocket(path.left, FastPath.TAP, LOCAL_ETHER_TYPE, false);
            PacketSocket right = new PacketSocket(path.right, FastPath.TAP, LOCAL_ETHER_TYPE, false)) {
            for (int length = 14; length <= 1514; length++) {
                byte[] frame = bytes(length);
                frame[0] = (byte) 0xFF;
                frame[6] &= (byte) 0xFE;
                frame[12] = (byte) (LOCAL_ETHER_TYPE >>> 8);
                frame[13] = (byte) LOCAL_ETHER_TYPE;
                left.send(frame);
                assertThat(right.receive(FastPath.DEADLINE)).as("length %d", length).isEqualTo(frame);
            }
        }
    }
}
