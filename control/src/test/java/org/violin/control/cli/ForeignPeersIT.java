package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.control.TestRun;
import org.violin.control.cli.TwoHosts.Host;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.guest.LoneGuest;
import org.violin.control.os.Command;

/**
 * On the left a daemon with a switch that a TAP is plugged into; on the right what knows nothing of Violin: devices of
 * the kernel, and a guest that plugs itself in.
 */
class ForeignPeersIT extends BetweenTwoHosts {
    private static final String NETWORK = TestRun.name("foreign");
    private static final String TOPOLOGY = """
        network: %s
        hosts:
          h: { daemon: %s, underlay: "127.0.0.1:7000" }
        switches:
          lan: { host: h }
        taps:
          station: { host: h, switch: lan, addresses: [10.88.0.1/24] }
        udp-ports:
          peer: { host: h, switch: lan, insecure-plaintext: true, %s }
        """;
    private static final String DESK = "10.77.0.1:7100";
    /** A request without anything of Violin's, as docs/udp-ports.md has it: the desk, what is asked, the token. */
    private static final String SCRIPT = """
        hmac() { openssl dgst -sha256 -mac HMAC -macopt hexkey:$1 -r | cut -d' ' -f1; }
        key=$(printf 'violin port request\\001' | hmac $(base64 -d < %s | od -An -v -tx1 | tr -d ' \\n'))
        exec 3<>/dev/tcp/%s
        read -r hello <&3
        ask="%s $(openssl rand -hex 32)"
        echo "$ask $(printf '%%s\\n%%s' "$hello" "$ask" | hmac $key)" >&3
        read -r answer <&3
        echo "$answer"
        """;
    private static final String L2TPV3 = "kind: l2tpv3, local: '10.77.0.1:1701', remote: '10.77.0.2:1702',"
        + " local-session: 11, remote-session: 22, local-cookie: '0123456789abcdef', remote-cookie: fedcba9876543210,"
        + " counter: true";
    private static final int DATAGRAMS = 500;

    private Product.Running daemon;

    private void startDaemon() {
        daemon = left.start("daemon", "--name", "h", "--port-requests", DESK);
        hosts.await("the daemon", () -> daemon.out().contains("ready"));
    }

    private void up(String port) throws IOException {
        startDaemon();
        Path socket = left.product.home().resolve("hosts/h/api.sock");
        expect("up", Files.writeString(directory.resolve("net.yaml"), TOPOLOGY.formatted(NETWORK, socket, port))
            .toString());
    }

    @AfterEach
    void down() {
        if (daemon != null) {
            expect("down", "--all");
            daemon.stop();
        }
    }

    private String expect(String... arguments) {
        Product.Result result = left.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isZero();
        return result.out();
    }

    private String ports() {
        return expect("inspect", "ports", "-n", NETWORK);
    }

    private void setMtu(int mtu) {
        left.ip("link set eth0 mtu " + mtu);
        right.ip("link set eth0 mtu " + mtu);
    }

    private static void assertPings(Host from, String options) {
        String to = from.address().endsWith("1") ? "10.88.0.2" : "10.88.0.1";
        assertThat(from.in("ping -q -c 1 -W 10 " + options + " " + to)).contains(" 0% packet loss");
    }

    private void addVxlan(String name, int vni, String local, String remote) {
        right.ip("link add " + name + " type vxlan id " + vni + " local " + local + " remote " + remote
            + " dstport 4789 dev eth0", "link set " + name + " up");
        // On their way out by a NIC checksums of what is in a datagram are completed; a veth pair leaves them undone.
        right.in("ethtool -K eth0 tx off");
    }

    @Test
    void aVxlanDeviceOfTheKernelIsAStation() throws Exception {
        setMtu(1600);
        up("kind: vxlan, local: '10.77.0.1:4789', remote: '10.77.0.2:4789', vni: 42");
        addVxlan("vx0", 42, "10.77.0.2", "10.77.0.1");
        right.ip("link set vx0 mtu 1500", "address add 10.88.0.2/24 dev vx0");
        for (int payload : new int[] {16, 100, 1000, 1472}) {
            assertPings(left, "-M do -s " + payload);
            assertPings(right, "-M do -s " + payload);
        }
        try (Traffic forth = new Traffic(left, right, 1400); Traffic back = new Traffic(right, left, 1400)) {
            forth.await(DATAGRAMS);
            back.await(DATAGRAMS);
            for (Traffic.Report report : List.of(forth.end(), back.end())) {
                report.assertNothingLost(List.of(ports()));
            }
        }
        hosts.iperf("-n 30M");
        hosts.iperf("-n 30M -R");
        assertThat(ports()).containsPattern("peer +vxlan +lan +up .* 10.77.0.1:4789 to 10.77.0.2:4789, VNI 42");

        setMtu(1500);
        assertPings(left, "-s 1472");
        assertPings(right, "-s 1472");
        hosts.iperf("-n 5M");

        expect("link", "set", NETWORK, "peer", "--down");
        assertThat(left.tried("ping -c 1 -W 1 10.88.0.2").output()).contains("100% packet loss");
        expect("link", "set", NETWORK, "peer", "--up");
        assertPings(left, "-s 100");
        addVxlan("vx1", 43, "10.77.0.2", "10.77.0.1");
        right.ip("address add 10.89.0.2/24 dev vx1");
        TestRun.await("the other network's frames", () -> {
            right.tried("ping -c 1 -W 0.1 10.89.0.1");
            return ports().contains("other-session=");
        });
        assertPings(left, "-s 100");
    }

    @Test
    void aVxlanDeviceIsAStationOverIpv6() throws Exception {
        up("kind: vxlan, local: '[fd77::1]:4789', remote: '[fd77::2]:4789', vni: 16777215");
        addVxlan("vx0", 16_777_215, "fd77::2", "fd77::1");
        right.ip("address add 10.88.0.2/24 dev vx0");
        assertPings(left, "-s 1372");
        assertPings(right, "-s 1372");
        hosts.iperf("-n 5M");
        hosts.iperf("-n 5M -R");
    }

    @Test
    void aSessionOfTheKernelIsAStation() throws Exception {
        Command.Result tunnel = right.tried("ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 encap udp"
            + " local 10.77.0.2 remote 10.77.0.1 udp_sport 1702 udp_dport 1701");
        assumeTrue(tunnel.exit() == 0, "the kernel has no L2TP: " + tunnel.said());
        right.in("ip l2tp add session name l2tp0 tunnel_id 1 session_id 22 peer_session_id 11"
            + " cookie 0123456789abcdef peer_cookie fedcba9876543210 l2spec_type default");
        up(L2TPV3);
        right.in("ethtool -K eth0 tx off");
        right.ip("link set l2tp0 up", "address add 10.88.0.2/24 dev l2tp0");
        assertPings(left, "-s 1300");
        assertPings(right, "-s 1300");
        hosts.iperf("-n 5M");
        hosts.iperf("-n 5M -R");
    }

    private Product.Result port(String action, String name, String key, String port) {
        return right.run("port", action, "--daemon", DESK, "--network", NETWORK, "--name", name, "--token-file", key,
            "--port", port);
    }

    /**
     * As figure 3 of the VIOLIN paper has it: a guest asks, and the switch has a port for it, which outlives the
     * daemon. Whoever asks next has it instead.
     */
    @Test
    void aGuestAsksForItsPortAndPlugsItselfIn() throws Exception {
        GuestPlatform platform = TestRun.requireGuests();
        String key = hosts.newKey("uml.key");
        up("kind: l2tpv3, local: '10.77.0.1:1701', token-file: '" + key + "'");
        assertThat(ports()).doesNotContain("l2tpv3");
        assertThat(port("request", "peer", hosts.newKey("other.key"), "1702"))
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("refused: not admitted"));
        assertThat(port("request", "nobody", key, "1702").err()).contains("refused: not admitted");
        assertThat(expect("inspect", "requests")).containsPattern("wrong-token +1\n")
            .containsPattern("unknown-name +1\n");

        Product.Result granted = port("request", "peer", key, "1702");
        assertThat(granted.out()).as(granted.all()).startsWith("vec0:transport=l2tpv3,udp=1,src=10.77.0.2,srcport=1702,"
            + "dst=10.77.0.1,dstport=1701,tx_session=");
        try (LoneGuest guest = new LoneGuest(platform, directory.toRealPath().resolve("guest"), right.toString(),
            granted.out().strip().substring("vec0:".length()) + ",mac=02:00:00:00:00:09,mtu=1500")) {
            guest.run("ip link set vec0 up; ip address add 10.88.0.2/24 dev vec0;"
                + " ping -q -c 5 -i 0.1 -W 5 -s 1472 10.88.0.1 && echo pinged-$((40+2))", "pinged-42");
            assertPings(left, "-s 1472");
            daemon.process.destroyForcibly().waitFor();
            startDaemon();
            TestRun.await("the guest", () -> left.tried("ping -c 1 -W 1 10.88.0.2").exit() == 0);
            assertThat(ports()).containsPattern("peer +l2tpv3 +lan +up .* 10.77.0.1:1701 to 10.77.0.2:1702");

            assertThat(right.bash(SCRIPT.formatted(key, DESK.replace(':', '/'),
                "request " + NETWORK + " peer 10.77.0.2:1703")).orThrow().output())
                .startsWith("granted transport=l2tpv3,udp=1,src=10.77.0.2,srcport=1703,");
            assertThat(left.tried("ping -c 2 -i 0.2 -W 1 10.88.0.2").output()).contains("100% packet loss");
        }
        assertThat(port("release", "peer", key, "1703").out()).contains("is released");
        assertThat(ports()).doesNotContain("l2tpv3");
    }

    /** As section 4 of the VIOLIN paper has it: UML opens the socket. */
    @Test
    void aGuestPlugsItselfIn() throws Exception {
        GuestPlatform platform = TestRun.requireGuests();
        up(L2TPV3);
        try (LoneGuest guest = new LoneGuest(platform, directory.toRealPath().resolve("guest"), right.toString(),
            "transport=l2tpv3,udp=1,src=10.77.0.2,srcport=1702,dst=10.77.0.1,dstport=1701,tx_session=11,rx_session=22,"
                + "cookie64=1,tx_cookie=0x0123456789abcdef,rx_cookie=0xfedcba9876543210,counter=1,"
                + "mac=02:00:00:00:00:09,mtu=1500")) {
            guest.run("ip link set vec0 up; ip address add 10.88.0.2/24 dev vec0;"
                + " ping -q -c 5 -i 0.1 -W 5 -s 1472 10.88.0.1 && echo pinged-$((40+2))", "pinged-42");
            assertPings(left, "-s 16");
            assertPings(left, "-s 1472");
            guest.run("iperf3 -s -1 -D; until ss -Hltn | grep -q :5201; do sleep 0.1; done; echo serves-$((40+3))",
                "serves-43");
            assertThat(left.in("iperf3 -c 10.88.0.2 -C cubic -n 5M")).contains("receiver");
            assertThat(ports()).containsPattern("peer +l2tpv3 +lan +up .*, session 11 from 22");
        }
        TestRun.await("the refusal", () -> {
            left.tried("ping -c 1 -W 0.1 10.88.0.2");
            return ports().matches("(?s).*peer +l2tpv3 +lan +down .*peer-refused=.*");
        });
    }
}
