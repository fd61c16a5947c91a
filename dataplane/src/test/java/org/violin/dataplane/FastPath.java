package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Two hosts joined by a veth pair, each with a TAP, and between the TAPs two dataplanes with switches: the guests'
 * programs are those of the hosts.
 */
final class FastPath implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(30);
    static final String TAP = "t0";
    static final String LEFT4 = "10.88.0.1";
    static final String RIGHT4 = "10.88.0.2";
    static final String LEFT6 = "fd88::1";
    static final String RIGHT6 = "fd88::2";
    static final int UDP_PORT = 7000;
    private static final int LINK_ID = 3;

    final Namespace left = new Namespace();
    final Namespace right = new Namespace();
    final Dataplane a;
    final Dataplane b;

    /**
     * @param innerMtu of the TAPs
     * @param pathMtu  of the veth pair
     */
    FastPath(int innerMtu, int pathMtu) {
        this(innerMtu, pathMtu, null);
    }

    /** @param guest where the right host listens for a guest, in place of its TAP; null: it has a TAP */
    FastPath(int innerMtu, int pathMtu, Path guest) {
        left.ip("link add eth0 mtu " + pathMtu + " type veth peer name eth0 netns " + right.path());
        a = host(left, 1, pathMtu);
        b = host(right, 2, pathMtu);
        openTap(left, a, 1, innerMtu);
        if (guest == null) {
            openTap(right, b, 2, innerMtu);
        } else {
            b.openUnix(new UnixPortConfig("guest", guest), "lan");
        }
        a.openTunnel(new TunnelConfig("b", underlay(2), 0));
        b.openTunnel(new TunnelConfig("a", underlay(1), 0));
        link();
    }

    private static Dataplane host(Namespace host, int number, int mtu) {
        host.ip("address add 10.77.0." + number + "/24 dev eth0", "link set eth0 up mtu " + mtu);
        Dataplane dataplane = host.in(() -> Dataplane.launch(DataplaneConfig.of("host" + number, underlay(number))));
        dataplane.addSwitch(SwitchConfig.of("lan"));
        return dataplane;
    }

    static InetSocketAddress underlay(int number) {
        return new InetSocketAddress("10.77.0." + number, UDP_PORT);
    }

    private static void openTap(Namespace host, Dataplane dataplane, int number, int mtu) {
        host.in(() -> {
            dataplane.openTap(new TapConfig("tap", TAP, mtu), "lan");
            return null;
        });
        address(host, number);
    }

    static void address(Namespace host, int number) {
        host.ip("address add 10.88.0." + number + "/24 dev " + TAP,
            "address add fd88::" + number + "/64 dev " + TAP + " nodad");
    }

    private void link() {
        a.openLink(new LinkConfig("link", "b", LINK_ID), "lan");
        b.openLink(new LinkConfig("link", "a", LINK_ID), "lan");
        await("the tunnel", () -> tunnel(a).state().equals("up") && tunnel(b).state().equals("up"));
    }

    /**
     * Has the kernel cut what the dataplanes send with UDP_SEGMENT before it goes through the veth pair, as for a NIC
     * that cannot; else it arrives as one.
     */
    void cutDatagrams() {
        left.ip("link set eth0 gso_max_segs 1");
        right.ip("link set eth0 gso_max_segs 1");
    }

    static TunnelStatus tunnel(Dataplane dataplane) {
        return dataplane.tunnels().getFirst();
    }

    static PortStatus port(Dataplane dataplane, String name) {
        return dataplane.ports().stream().filter(port -> port.name().equals(name)).findFirst().orElseThrow();
    }

    /** Everything that was dropped at either host, by host, place and reason. */
    Map<String, Long> drops() {
        Map<String, Long> all = new TreeMap<>();
        collect(all, "a", a);
        collect(all, "b", b);
        return all;
    }

    /** What has been dropped since, but for datagrams that found the socket's buffer full, as on any slow machine. */
    Map<String, Long> dropsSince(Map<String, Long> before) {
        Map<String, Long> all = drops();
        all.replaceAll((what, count) -> count - before.getOrDefault(what, 0L));
        all.entrySet().removeIf(drop -> drop.getValue() == 0 || drop.getKey().endsWith(".receive-overflow"));
        return all;
    }

    private static void collect(Map<String, Long> all, String host, Dataplane dataplane) {
        dataplane.ports().forEach(port -> port.drops().forEach(
            (reason, count) -> all.put(host + "." + port.name() + "." + reason, count)));
        tunnel(dataplane).drops().forEach((reason, count) -> all.put(host + ".tunnel." + reason, count));
        dataplane.drops().forEach((reason, count) -> all.put(host + ".socket." + reason, count));
    }

    /** Waits until every datagram that one end has sent is one that the other has received, or counted as lost. */
    void awaitEveryDatagram() {
        await("the datagrams from a to b", () -> datagramsMissing(a, b) == 0);
        await("the datagrams from b to a", () -> datagramsMissing(b, a) == 0);
    }

    /** The receiver is asked last: more may have come then, so that what is missing for good is not overlooked. */
    private static long datagramsMissing(Dataplane from, Dataplane to) {
        long sent = tunnel(from).txDatagrams();
        TunnelStatus receiver = tunnel(to);
        long dropped = receiver.drops().values().stream().mapToLong(Long::longValue).sum()
            + to.drops().getOrDefault("receive-overflow", 0L);
        return Math.max(0, sent - receiver.rxDatagrams() - dropped);
    }

    static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadlineNs);
            Thread.yield();
        }
    }

    /** Also proves that no worker has died of a defect, and that every frame slot is back. */
    @Override
    public void close() {
        try (left; right) {
            a.close();
            b.close();
            a.terminated().join();
            b.terminated().join();
        }
    }
}
