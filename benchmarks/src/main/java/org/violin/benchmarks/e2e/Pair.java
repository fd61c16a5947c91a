package org.violin.benchmarks.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Two namespaces joined by a veth pair, and one side running in them. */
final class Pair implements AutoCloseable {
    /** What the veth pair pretends to be. */
    enum Underlay {
        /** As it is: it carries super-frames whole. */
        VETH,
        /** As a NIC without offloads: each packet of at most one MTU, checksums made by the sender's CPU. */
        PLAIN_NIC
    }

    private static final double CONNECT_SECONDS = 10;
    private static final Duration PING_LIMIT = Duration.ofSeconds(10);

    private final Side side;
    private final Tools tools;
    private final int mtu;
    private final End a;
    private final End b;
    private List<Long> pids = List.of();

    /** Makes the namespaces and the underlay. */
    Pair(Side side, Path directory, Tools tools, Underlay underlay, int mtu) {
        this.side = side;
        this.tools = tools;
        this.mtu = mtu;
        a = new End(Namespaces.PREFIX + side.name() + "-a", directory.resolve(side.name()).resolve("a"), 1);
        b = new End(Namespaces.PREFIX + side.name() + "-b", directory.resolve(side.name()).resolve("b"), 2);
        Namespaces.add(a.namespace());
        Namespaces.add(b.namespace());
        a.ip("link add " + End.UNDERLAY + " type veth peer name " + End.UNDERLAY + " netns " + b.namespace());
        for (End end : ends()) {
            end.file("README", "Files of a running benchmark; gone when it ends.\n");
            end.ip("link set lo up");
            end.ip("address add " + end.underlay() + "/24 dev " + End.UNDERLAY);
            end.ip("link set " + End.UNDERLAY + " up");
            if (underlay == Underlay.PLAIN_NIC) {
                end.run("ethtool", "-K", End.UNDERLAY, "tso", "off", "gso", "off", "tx-udp-segmentation", "off",
                    "tx", "off", "gro", "on");
            }
        }
    }

    Side side() {
        return side;
    }

    End a() {
        return a;
    }

    End b() {
        return b;
    }

    List<End> ends() {
        return List.of(a, b);
    }

    End other(End end) {
        return end == a ? b : a;
    }

    Duration pingLimit() {
        return PING_LIMIT;
    }

    Tools tools() {
        return tools;
    }

    /** The inner MTU. */
    int mtu() {
        return mtu;
    }

    /** Starts the side, configures its devices alike, and waits until the ends reach each other with full frames. */
    void start() {
        side.starter().start(this);
        configure();
        awaitConnection(20);
        awaitConnection(mtu - 28);
        pids = ends().stream().flatMap(end -> end.pids().stream()).toList();
    }

    /** Waits for the side's devices, and gives them their MTU and address. */
    void configure() {
        for (End end : ends()) {
            end.awaitDevice(side.device());
            end.ip("link set " + side.device() + " mtu " + mtu + " up");
            end.ip("address replace " + end.overlay() + "/24 dev " + side.device());
        }
    }

    /** Throws unless the ends reach each other; a first packet may be lost. */
    void awaitConnection(int payloadBytes) {
        boolean reached = Deadline.await(CONNECT_SECONDS, () -> {
            check();
            return a.attempt(PING_LIMIT, "ping", "-q", "-c", "1", "-W", "1", "-s", Integer.toString(payloadBytes),
                b.overlay()).exit() == 0;
        });
        if (!reached) {
            throw new BenchException("a ping of " + payloadBytes + " bytes is not answered after " + CONNECT_SECONDS
                + " s");
        }
    }

    /** Throws unless every program of the side is running. */
    void check() {
        ends().stream().flatMap(end -> end.daemons().stream()).forEach(Spawned::check);
    }

    String logTail(int lines) {
        return a.logTail(lines) + b.logTail(lines);
    }

    /** The side's processes, without those of any load. */
    List<Long> pids() {
        return pids;
    }

    @Override
    public void close() {
        ends().stream().flatMap(end -> end.daemons().stream()).filter(Spawned::isAlive).forEach(Spawned::stop);
        Namespaces.remove(a.namespace());
        Namespaces.remove(b.namespace());
    }
}
