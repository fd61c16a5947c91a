package org.violin.dataplane;

import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

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
    private static final int LEFT_UDP = 7001;
    private static final int RIGHT_UDP = 7002;
    private static final int ETHERNET_MTU = 1500;
    private static final int LINK_ID = 3;
    private static final long POLL_NS = 50_000;
    /** Some 50 ms. */
    private static final int QUIET_LOOKS = 500;
    /** Datagrams that the kernel passes on as one (UDP_MAX_SEGMENTS). */
    private static final int JOINED_MAX = 128;

    final Namespace left = new Namespace();
    final Namespace right = new Namespace();
    private final SplittableRandom random = Seeds.random("FastPath");
    final Dataplane a;
    final Dataplane b;
    private LossyPath lossyThere;
    private LossyPath lossyBack;

    /**
     * @param innerMtu of the TAPs
     * @param pathMtu  of the veth pair
     */
    FastPath(int innerMtu, int pathMtu) {
        this(innerMtu, pathMtu, null, IoEngine.AUTO);
    }

    /** A sealed path of Ethernet's MTU. */
    FastPath(IoEngine engine, SealCipher cipher) {
        this(ETHERNET_MTU, ETHERNET_MTU, null, engine, cipher);
    }

    FastPath(int innerMtu, int pathMtu, IoEngine engine) {
        this(innerMtu, pathMtu, null, engine);
    }

    /** @param guest where the right host listens for a guest, in place of its TAP; null: it has a TAP */
    FastPath(int innerMtu, int pathMtu, Path guest, IoEngine engine) {
        this(innerMtu, pathMtu, guest, engine, null);
    }

    private FastPath(int innerMtu, int pathMtu, Path guest, IoEngine engine, SealCipher cipher) {
        left.ip("link add eth0 mtu " + pathMtu + " type veth peer name eth0 netns " + right.path());
        a = host(left, 1, pathMtu, engine);
        b = host(right, 2, pathMtu, engine);
        openTap(left, a, 1, innerMtu);
        if (guest == null) {
            openTap(right, b, 2, innerMtu);
        } else {
            b.openUnix(new UnixPortConfig("guest", guest), "lan");
        }
        openTunnel(left, a, new TunnelConfig("b", underlay(2), 0, cipher != null));
        openTunnel(right, b, new TunnelConfig("a", underlay(1), 0, cipher != null));
        if (cipher != null) {
            rekey(cipher);
        }
        link();
    }

    /** Where the route to the peer is known. */
    private static void openTunnel(Namespace host, Dataplane dataplane, TunnelConfig config) {
        host.in(() -> {
            dataplane.openTunnel(config);
            return null;
        });
    }

    /** Gives both ends the keys of a new session: first the one that waits for the other's first datagram. */
    void rekey(SealCipher cipher) {
        TestKeys keys = TestKeys.draw(random, cipher);
        b.installKeys("a", keys.second());
        a.installKeys("b", keys.first());
    }

    /** A path without a veth pair: what either host sends goes through a relay, in the left host. */
    FastPath(LossyPath.Fate there, LossyPath.Fate back) throws IOException {
        a = launch(left, loopback(LEFT_UDP), IoEngine.AUTO);
        b = launch(left, loopback(RIGHT_UDP), IoEngine.AUTO);
        openTap(left, a, 1, ETHERNET_MTU);
        openTap(right, b, 2, ETHERNET_MTU);
        DatagramChannel besideLeft = left.in(() -> DatagramChannel.open().bind(loopback(0)));
        DatagramChannel besideRight = left.in(() -> DatagramChannel.open().bind(loopback(0)));
        lossyThere = new LossyPath(besideLeft, besideRight, loopback(RIGHT_UDP), there);
        lossyBack = new LossyPath(besideRight, besideLeft, loopback(LEFT_UDP), back);
        a.openTunnel(TunnelConfig.plaintext("b", (InetSocketAddress) besideLeft.getLocalAddress(), ETHERNET_MTU));
        b.openTunnel(TunnelConfig.plaintext("a", (InetSocketAddress) besideRight.getLocalAddress(), ETHERNET_MTU));
        link();
    }

    private static Dataplane host(Namespace host, int number, int mtu, IoEngine engine) {
        host.ip("address add 10.77.0." + number + "/24 dev eth0", "link set eth0 up mtu " + mtu);
        return launch(host, underlay(number), engine);
    }

    private static Dataplane launch(Namespace host, InetSocketAddress listen, IoEngine engine) {
        DataplaneConfig config = DataplaneConfig.of("host" + listen, listen).withEngine(engine);
        try {
            Dataplane dataplane = host.in(() -> Dataplane.launch(config));
            dataplane.addSwitch(SwitchConfig.of("lan"));
            return dataplane;
        } catch (DataplaneException e) {
            assumeThat(e).as("io_uring is there").hasMessageNotContaining("io_uring_setup");
            throw e;
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    /** What the left host sends to the right one goes through this. */
    LossyPath lossyThere() {
        return lossyThere;
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

    /**
     * What has been dropped since, but for datagrams that found the socket's buffer full, as a stream that is faster
     * than the receiver will, and for frames that they were fragments of.
     */
    Map<String, Long> dropsSince(Map<String, Long> before) {
        Map<String, Long> all = drops();
        all.replaceAll((what, count) -> count - before.getOrDefault(what, 0L));
        all.values().removeIf(count -> count == 0);
        for (String host : List.of("a", "b")) {
            if (all.remove(host + ".socket.receive-overflow") != null) {
                all.remove(host + ".tunnel.fragment-evicted");
                all.remove(host + ".tunnel.fragment-timeout");
            }
        }
        return all;
    }

    private static void collect(Map<String, Long> all, String host, Dataplane dataplane) {
        dataplane.ports().forEach(port -> port.drops().forEach(
            (reason, count) -> all.put(host + "." + port.name() + "." + reason, count)));
        tunnel(dataplane).drops().forEach((reason, count) -> all.put(host + ".tunnel." + reason, count));
        dataplane.drops().forEach((reason, count) -> all.put(host + ".socket." + reason, count));
    }

    /**
     * Waits until every datagram that one end has sent is one that the other has received, or counted as dropped. What
     * the kernel drops it counts as it has joined it, so that one stands for as many as it joins.
     */
    void awaitEveryDatagram() {
        await("the datagrams from a to b", () -> isSettled(a, b), this::state);
        await("the datagrams from b to a", () -> isSettled(b, a), this::state);
    }

    /** Waits until all that a has sent, and the path has not lost, has come to b. */
    void awaitArrival() {
        await("arrival", () -> tunnel(a).txDatagrams() - lossyThere.lost.get()
            <= tunnel(b).rxDatagrams() + refused(b), this::state);
    }

    /** Waits until no parity follows any more. */
    void awaitQuiet() {
        long[] last = {-1, 0};
        await("quiet", () -> {
            long now = tunnel(a).txDatagrams();
            last[1] = now == last[0] ? last[1] + 1 : 0;
            last[0] = now;
            return last[1] >= QUIET_LOOKS;
        });
        awaitArrival();
    }

    private static boolean isSettled(Dataplane from, Dataplane to) {
        long sent = tunnel(from).txDatagrams();
        TunnelStatus receiver = tunnel(to);
        // The first hello may come before the receiver knows its peer.
        long missing = sent - receiver.rxDatagrams() - refused(to);
        return missing <= JOINED_MAX * to.drops().getOrDefault("receive-overflow", 0L);
    }

    /** Datagrams that came and were dropped. */
    private static long refused(Dataplane dataplane) {
        Map<String, Long> drops = tunnel(dataplane).drops();
        return drops.values().stream().mapToLong(Long::longValue).sum() - drops.getOrDefault("lost", 0L)
            + dataplane.drops().getOrDefault("wrong-source", 0L);
    }

    /** What may tell where a datagram is that nobody has counted. */
    private String state() {
        String between = lossyThere != null ? "lost there: " + lossyThere.lost
            : "devices: " + left.device("eth0") + ", " + right.device("eth0");
        return "a: %s%nb: %s%ndrops: %s%n%s".formatted(tunnel(a), tunnel(b), drops(), between);
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    private static void await(String what, BooleanSupplier condition, Supplier<String> state) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadlineNs) {
                fail("waited %s for %s%n%s", DEADLINE, what, state.get());
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Also proves that no worker has died of a defect, and that every frame slot is back. */
    @Override
    public void close() {
        try (left; right) {
            a.close();
            b.close();
            if (lossyThere != null) {
                lossyThere.close();
                lossyBack.close();
            }
            a.terminated().join();
            b.terminated().join();
        }
    }
}
