package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.control.cli.TwoHosts.Host;
import org.violin.control.os.Command;

/** {@code violin tunnel} between two namespaces joined by a veth pair, as two users on two hosts would run it. */
class TunnelIT extends BetweenTwoHosts {
    /** Some times what a tunnel's socket holds. */
    private static final int FLOOD_DATAGRAMS = 40_000;

    @Test
    void framesOfEverySizePassAndTheSummaryCountsThem() {
        Product.Running a = left.plain();
        Product.Running b = right.plain();
        hosts.awaitUp(a, b);
        for (int payload : new int[] {16, 100, 1000, 1440, 1458, 1472}) {
            left.in("ping -q -c 3 -i 0.05 -W 5 -M do -s " + payload + " 10.88.0.2");
        }
        Command.Result tooLong = left.tried("ping -c 1 -M do -s 1473 10.88.0.2");
        assertThat(tooLong.said()).as("the TAP's own MTU").contains("mtu=1500");

        assertThat(a.stop().out()).containsPattern("from TAP +[1-9]").containsPattern("to TAP +[1-9]")
            .containsPattern("datagrams out +[1-9]").containsPattern("time to tunnel +p50 [1-9]").contains("dropped: ");
        hosts.await("the loss of the peer", () -> b.err().contains("nothing heard"));
        b.stop();
        assertThat(left.in("ip -o link")).as("devices left").doesNotContain("vt0");
    }

    @Test
    void tcpAndMulticastPassOverAnIpv6Underlay() {
        Product.Running a = left.tunnel("--insecure-plaintext", "--local", "[fd77::1]:7000",
            "--remote", "[fd77::2]:7000");
        Product.Running b = right.tunnel("--insecure-plaintext", "--local", "[fd77::2]:7000",
            "--remote", "[fd77::1]:7000");
        hosts.awaitUp(a, b);
        hosts.iperf("-t 1");
        // IPv6 neighbour discovery is multicast: without it the link-local address of the other end is not reached.
        for (Host host : List.of(left, right)) {
            hosts.await("the link-local address", () -> host.in("ip -6 -o address show dev vt0 scope link -tentative")
                .contains("fe80::"));
        }
        String linkLocal = right.in("ip -6 -o address show dev vt0 scope link").split("\\s+")[3].split("/")[0];
        assertThat(left.in("ping -q -c 1 -W 10 " + linkLocal + "%vt0")).contains(" 0% packet loss");
    }

    /** For longer than it takes the other end to notice, with a TCP connection under way and a flood coming in. */
    @Test
    void aPeerThatStandsStillIsHeardAgainAndItsConnectionsGoOn() throws Exception {
        Product.Running a = left.plain();
        Product.Running b = right.plain();
        hosts.awaitUp(a, b);
        right.serveIperf();
        Path log = directory.resolve("iperf3.txt");
        Process stream = left.background("iperf3 -c 10.88.0.2 -C cubic -n 150M -b 400M", log);
        hosts.await("some of the stream", () -> sentBytes() > 20_000_000);

        Namespaces.signal("STOP", b.process.pid());
        left.bash("dd status=none if=/dev/zero bs=1400 count=" + FLOOD_DATAGRAMS + " > /dev/udp/10.88.0.2/9").orThrow();
        hosts.await("the loss of the peer", () -> a.err().contains("nothing heard"));
        Namespaces.signal("CONT", b.process.pid());
        hosts.await("the tunnel again", () -> a.err().split(": up,", -1).length == 3);
        hosts.await("the end of the stream", () -> !stream.isAlive());
        assertThat(stream.exitValue()).as(Files.readString(log)).isZero();
        left.in("ping -q -c 3 -i 0.05 -W 5 -s 1472 10.88.0.2");
        a.stop();
        assertThat(b.stop().out()).contains("receive-overflow (socket)");
    }

    private long sentBytes() {
        return Long.parseLong(left.in("cat /sys/class/net/vt0/statistics/tx_bytes").strip());
    }

    @Test
    void anotherKeyOrNoneAtTheOtherEndIsToldAndLetsNothingThrough() {
        Product.Running a = left.sealed(hosts.newKey("one.key"));
        Product.Running b = right.sealed(hosts.newKey("other.key"));
        hosts.await("the reason", () -> a.err().contains("has another key") && b.err().contains("has another key"));
        assertThat(b.stop().out()).containsPattern("from tunnel +0 ");
        Product.Running plain = right.plain();
        hosts.await("its hellos", () -> plain.err().contains("ready"));
        Command.Result ping = left.tried("ping -c 3 -i 0.2 -W 1 10.88.0.2");
        assertThat(ping.output()).contains("100% packet loss");
        assertThat(a.stop().out()).containsPattern("from tunnel +0 ");
        assertThat(plain.stop().out()).containsPattern("from tunnel +0 ").contains("bad-type (tunnel)");
    }

    @Test
    void whatAPathLosesIsBroughtBack() {
        String key = hosts.newKey("tunnel.key");
        Product.Running a = left.sealed(key, "--fec", "8+4");
        Product.Running b = right.sealed(key, "--fec", "8+4x2");
        hosts.awaitUp(a, b);
        right.filter("udp dport 7000 numgen random mod 50 < 1 drop");
        assertThat(left.in("ping -q -c 2000 -i 0.002 -s 500 10.88.0.2")).containsPattern(" 0(\\.\\d+)?% packet loss");
        a.stop();
        assertThat(b.stop().out()).containsPattern("brought back +[1-9]");
    }

    @Test
    void sendersAreToldWhatFits() {
        String[] fits = {"--df", "honor", "--mss-clamp", "auto"};
        Product.Running a = left.plain(fits);
        Product.Running b = right.plain();
        hosts.awaitUp(a, b);
        Command.Result ping = left.tried("ping -M do -c 1 -W 1 -s 1472 10.88.0.2");
        assertThat(ping.output()).contains("Frag needed and DF set (mtu = ");
        hosts.iperf("-n 1M");
        assertThat(a.stop().out()).containsPattern("1 too-big \\(link\\)");
        b.stop();
    }

    @Test
    void oneEngineMeetsTheOther() {
        Product.Running a = left.plain("--engine", "epoll");
        Product.Running b = right.plain("--engine", "io_uring");
        hosts.await("the tunnel", () -> !b.process.isAlive() || a.err().contains(": up,") && b.err().contains(": up,"));
        assumeTrue(!b.err().contains("io_uring_setup"), b.err());
        assertThat(a.err()).contains("ready, epoll");
        assertThat(b.err()).contains("ready, io_uring");
        hosts.iperf("-t 2 --bidir");
        left.in("ping -q -c 100 -i 0.002 -s 1472 10.88.0.2");
        a.stop();
        b.stop();
    }

    @Test
    void twoWorkersMeetOne() {
        Product.Running a = left.plain("--workers", "2", "--cpu", "0,0");
        Product.Running b = right.plain();
        hosts.awaitUp(a, b);
        hosts.iperf("-t 2 -P 4 --bidir");
        assertThat(tunnel("vt1", "10.77.0.1:7000", "10.77.0.3:7000", "--workers", "2"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("EADDRINUSE"));
        assertThat(a.stop().out()).doesNotContain("replayed");
        b.stop();
        assertThat(left.in("ip -o link")).as("devices left").doesNotContain("vt0").doesNotContain("vt1");
    }

    /** The neighbour never asks for the address again, and finds it nevertheless. */
    @Test
    void aTapHasItsMacAddressAgainAfterARestart() {
        Product.Running a = left.plain();
        Product.Running b = right.plain();
        hosts.awaitUp(a, b);
        String mac = left.mac("vt0");
        assertThat(right.mac("vt0")).isNotEqualTo(mac);
        right.in("ip neighbour replace 10.88.0.1 lladdr " + mac + " dev vt0 nud permanent");
        right.in("ping -q -c 1 -W 5 10.88.0.1");

        a.stop();
        Product.Running again = left.plain();
        hosts.awaitUp(again);
        assertThat(left.mac("vt0")).isEqualTo(mac);
        right.in("ping -q -c 5 -i 0.2 -W 5 10.88.0.1");
        again.stop();
        b.stop();
    }

    /** Each end for what it sends; never less than what was asked for. */
    @Test
    void aLinkIsAsBadAsAskedFor() {
        Product.Running a = left.plain("--delay", "30ms");
        Product.Running b = right.plain("--delay", "20ms", "--jitter", "1ms", "--rate", "50Mbit", "--loss", "20%",
            "--seed", "1");
        hosts.awaitUp(a, b);
        String pings = left.in("ping -q -c 40 -i 0.02 -W 5 10.88.0.2");
        double leastMs = Double.parseDouble(pings.replaceAll("(?s).* = ([0-9.]+)/.*", "$1"));
        assertThat(leastMs).as(pings).isBetween(49.0, 200.0);
        assertThat(a.stop().out()).doesNotContain("impair-loss");
        assertThat(b.stop().out()).containsPattern("[1-9][0-9]* impair-loss \\(link\\)");
    }

    @Test
    void mistakesAreNamed() {
        assertThat(left.run("tunnel", "--tap", "vt0", "--local", "10.77.0.1:7000", "--insecure-plaintext"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("only the peer of a sealed"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--loss", "1"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("a percentage such as 1%"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--jitter", "5ms"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("at most the delay"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--workers", "2", "--cpu", "0"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("1 for 2 workers"));
        assertThat(left.run("tunnel", "--tap", "vt0", "--local", "10.77.0.1:7000", "--remote", "10.77.0.2:7000",
            "--engine", "kqueue"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("auto, io_uring, epoll"));
        assertThat(left.run("tunnel", "--tap", "vt0", "--local", "10.77.0.1:7000", "--remote", "10.77.0.2:7000"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("--insecure-plaintext"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--key-file", "none"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("one or the other"));
        assertThat(left.run("tunnel", "--tap", "vt0", "--local", "10.77.0.1:7000", "--remote", "10.77.0.2:7000",
            "--key-file", directory.resolve("none").toString()))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("none"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--fec", "10+17"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("17 datagrams of parity"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--mss-clamp", "87"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("the bytes of a segment, 88 to"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--priority", "first"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("normal, realtime"));
        assertThat(tunnel("vt0", "10.99.0.1:7000", "10.77.0.2:7000"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("EADDRNOTAVAIL"));
        assertThat(tunnel("vt0", "10.77.0.1:70000", "10.77.0.2:7000"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("10.77.0.1:70000"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "[fd77::2]:7000"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("IPv6"));
        assertThat(tunnel("a-name-that-is-too-long", "10.77.0.1:7000", "10.77.0.2:7000"))
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("1 to 15"));
        assertThat(tunnel("vt0", "10.77.0.1:7000", "10.77.0.2:7000", "--address", "10.77.0.3/30"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("would be led through itself"));
        assertThat(tunnel("eth0", "10.77.0.1:7000", "10.77.0.2:7000"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("EBUSY"));
        assertThat(left.in("ip -o link")).as("devices left").doesNotContain("vt0");
    }

    private Product.Result tunnel(String tap, String local, String remote, String... options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--insecure-plaintext", "--tap", tap,
            "--local", local, "--remote", remote));
        arguments.addAll(List.of(options));
        return left.run(arguments.toArray(new String[0]));
    }
}
