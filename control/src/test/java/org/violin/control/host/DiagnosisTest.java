package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.PathStatus;
import org.violin.dataplane.TunnelStatus;

/** What an operator is told, for each thing that can be the matter. */
class DiagnosisTest {
    private static final Way WAY = new Way("eth0", 1500, false, false, null);
    private static final PathStatus PATH = path(0.0, "");

    private static PathStatus path(double loss, String fec) {
        return path(loss, 0.0, Double.NaN, fec);
    }

    private static PathStatus path(double loss, double reorderedThere, double reorderedBack, String fec) {
        return new PathStatus(380, 400, 900, 10, loss, 0.0, 1, reorderedThere, reorderedBack, 1000, 1000, fec);
    }

    private static TunnelStatus tunnel(String state, boolean sealed, int mtu, long rx, PathStatus path,
        Map<String, Long> drops) {
        return new TunnelStatus("b", "192.0.2.2:7000", sealed, state, mtu, 400, 1, rx, rx, 9, 9, 0, path, drops);
    }

    private static TunnelStatus down(boolean sealed, Map<String, Long> drops) {
        return tunnel("connecting", sealed, 1500, 0, PATH, drops);
    }

    private static void says(Diagnosis diagnosis, Diagnosis.Verdict verdict, String... words) {
        assertThat(diagnosis.verdict()).as(diagnosis.text()).isEqualTo(verdict);
        assertThat(diagnosis.text()).contains(words).doesNotEndWith(".");
    }

    @Test
    void aTunnelThatIsUp() {
        says(Diagnosis.of(tunnel("up", true, 1500, 9, PATH, Map.of()), Map.of(), WAY), Diagnosis.Verdict.GOOD,
            "round trip 0.40 ms, one of a hundred 0.90");
        says(Diagnosis.of(tunnel("up", true, 1400, 9, PATH, Map.of()), Map.of(), WAY), Diagnosis.Verdict.GOOD,
            "carries packets of 1400 bytes, eth0 1500");
        says(Diagnosis.of(tunnel("up", true, 1500, 9, path(0.05, ""), Map.of()), Map.of(), WAY),
            Diagnosis.Verdict.POOR, "lost there 5.0 %", "--fec auto");
        says(Diagnosis.of(tunnel("up", true, 1500, 9, path(0.05, "10+3"), Map.of()), Map.of(), null),
            Diagnosis.Verdict.POOR, "protected 10+3");
        says(Diagnosis.of(tunnel("up", true, 1500, 9, path(Double.NaN, ""), Map.of()), Map.of(), WAY),
            Diagnosis.Verdict.GOOD, "round trip");
    }

    @Test
    void aPathThatReorders() {
        says(ofPath(path(0, 0.01, 0.009, "")), Diagnosis.Verdict.GOOD, "round trip");
        says(ofPath(path(0, 0.034, Double.NaN, "")), Diagnosis.Verdict.POOR, "overtaken there 3.4 %, back 0.0 %",
            "TCP takes what is late for lost", "--transport tcp");
        says(ofPath(path(0.05, Double.NaN, 0.02, "")), Diagnosis.Verdict.POOR, "lost there 5.0 %",
            "overtaken there 0.0 %, back 2.0 %");
    }

    private static Diagnosis ofPath(PathStatus path) {
        return Diagnosis.of(tunnel("up", true, 1500, 9, path, Map.of()), Map.of(), WAY);
    }

    @Test
    void keysThatDoNotFit() {
        Map<String, Long> tried = Map.of("initiated", 3L, "handshake-forged", 2L);
        says(Diagnosis.of(down(true, Map.of()), tried, WAY), Diagnosis.Verdict.BAD, "another key", "violin key show");
        says(Diagnosis.of(down(true, Map.of()), Map.of("handshake-cipher", 1L), WAY), Diagnosis.Verdict.BAD,
            "no cipher in common");
        says(Diagnosis.of(down(true, Map.of("unknown-session", 2L)), Map.of("initiated", 2L), WAY),
            Diagnosis.Verdict.BAD, "does not seal");
        says(Diagnosis.of(down(false, Map.of("bad-type", 2L)), Map.of(), WAY), Diagnosis.Verdict.BAD,
            "seals its tunnels, and this one does not");
        says(Diagnosis.of(down(false, Map.of("bad-version", 2L)), Map.of(), WAY), Diagnosis.Verdict.BAD,
            "another version");
        says(Diagnosis.of(down(true, Map.of("bad-version", 2L)), Map.of(), WAY), Diagnosis.Verdict.BAD,
            "another version");
    }

    @Test
    void whatControlConnectionsSayGoesBeforeGuesses() {
        String trouble = "the other end's certificate has expired";
        says(Diagnosis.of(down(true, Map.of()), Map.of(), WAY, trouble), Diagnosis.Verdict.BAD, trouble);
        says(Diagnosis.of(down(true, Map.of()), Map.of(), WAY, null), Diagnosis.Verdict.BAD, "nothing comes from");
        says(Diagnosis.of(down(true, Map.of()), Map.of(), new Way("eth0", 1500, false, true, null), trouble),
            Diagnosis.Verdict.BAD, "nothing listens");
        says(Diagnosis.of(tunnel("up", true, 1500, 9, PATH, Map.of()), Map.of(), WAY, trouble),
            Diagnosis.Verdict.GOOD, "round trip");
    }

    @Test
    void aWayThatIsNone() {
        says(Diagnosis.of(down(true, Map.of()), Map.of(), new Way("", 0, false, false, "Network is unreachable")),
            Diagnosis.Verdict.BAD, "no route to 192.0.2.2:7000", "unreachable");
        says(Diagnosis.of(down(true, Map.of()), Map.of(), new Way("tap0", 1500, true, false, null)),
            Diagnosis.Verdict.BAD, "leads into tap0");
        says(Diagnosis.of(down(true, Map.of()), Map.of(), new Way("eth0", 1500, false, true, null)),
            Diagnosis.Verdict.BAD, "nothing listens at 192.0.2.2:7000,");
        says(Diagnosis.of(tunnel("lost", true, 1500, 9, PATH, Map.of()), Map.of("agreed", 1L),
            new Way("eth0", 1500, false, true, null)), Diagnosis.Verdict.BAD, "any more, as its host says");
    }

    @Test
    void silence() {
        says(Diagnosis.of(down(true, Map.of()), Map.of("initiated", 9L), WAY), Diagnosis.Verdict.BAD,
            "nothing comes from 192.0.2.2:7000", "UDP");
        says(Diagnosis.of(down(true, Map.of()), Map.of("initiated", 9L, "answered", 3L), WAY), Diagnosis.Verdict.BAD,
            "one way only");
        says(Diagnosis.of(tunnel("connecting", false, 1500, 3, PATH, Map.of()), Map.of(), WAY), Diagnosis.Verdict.BAD,
            "one way only");
        says(Diagnosis.of(tunnel("lost", true, 1500, 9, PATH, Map.of()), Map.of("agreed", 1L), WAY),
            Diagnosis.Verdict.BAD, "any more", "path is out");
        says(Diagnosis.of(down(true, Map.of()), Map.of(), null), Diagnosis.Verdict.BAD, "has not shown itself");
    }

    @Test
    void theWayIsAskedOfTheKernel() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        InetSocketAddress closed;
        try (DatagramSocket socket = new DatagramSocket(0, loopback)) {
            Way way = Way.to((InetSocketAddress) socket.getLocalSocketAddress(), device -> device.equals("lo"), true);
            assertThat(way.device()).isEqualTo("lo");
            assertThat(way.own()).isTrue();
            assertThat(way.refused()).isFalse();
            assertThat(way.mtu()).isGreaterThan(1500);
            assertThat(way.error()).isNull();
            closed = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        assertThat(Way.to(closed, device -> false, true).refused()).isTrue();
        assertThat(Way.to(closed, device -> false, false).refused()).isFalse();
    }

    private static StreamStatus stream(boolean carries, String connection, String trouble) {
        return new StreamStatus("tls", carries, connection, trouble, Map.of(), Map.of());
    }

    @Test
    void ofAStreamItIsToldWhereItGoesAndWhyItDoesNotCome() {
        TunnelStatus up = tunnel("up", true, 65_535, 9, path(0, ""), Map.of());
        says(Diagnosis.byStream(up, Map.of(), stream(true, "192.0.2.1:443", "")), Diagnosis.Verdict.GOOD,
            ", by tls via 192.0.2.1:443");
        TunnelStatus down = down(true, Map.of());
        says(Diagnosis.byStream(down, Map.of(), stream(true, "", "")), Diagnosis.Verdict.BAD, "no connection for tls");
        says(Diagnosis.byStream(down, Map.of(), stream(true, "", "b is not reached: no")), Diagnosis.Verdict.BAD,
            "b is not reached: no");
        says(Diagnosis.byStream(down, Map.of(), stream(true, "b:1", "")), Diagnosis.Verdict.BAD, "by tls via b:1, but");
        Diagnosis datagrams = Diagnosis.of(up, Map.of(), null);
        says(datagrams.beside(stream(false, "", "b is not reached: no")), Diagnosis.Verdict.GOOD,
            "; no tls: b is not reached: no");
        assertThat(datagrams.beside(null)).isEqualTo(datagrams);
    }
}
