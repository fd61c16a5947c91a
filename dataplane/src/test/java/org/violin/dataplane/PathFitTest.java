package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel's own TCP and IP make of it when they are told what fits the path. */
class PathFitTest {
    private static final byte[] STATION = {2, 0, 0, 0, 0, (byte) 0xBB};
    /** What is sent before anything is known. */
    private static final int BASE_MTU = 1280;
    /** What a tunnel's packet has beside the packet it carries: IP and UDP, its header, a record's, Ethernet's. */
    private static final int OVERHEAD_BYTES = 28 + 16 + 12 + 14;
    private static final int TIMESTAMP_BYTES = 12;
    private static final int LONG_DATAGRAM_BYTES = 1_440;

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0}, {1} at the end that {2}")
    @CsvSource({"10.88.0.2, AUTO, connects", "fd88::2, AUTO, connects", "10.88.0.2, AUTO, accepts",
        "fd88::2, AUTO, accepts", "10.88.0.2, 1000, connects", "fd88::2, 1000, accepts"})
    void connectionsAgreeOnWhatFits(String address, String clamp, String where) throws Exception {
        boolean isIpv6 = address.contains(":");
        try (FastPath path = path()) {
            int mss = clamp.equals("AUTO") ? fits(path) - (isIpv6 ? 60 : 40) : Integer.parseInt(clamp);
            assertThat(segmentBytes(path, address)).containsExactly(unclamped(isIpv6), unclamped(isIpv6));
            Fit fit = new Fit(clamp.equals("AUTO") ? Fit.AUTO : mss, false);
            (where.equals("connects") ? path.a : path.b).fit("link", fit);
            assertThat(segmentBytes(path, address)).containsExactly(mss - TIMESTAMP_BYTES, mss - TIMESTAMP_BYTES);
            TcpStreams.exchange(path.left, path.right, address, 1 << 18, 1);
            path.a.fit("link", Fit.NONE);
            path.b.fit("link", Fit.NONE);
            assertThat(segmentBytes(path, address)).containsExactly(unclamped(isIpv6), unclamped(isIpv6));
        }
    }

    /** One that has found out what it carries: the interface's MTU, which is tried first. */
    private static FastPath path() {
        FastPath path = new FastPath(1500, 1500);
        FastPath.await("the path's MTU", () -> FastPath.tunnel(path.a).pathMtu() > BASE_MTU
            && FastPath.tunnel(path.b).pathMtu() > BASE_MTU);
        return path;
    }

    private static int fits(FastPath path) {
        return FastPath.tunnel(path.a).pathMtu() - OVERHEAD_BYTES;
    }

    private static int unclamped(boolean isIpv6) {
        return 1500 - (isIpv6 ? 60 : 40) - TIMESTAMP_BYTES;
    }

    /** The segments that either end of a new connection would send. */
    private static int[] segmentBytes(FastPath path, String address) throws Exception {
        InetAddress to = InetAddress.getByName(address);
        try (ServerSocket listener = path.right.in(() -> new ServerSocket(0, 1, to));
            Socket near = path.left.in(() -> new Socket(to, listener.getLocalPort()));
            Socket far = listener.accept()) {
            int port = listener.getLocalPort();
            assertThat(far.getPort()).isEqualTo(near.getLocalPort());
            return new int[] {mss(path.left, "dport = :" + port), mss(path.right, "sport = :" + port)};
        }
    }

    private static int mss(Namespace host, String which) {
        String told = host.run("", "ss", "-tinH", "state", "established", which);
        Matcher mss = Pattern.compile("\\bmss:(\\d+)").matcher(told);
        assertThat(mss.find()).as(told).isTrue();
        return Integer.parseInt(mss.group(1));
    }

    /** By its own packets; from then on it sends none that are too long, of any protocol. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {FastPath.RIGHT4, FastPath.RIGHT6})
    void theKernelLearnsThePathsMtu(String address) throws Exception {
        boolean isIpv6 = address.contains(":");
        try (FastPath path = path()) {
            String longest = Integer.toString(1500 - (isIpv6 ? 48 : 28));
            String[] ping = {"sh", "-c", "ping -M do -c 2 -i 0.2 -W 10 -s " + longest + " " + address + " || true"};
            assertThat(path.left.run("", ping)).contains(" 0% packet loss");
            path.a.fit("link", new Fit(0, true));
            assertThat(path.left.run("", ping)).contains("From " + address)
                .contains((isIpv6 ? "Packet too big: mtu=" : "Frag needed and DF set (mtu = ") + fits(path));
            assertThat(route(path, address)).contains(" mtu " + fits(path));
            long told = FastPath.port(path.a, "link").drops().get("too-big");
            assertThat(told).isPositive();

            path.left.run("", "ping", "-q", "-c", "2", "-i", "0.2", "-W", "10", "-s", "4000", address);
            path.left.ip("link set t0 gso_max_segs 1");
            TcpStreams.exchange(path.left, path.right, address, 1 << 18, 1);
            assertThat(FastPath.port(path.a, "link").drops()).containsEntry("too-big", told);
            assertThat(FastPath.port(path.b, "link").drops()).doesNotContainKey("too-big");
        }
    }

    private static String route(FastPath path, String address) {
        return path.left.run("", "ip", "route", "get", address);
    }

    /** A segment of its MTU is answered, and TCP sends shorter ones; super-frames are cut as before. */
    @ParameterizedTest(name = "{0}, plain segments: {1}")
    @CsvSource({"10.88.0.2, true", "fd88::2, true", "10.88.0.2, false"})
    void streamsGoOnWithSegmentsThatFit(String address, boolean plain) throws Exception {
        try (FastPath path = path()) {
            path.a.fit("link", new Fit(0, true));
            path.b.fit("link", new Fit(0, true));
            if (plain) {
                path.left.ip("link set t0 gso_max_segs 1");
                path.right.ip("link set t0 gso_max_segs 1");
            }
            TcpStreams.exchange(path.left, path.right, address, 1 << 20, 1);
            assertThat(FastPath.port(path.a, "link").drops().getOrDefault("too-big", 0L))
                .isGreaterThanOrEqualTo(plain ? 1 : 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {FastPath.RIGHT4, FastPath.RIGHT6})
    void aSuperFrameOfDatagramsIsAnsweredAsOneOfThem(String address) throws Exception {
        InetAddress to = InetAddress.getByName(address);
        try (FastPath path = path();
            DatagramChannel far = path.right.in(() -> DatagramChannel.open().bind(new InetSocketAddress(to, 0)))) {
            path.a.fit("link", new Fit(0, true));
            path.left.run("", "ping", "-c", "1", "-W", "10", address);
            int near = SegmentingSocket.open(path.left, (InetSocketAddress) far.getLocalAddress());
            Libc.setOption(near, Libc.SOL_UDP, Libc.UDP_SEGMENT, LONG_DATAGRAM_BYTES);
            if (to instanceof Inet4Address) {
                Libc.setOption(near, Libc.IPPROTO_IP, Libc.IP_MTU_DISCOVER, Libc.IP_PMTUDISC_DO);
            }
            Libc.send(near, new byte[4 * LONG_DATAGRAM_BYTES], 4 * LONG_DATAGRAM_BYTES, 0);
            FastPath.await("the answer", () -> route(path, address).contains(" mtu " + fits(path)));
            Libc.close(near);
            assertThat(FastPath.port(path.a, "link").drops()).containsEntry("too-big", 1L);
        }
    }

    /** The frame that is sent is not the one that others got. */
    @Test
    void whatIsFloodedIsChangedForTheLinkAlone() {
        try (FastPath path = new FastPath(1500, 1500, directory.resolve("far"), IoEngine.AUTO)) {
            path.a.openUnix(new UnixPortConfig("near", directory.resolve("near")), "lan");
            path.a.fit("link", new Fit(1000, false));
            try (PacketSocket left = new PacketSocket(path.left, FastPath.TAP, 0, false);
                TestGuest near = new TestGuest(directory.resolve("near"));
                TestGuest far = new TestGuest(directory.resolve("far"))) {
                FastPath.await("a guest", () -> FastPath.port(path.a, "near").up());
                FastPath.await("a guest", () -> FastPath.port(path.b, "guest").up());
                byte[] syn = HexFormat.of().parseHex("0200000000aa" + "0200000000bb" + "0800"
                    + "4500002c00014000400666ca" + "0a5800010a580002" + "c0010050000000010000000060021000" + "75a20000"
                    + "020405b4");
                left.send(syn);
                assertThat(next(near)).isEqualTo(syn);
                byte[] clamped = next(far);
                assertThat(HexFormat.of().formatHex(clamped, syn.length - 4, syn.length)).isEqualTo("020403e8");
                assertThat(Arrays.copyOf(clamped, 50)).isEqualTo(Arrays.copyOf(syn, 50));
            }
        }
    }

    /** The next frame of the test's own: the host has things to say, from an address of chance. */
    private static byte[] next(TestGuest guest) {
        byte[] frame;
        do {
            frame = guest.receive(FastPath.DEADLINE);
            assertThat(frame).as("a frame comes").isNotNull();
        } while (!Arrays.equals(frame, 6, 12, STATION, 0, STATION.length));
        return frame;
    }
}
