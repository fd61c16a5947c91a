package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.violin.control.cli.TwoHosts.Host;

/**
 * What changes while a tunnel carries frames, and how many of them that costs: none where the path is healthy, and else
 * no more than are sent until the change is noticed. All others come, once.
 */
class LossIT extends BetweenTwoHosts {
    /** A datagram of the tunnel's carries it over a path of 1500 bytes; over a narrower one it takes two. */
    private static final int BYTES = 1300;
    private static final int SHORT_BYTES = 300;
    private static final int PORT = 9100;
    private static final int MANY = 20_000;
    private static final int MANY_PER_SECOND = 100_000;

    @AutoClose
    private Traffic forth;
    @AutoClose
    private Traffic back;

    private void startTraffic() {
        forth = new Traffic(left, right, BYTES);
        back = new Traffic(right, left, BYTES);
        forth.await(1);
        back.await(1);
    }

    /** With a window that no queue is too short for: what the host is too busy for waits, and is not dropped. */
    private Process stream(Host from, String to, int seconds) throws Exception {
        return from.background("iperf3 -c " + to + " -C cubic -b 100M -w 128K -t " + seconds, log());
    }

    private Path log() {
        return directory.resolve("iperf3.txt");
    }

    private void awaitEnd(Process stream) {
        hosts.await("the end of the stream", () -> !stream.isAlive());
        assertThat(stream.exitValue()).as(Product.read(log())).isZero();
    }

    /** Every two seconds, with a TCP stream under way as well. */
    @Test
    void newKeysLoseNothing() throws Exception {
        String key = hosts.newKey("tunnel.key");
        Product.Running a = left.sealed(key, "--rekey", "2s");
        Product.Running b = right.sealed(key, "--rekey", "2s");
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("ready").contains("sealed by key").doesNotContain("NOT encrypted");
        right.serveIperf();
        startTraffic();
        awaitEnd(stream(left, right.address(), 7));
        List<Traffic.Report> reports = List.of(forth.end(), back.end());
        List<String> summaries = List.of(a.stop().out(), b.stop().out());
        reports.forEach(report -> report.assertNothingLost(summaries));
        for (String summary : summaries) {
            assertThat(TwoHosts.renewals(summary)).as(summary).isGreaterThanOrEqualTo(4);
            assertThat(summary).containsPattern("last seconds +[1-9]\\d*\\.\\d\\d Mbit/s there, [1-9]");
            assertThat(summary).doesNotContain("not-authentic").doesNotContain("unknown-session")
                .doesNotContain("replayed");
        }
    }

    /**
     * One end knows the other by its key alone: first behind one address, then behind another. That one is asked
     * whether it is the peer, and once more a quarter of a second later; where nothing is lost its first answer comes.
     */
    @Test
    void anEndThatMovesIsFollowedAndItsConnectionsGoOn() throws Exception {
        String key = hosts.newKey("tunnel.key");
        Product.Running a = left.tunnel("--key-file", key, "--local", left.underlay());
        hosts.await("the start", () -> a.err().contains("vt0 <-> unknown: ready"));
        Product.Running b = right.tunnel("--key-file", key, "--local", "0.0.0.0:7000", "--remote", left.underlay());
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("10.77.0.2:7000: up");
        left.serveIperf();
        startTraffic();
        Process stream = stream(right, left.address(), 3);
        int forthBefore = forth.await(Traffic.PER_SECOND / 2);
        int backBefore = back.await(1);
        right.ip("address delete 10.77.0.2/24 dev eth0", "address add 10.77.0.3/24 dev eth0");
        hosts.await("the move", () -> a.err().contains("10.77.0.3:7000: path MTU"));
        int forthAfter = forth.await(1);
        int backAfter = back.await(1);
        awaitEnd(stream);
        List<Traffic.Report> reports = List.of(forth.end(), back.end());
        List<String> summaries = List.of(a.stop().out(), b.stop().out());
        reports.getFirst().assertLost(forthBefore, forthAfter, Traffic.PER_SECOND / 4, summaries);
        reports.getLast().assertLost(backBefore, backAfter, Traffic.PER_SECOND / 4, summaries);
        assertThat(summaries.getFirst()).contains("vt0 <-> 10.77.0.3:7000");
        assertThat(b.err()).doesNotContain("nothing heard");
    }

    /** And nobody tells: no ICMP. The size in use is probed every two seconds, and five times when it does not pass. */
    @Test
    void aPathThatGetsNarrowerIsNoticed() {
        String key = hosts.newKey("tunnel.key");
        Product.Running a = left.sealed(key);
        Product.Running b = right.sealed(key);
        hosts.await("Ethernet's size", () -> carries(a, "1500") && carries(b, "1500"));
        startTraffic();
        int forthBefore = forth.await(1);
        int backBefore = back.await(1);
        for (Host host : List.of(left, right)) {
            // The filter is to see each datagram, not several in one.
            host.ip("link set eth0 gso_max_segs 1");
            host.filter("iif eth0 ip length > 1400 drop");
        }
        hosts.await("what passes", () -> carries(a, "(139[3-9]|1400)") && carries(b, "(139[3-9]|1400)"));
        int forthAfter = forth.await(Traffic.PER_SECOND / 2);
        int backAfter = back.await(1);
        List<Traffic.Report> reports = List.of(forth.end(), back.end());
        List<String> summaries = List.of(a.stop().out(), b.stop().out());
        reports.getFirst().assertLost(forthBefore, forthAfter, 3 * Traffic.PER_SECOND, summaries);
        reports.getLast().assertLost(backBefore, backAfter, 3 * Traffic.PER_SECOND, summaries);
        assertThat(a.err() + b.err()).doesNotContain("nothing heard");
    }

    private static boolean carries(Product.Running end, String size) {
        return end.err().lines().anyMatch(line -> line.matches(".*: path MTU " + size));
    }

    /**
     * The listening end knows nothing of the other, and follows it: TLS, datagrams without a loss, and TLS again when a
     * silence of 3 s has shown that they do not pass any more, and 3 s more that they do not come back.
     */
    @Test
    void autoTakesDatagramsWhereTheyPassAndTlsWhereTheyDoNot() {
        String key = hosts.newKey("tunnel.key");
        String whole = "vt0 <-> tls " + right.underlay() + ": path MTU 65535";
        right.filter("iif eth0 udp dport 7000 drop");
        Product.Running b = right.tunnel("--transport", "auto", "--local", right.underlay(), "--key-file", key);
        hosts.await("the listener", () -> b.err().contains("ready"));
        Product.Running a = left.across("--transport", "auto", "--key-file", key);
        hosts.await("TLS", () -> a.err().contains(whole) && b.err().contains(": up,"));
        startTraffic();
        right.filterNothing();
        hosts.await("datagrams", () -> a.err().contains("vt0 <-> " + right.underlay() + ": path MTU")
            && b.err().contains("vt0 <-> " + left.underlay() + ": path MTU"));
        int forthBefore = forth.await(1);
        int backBefore = back.await(1);
        right.filter("iif eth0 udp dport 7000 drop");
        // Its end may have turned before it has missed anything.
        hosts.await("TLS again", () -> a.err().split(whole, -1).length == 3);
        int forthAfter = forth.await(1);
        int backAfter = back.await(1);
        List<Traffic.Report> reports = List.of(forth.end(), back.end());
        List<String> summaries = List.of(a.stop().out(), b.stop().out());
        reports.getFirst().assertLost(forthBefore, forthAfter, 6 * Traffic.PER_SECOND, summaries);
        reports.getLast().assertLost(backBefore, backAfter, 6 * Traffic.PER_SECOND, summaries);
        assertThat(summaries.getFirst()).contains("connections: 1 connected\n");
        assertThat(summaries.getLast()).contains("connections: 1 connected");
    }

    /**
     * Each end decides it for what it sends: of two streams over a path that loses one of twenty, what is brought back
     * of the one comes in its place, and of the other behind what overtook it.
     */
    @Test
    void whatIsBroughtBackComesInItsPlaceWhereThatIsWanted() throws IOException {
        String key = hosts.newKey("tunnel.key");
        Product.Running a = left.sealed(key, "--fec", "10+5/ordered");
        Product.Running b = right.sealed(key, "--fec", "10+5");
        hosts.awaitUp(a, b);
        for (Host host : List.of(left, right)) {
            // The filter is to see each datagram, not several in one.
            host.ip("link set eth0 gso_max_segs 1");
            host.filter("iif eth0 udp dport 7000 numgen random mod 20 < 1 drop");
        }
        try (Traffic ordered = new Traffic(left, right, right.address(), PORT, SHORT_BYTES, MANY_PER_SECOND);
            Traffic plain = new Traffic(right, left, left.address(), PORT, SHORT_BYTES, MANY_PER_SECOND)) {
            ordered.await(MANY);
            plain.await(MANY);
            String what = "ordered: " + ordered.end() + ", " + ordered.overtaken() + " overtaken; plain: " + plain.end()
                + ", " + plain.overtaken() + " overtaken " + List.of(a.stop().out(), b.stop().out());
            System.out.println(what);
            assertThat(plain.overtaken()).as(what).isGreaterThan(MANY / 100);
            assertThat(ordered.overtaken()).as(what).isLessThan(plain.overtaken() / 2);
        }
    }

    /** Killed, it says no goodbye; started again, it is up within a second, whatever the other still thinks of it. */
    @Test
    void aPeerThatStartsAgainIsTakenBackAtOnce() throws Exception {
        String key = hosts.newKey("tunnel.key");
        Product.Running a = left.sealed(key);
        Product.Running b = right.sealed(key);
        hosts.awaitUp(a, b);
        left.in("ip neighbour replace 10.88.0.2 lladdr " + right.mac("vt0") + " dev vt0 nud permanent");
        startTraffic();
        int forthBefore = forth.await(1);
        int backBefore = back.await(1);
        b.process.destroyForcibly().waitFor();
        Product.Running again = right.sealed(key);
        hosts.await("its start", () -> again.err().contains("ready"));
        int ready = forth.next();
        hosts.awaitUp(again);
        int forthAfter = forth.await(1);
        int backAfter = back.await(1);
        List<Traffic.Report> reports = List.of(forth.end(), back.end());
        List<String> summaries = List.of(a.stop().out(), again.stop().out());
        reports.getFirst().assertLost(forthBefore, forthAfter, ready - forthBefore + Traffic.PER_SECOND, summaries);
        reports.getLast().assertLost(backBefore, backAfter, backAfter - backBefore, summaries);
    }
}
