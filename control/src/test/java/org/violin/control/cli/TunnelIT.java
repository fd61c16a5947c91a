package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.os.Command;

/** {@code violin tunnel} between two namespaces joined by a veth pair, as two users on two hosts would run it. */
class TunnelIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String LEFT = TestRun.name("tunnel-left");
    private static final String RIGHT = TestRun.name("tunnel-right");

    /** Some times what a tunnel's socket holds. */
    private static final int FLOOD_DATAGRAMS = 40_000;

    @TempDir
    private Path directory;
    private Product left;
    private Product right;
    private final List<Product.Running> tunnels = new ArrayList<>();

    @BeforeEach
    void makeHosts() {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces and TAPs need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "/dev/net/tun is missing");
        left = new Product(directory, "ip", "netns", "exec", LEFT);
        right = new Product(directory, "ip", "netns", "exec", RIGHT);
        ip("netns add " + LEFT);
        ip("netns add " + RIGHT);
        ip("link add eth0 netns " + LEFT + " type veth peer name eth0 netns " + RIGHT);
        for (String[] host : new String[][] {{LEFT, "1"}, {RIGHT, "2"}}) {
            ip("-n " + host[0] + " address add 10.77.0." + host[1] + "/24 dev eth0");
            ip("-n " + host[0] + " address add fd77::" + host[1] + "/64 dev eth0 nodad");
            ip("-n " + host[0] + " link set eth0 up");
            ip("-n " + host[0] + " link set lo up");
        }
    }

    @AfterEach
    void removeHosts() throws InterruptedException {
        for (Product.Running tunnel : tunnels) {
            tunnel.process.destroyForcibly().waitFor();
        }
        for (String host : List.of(LEFT, RIGHT)) {
            Command.run(List.of("ip", "netns", "delete", host), LIMIT);
        }
    }

    @Test
    void framesOfEverySizePassAndTheSummaryCountsThem() {
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24");
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        for (int payload : new int[] {16, 100, 1000, 1440, 1458, 1472}) {
            in(LEFT, "ping -q -c 3 -i 0.05 -W 5 -M do -s " + payload + " 10.88.0.2");
        }
        Command.Result tooLong = Command.run(command(LEFT, "ping -c 1 -M do -s 1473 10.88.0.2"), LIMIT);
        assertThat(tooLong.output()).as("the TAP's own MTU").contains("mtu=1500");

        Product.Result summary = stop(a);
        assertThat(summary.exit()).as(summary.all()).isZero();
        assertThat(summary.out()).containsPattern("from TAP +[1-9]").containsPattern("to TAP +[1-9]")
            .containsPattern("datagrams out +[1-9]").containsPattern("time to tunnel +p50 [1-9]").contains("dropped: ");
        await("the loss of the peer", () -> b.err().contains("nothing heard"));
        assertThat(stop(b).exit()).isZero();
        assertThat(in(LEFT, "ip -o link")).as("devices left").doesNotContain("vt0");
    }

    @Test
    void tcpAndMulticastPassOverAnIpv6Underlay() {
        Product.Running a = start(left, "[fd77::1]:7000", "[fd77::2]:7000", "10.88.0.1/24");
        Product.Running b = start(right, "[fd77::2]:7000", "[fd77::1]:7000", "10.88.0.2/24");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        assertThat(in(LEFT, "iperf3 -c 10.88.0.2 -t 1 -C cubic")).contains("receiver");
        // IPv6 neighbour discovery is multicast: without it the link-local address of the other end is not reached.
        for (String host : List.of(LEFT, RIGHT)) {
            await("the link-local address", () -> in(host, "ip -6 -o address show dev vt0 scope link -tentative")
                .contains("fe80::"));
        }
        String linkLocal = in(RIGHT, "ip -6 -o address show dev vt0 scope link").split("\\s+")[3].split("/")[0];
        assertThat(in(LEFT, "ping -q -c 2 -i 0.1 -W 5 " + linkLocal + "%vt0")).contains(" 0% packet loss");
    }

    /** For longer than it takes the other end to notice, with a TCP connection under way and a flood coming in. */
    @Test
    void aPeerThatStandsStillIsHeardAgainAndItsConnectionsGoOn() throws Exception {
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24");
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        Path log = directory.resolve("iperf3.txt");
        Process stream = new ProcessBuilder(command(LEFT, "iperf3 -c 10.88.0.2 -C cubic -n 150M -b 400M"))
            .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        await("some of the stream", () -> sentBytes() > 20_000_000);

        Namespaces.signal("STOP", b.process.pid());
        String flood = "dd status=none if=/dev/zero bs=1400 count=" + FLOOD_DATAGRAMS + " > /dev/udp/10.88.0.2/9";
        Command.run(List.of("ip", "netns", "exec", LEFT, "bash", "-c", flood), LIMIT).orThrow();
        await("the loss of the peer", () -> a.err().contains("nothing heard"));
        Namespaces.signal("CONT", b.process.pid());
        await("the tunnel again", () -> a.err().split(": up,", -1).length == 3);
        boolean ended = stream.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        stream.destroyForcibly();
        assertThat(ended && stream.exitValue() == 0).as("the stream: " + Files.readString(log)).isTrue();
        in(LEFT, "ping -q -c 3 -i 0.05 -W 5 -s 1472 10.88.0.2");
        assertThat(stop(a).exit()).isZero();
        assertThat(stop(b)).matches(result -> result.exit() == 0 && result.out().contains("receive-overflow (socket)"));
    }

    private static long sentBytes() {
        return Long.parseLong(in(LEFT, "cat /sys/class/net/vt0/statistics/tx_bytes").strip());
    }

    /** New keys every second, with frames under way all the time. */
    @Test
    void aSealedTunnelLosesNothingByNewKeys() throws Exception {
        String key = newKey("tunnel.key");
        Product.Running a = sealed(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", key, "--rekey", "1s");
        Product.Running b = sealed(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24", key, "--rekey", "1s");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        assertThat(a.err()).contains("ready").contains("sealed by key").doesNotContain("NOT encrypted");
        assertThat(in(LEFT, "ping -q -c 3000 -i 0.002 -s 1400 10.88.0.2")).contains(" 0% packet loss");
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        assertThat(in(LEFT, "iperf3 -c 10.88.0.2 -t 3 -C cubic")).contains("receiver");
        for (Product.Running end : tunnels) {
            Product.Result summary = stop(end);
            assertThat(summary.exit()).as(summary.all()).isZero();
            assertThat(renewals(summary.out())).as(summary.out()).isGreaterThanOrEqualTo(4);
            assertThat(summary.out()).doesNotContain("not-authentic").doesNotContain("unknown-session")
                .doesNotContain("replayed");
        }
    }

    /** Handshakes that have given keys, at this end: those that it began, and those that it answered. */
    private static int renewals(String summary) {
        Matcher agreed = Pattern.compile("(\\d+) (?:agreed|confirmed)").matcher(summary);
        return agreed.results().mapToInt(result -> Integer.parseInt(result.group(1))).sum();
    }

    @Test
    void anotherKeyOrNoneAtTheOtherEndIsToldAndLetsNothingThrough() {
        Product.Running a = sealed(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", newKey("one.key"));
        Product.Running b = sealed(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24", newKey("other.key"));
        await("the reason", () -> a.err().contains("has another key") && b.err().contains("has another key"));
        assertThat(stop(b).out()).containsPattern("from tunnel +0 ");
        tunnels.remove(b);
        Product.Running plain = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24");
        await("its hellos", () -> plain.err().contains("ready"));
        Command.Result ping = Command.run(command(LEFT, "ping -c 3 -i 0.2 -W 1 10.88.0.2"), LIMIT);
        assertThat(ping.output()).contains("100% packet loss");
        assertThat(stop(a).out()).containsPattern("from tunnel +0 ");
        assertThat(stop(plain).out()).containsPattern("from tunnel +0 ").contains("bad-type (tunnel)");
    }

    @Test
    void whatAPathLosesIsBroughtBack() {
        String key = newKey("tunnel.key");
        Product.Running a = sealed(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", key, "--fec", "8+4");
        Product.Running b = sealed(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24", key, "--fec", "8+4x2");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        in(RIGHT, "nft add table ip path");
        in(RIGHT, "nft add chain ip path in { type filter hook input priority 0 ; }");
        in(RIGHT, "nft add rule ip path in udp dport 7000 numgen random mod 50 < 1 drop");
        assertThat(in(LEFT, "ping -q -c 2000 -i 0.002 -s 500 10.88.0.2")).containsPattern(" 0(\\.\\d+)?% packet loss");
        stop(a);
        assertThat(stop(b).out()).containsPattern("brought back +[1-9]");
    }

    /** One end knows the other by its key alone: first behind one address, then behind another. */
    @Test
    void anEndThatMovesIsFollowedAndItsConnectionsGoOn() throws Exception {
        String key = newKey("tunnel.key");
        Product.Running a = sealed(left, "10.77.0.1:7000", null, "10.88.0.1/24", key);
        await("the start", () -> a.err().contains("vt0 <-> unknown: ready"));
        Product.Running b = sealed(right, "0.0.0.0:7000", "10.77.0.1:7000", "10.88.0.2/24", key);
        await("the tunnel", () -> a.err().contains("10.77.0.2:7000: up") && b.err().contains(": up,"));
        in(LEFT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(LEFT, "ss -Hltn sport = :5201").contains("5201"));
        Path log = directory.resolve("ping.txt");
        Process pings = new ProcessBuilder(command(RIGHT, "ping -q -c 400 -i 0.01 -W 2 10.88.0.1"))
            .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Process stream = new ProcessBuilder(command(RIGHT, "iperf3 -c 10.88.0.1 -C cubic -n 100M -b 200M"))
            .redirectErrorStream(true).redirectOutput(directory.resolve("iperf3.txt").toFile()).start();
        in(RIGHT, "ping -q -c 100 -i 0.01 10.88.0.1");
        ip("-n " + RIGHT + " address delete 10.77.0.2/24 dev eth0");
        ip("-n " + RIGHT + " address add 10.77.0.3/24 dev eth0");
        await("the move", () -> a.err().contains("10.77.0.3:7000: path MTU"));
        assertThat(stream.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) && stream.exitValue() == 0).isTrue();
        assertThat(pings.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String report = Files.readString(log);
        int arrived = Integer.parseInt(report.replaceAll("(?s).* (\\d+) received.*", "$1"));
        assertThat(arrived).as("but for what was under way to the old address: " + report).isGreaterThan(390);
        assertThat(stop(a).out()).contains("vt0 <-> 10.77.0.3:7000");
        assertThat(b.err()).doesNotContain("nothing heard");
    }

    @Test
    void sendersAreToldWhatFits() {
        String[] fits = {"--df", "honor", "--mss-clamp", "auto"};
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", fits);
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        Command.Result ping = Command.run(command(LEFT, "ping -M do -c 1 -W 1 -s 1472 10.88.0.2"), LIMIT);
        assertThat(ping.output()).contains("Frag needed and DF set (mtu = ");
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        assertThat(in(LEFT, "iperf3 -c 10.88.0.2 -n 1M -C cubic")).contains("receiver");
        assertThat(stop(a).out()).containsPattern("1 too-big \\(link\\)");
        stop(b);
    }

    private String newKey(String name) {
        String file = directory.resolve(name).toString();
        assertThat(left.run("key", "new", "--shared", file).exit()).isZero();
        return file;
    }

    private Product.Running sealed(Product host, String local, String remote, String address, String key,
        String... options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--key-file", key, "--tap", "vt0",
            "--local", local, "--address", address));
        if (remote != null) {
            arguments.addAll(List.of("--remote", remote));
        }
        arguments.addAll(List.of(options));
        Product.Running tunnel = host.start(arguments.toArray(new String[0]));
        tunnels.add(tunnel);
        return tunnel;
    }

    @Test
    void oneEngineMeetsTheOther() {
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", "--engine", "epoll");
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24", "--engine", "io_uring");
        await("the tunnel", () -> !b.process.isAlive() || a.err().contains(": up,") && b.err().contains(": up,"));
        assumeTrue(!b.err().contains("io_uring_setup"), b.err());
        assertThat(a.err()).contains("ready, epoll");
        assertThat(b.err()).contains("ready, io_uring");
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        assertThat(in(LEFT, "iperf3 -c 10.88.0.2 -t 2 -C cubic --bidir")).contains("receiver");
        in(LEFT, "ping -q -c 100 -i 0.002 -s 1472 10.88.0.2");
        assertThat(stop(a).exit()).isZero();
        assertThat(stop(b).exit()).isZero();
    }

    @Test
    void twoWorkersMeetOne() {
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", "--workers", "2",
            "--cpu", "0,0");
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        assertThat(in(LEFT, "iperf3 -c 10.88.0.2 -t 2 -P 4 -C cubic --bidir")).contains("receiver");
        assertThat(tunnel("vt1", "10.77.0.1:7000", "10.77.0.3:7000", "--workers", "2"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("EADDRINUSE"));
        Product.Result summary = stop(a);
        assertThat(summary.exit()).as(summary.all()).isZero();
        assertThat(summary.out()).doesNotContain("replayed");
        assertThat(stop(b).exit()).isZero();
        assertThat(in(LEFT, "ip -o link")).as("devices left").doesNotContain("vt0").doesNotContain("vt1");
    }

    /** The neighbour never asks for the address again, and finds it nevertheless. */
    @Test
    void aTapHasItsMacAddressAgainAfterARestart() {
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24");
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        String mac = mac(LEFT);
        assertThat(mac(RIGHT)).isNotEqualTo(mac);
        in(RIGHT, "ip neighbour replace 10.88.0.1 lladdr " + mac + " dev vt0 nud permanent");
        in(RIGHT, "ping -q -c 1 -W 5 10.88.0.1");

        assertThat(stop(a).exit()).isZero();
        Product.Running again = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24");
        await("the tunnel again", () -> again.err().contains(": up,"));
        assertThat(mac(LEFT)).isEqualTo(mac);
        in(RIGHT, "ping -q -c 5 -i 0.2 -W 5 10.88.0.1");
        assertThat(stop(again).exit()).isZero();
        assertThat(stop(b).exit()).isZero();
    }

    private static String mac(String host) {
        return in(host, "ip -o link show dev vt0").replaceAll("(?s).*link/ether (\\S+) .*", "$1");
    }

    /** Each end for what it sends; never less than what was asked for. */
    @Test
    void aLinkIsAsBadAsAskedFor() {
        Product.Running a = start(left, "10.77.0.1:7000", "10.77.0.2:7000", "10.88.0.1/24", "--delay", "30ms");
        Product.Running b = start(right, "10.77.0.2:7000", "10.77.0.1:7000", "10.88.0.2/24", "--delay", "20ms",
            "--jitter", "1ms", "--rate", "50Mbit", "--loss", "20%", "--seed", "1");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        String pings = in(LEFT, "ping -q -c 40 -i 0.02 -W 5 10.88.0.2");
        double leastMs = Double.parseDouble(pings.replaceAll("(?s).* = ([0-9.]+)/.*", "$1"));
        assertThat(leastMs).as(pings).isBetween(49.0, 200.0);
        assertThat(stop(a).out()).doesNotContain("impair-loss");
        assertThat(stop(b).out()).containsPattern("[1-9][0-9]* impair-loss \\(link\\)");
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
        assertThat(tunnel("eth0", "10.77.0.1:7000", "10.77.0.2:7000"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("EBUSY"));
        assertThat(in(LEFT, "ip -o link")).as("devices left").doesNotContain("vt0");
    }

    private Product.Result tunnel(String tap, String local, String remote, String... options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--insecure-plaintext", "--tap", tap,
            "--local", local, "--remote", remote));
        arguments.addAll(List.of(options));
        return left.run(arguments.toArray(new String[0]));
    }

    private Product.Running start(Product host, String local, String remote, String address, String... options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--insecure-plaintext", "--tap", "vt0",
            "--local", local, "--remote", remote, "--address", address));
        arguments.addAll(List.of(options));
        Product.Running tunnel = host.start(arguments.toArray(new String[0]));
        tunnels.add(tunnel);
        return tunnel;
    }

    private static Product.Result stop(Product.Running tunnel) {
        tunnel.process.destroy();
        return tunnel.await();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadlineNs);
            Thread.yield();
        }
    }

    private static void ip(String arguments) {
        Command.run(List.of(("ip " + arguments).split(" ")), LIMIT).orThrow();
    }

    private static String in(String host, String command) {
        return Command.run(command(host, command), LIMIT).orThrow().output();
    }

    private static List<String> command(String host, String command) {
        return List.of(("ip netns exec " + host + " " + command).split(" "));
    }
}
