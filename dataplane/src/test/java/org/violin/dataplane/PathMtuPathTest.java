package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two hosts with a router between them, whose far side is narrower than either host can see. The router's ICMP messages
 * come, but the tunnel's sockets do not listen to them: as if they had got lost.
 */
class PathMtuPathTest {
    private static final int BYTES = 4_000_000;

    private final SplittableRandom random = Seeds.random("PathMtuPathTest");
    private final Namespace left = new Namespace();
    private final Namespace router = new Namespace();
    private final Namespace right = new Namespace();
    private Dataplane a;
    private Dataplane b;

    private void connect(boolean ipv6, int mtu) {
        left.ip("link add eth0 type veth peer name left netns " + router.path());
        right.ip("link add eth0 type veth peer name right netns " + router.path());
        router.set("ipv4/ip_forward", "1");
        router.set("ipv6/conf/all/forwarding", "1");
        side(left, "left", 1);
        side(right, "right", 2);
        narrow(mtu);
        a = launch(left, ipv6, 1);
        b = launch(right, ipv6, 2);
        tunnel(left, a, ipv6, 2);
        tunnel(right, b, ipv6, 1);
        FastPath.await("the tunnel", () -> FastPath.tunnel(a).state().equals("up")
            && FastPath.tunnel(b).state().equals("up"));
    }

    private void side(Namespace host, String device, int number) {
        router.ip("address add 10.77." + number + ".254/24 dev " + device,
            "address add fd77:" + number + "::ff/64 dev " + device + " nodad", "link set " + device + " up");
        host.ip("address add 10.77." + number + ".1/24 dev eth0",
            "address add fd77:" + number + "::1/64 dev eth0 nodad", "link set eth0 up",
            "route add default via 10.77." + number + ".254", "route add default via fd77:" + number + "::ff");
    }

    private void narrow(int mtu) {
        router.ip("link set right mtu " + mtu, "link set left mtu " + mtu);
    }

    private static InetSocketAddress address(boolean ipv6, int number) {
        return new InetSocketAddress(ipv6 ? "fd77:" + number + "::1" : "10.77." + number + ".1", 7000);
    }

    private static Dataplane launch(Namespace host, boolean ipv6, int number) {
        Dataplane dataplane = host.in(() -> Dataplane.launch(DataplaneConfig.of("h" + number,
            address(ipv6, number))));
        dataplane.addSwitch(SwitchConfig.of("lan"));
        host.in(() -> {
            dataplane.openTap(new TapConfig("tap", "t0", 1500), "lan");
            return null;
        });
        FastPath.address(host, number);
        return dataplane;
    }

    private static void tunnel(Namespace host, Dataplane dataplane, boolean ipv6, int peer) {
        host.in(() -> {
            dataplane.openTunnel(TunnelConfig.plaintext("peer", address(ipv6, peer), 0));
            return null;
        });
        dataplane.openLink(new LinkConfig("link", "peer", 1), "lan");
    }

    @AfterEach
    void close() {
        try (left; right; router) {
            for (Dataplane dataplane : new Dataplane[] {a, b}) {
                if (dataplane != null) {
                    dataplane.close();
                    dataplane.terminated().join();
                }
            }
        }
    }

    private void await(String what, int size) {
        FastPath.await(what, () -> isNearly(a, size) && isNearly(b, size));
    }

    private static boolean isNearly(Dataplane dataplane, int size) {
        int found = FastPath.tunnel(dataplane).pathMtu();
        return found <= size && found > size - 8;
    }

    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void thePathIsFoundAndFollowed(boolean ipv6) throws Exception {
        connect(ipv6, 1400);
        await("what the router carries", 1400);
        TcpStreams.exchange(left, right, FastPath.RIGHT4, BYTES, random.nextLong());
        narrow(1300);
        TcpStreams.exchange(left, right, FastPath.RIGHT4, BYTES, random.nextLong());
        await("what it carries now", 1300);
        assertThat(FastPath.tunnel(a).state()).isEqualTo("up");
    }

    /** Here this host's own interface becomes narrower, and the kernel refuses what is longer. */
    @ParameterizedTest(name = "IPv6: {0}")
    @ValueSource(booleans = {false, true})
    void aNarrowerInterfaceIsBelieved(boolean ipv6) throws Exception {
        connect(ipv6, 1500);
        await("Ethernet", 1500);
        left.ip("link set eth0 mtu 1350");
        right.ip("link set eth0 mtu 1350");
        TcpStreams.exchange(left, right, FastPath.RIGHT4, BYTES, random.nextLong());
        await("what the interfaces carry", 1350);
    }
}
