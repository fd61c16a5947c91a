package org.violin.benchmarks.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

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
    private static final double DEVICE_SECONDS = 10;
    private static final Duration PING_LIMIT = Duration.ofSeconds(10);

    private final Side side;
    private final int mtu;
    private final End a;
    private final End b;

    /** Makes the namespaces and the underlay. */
    Pair(Side side, Path directory, Underlay underlay, int mtu) {
        this.side = side;
        this.mtu = mtu;
        a = new End(Namespaces.PREFIX + side.name() + "-a", directory.resolve(side.name()).resolve("a"), 1);
        b = new End(Namespaces.PREFIX + side.name() + "-b", directory.resolve(side.name()).resolve("b"), 2);
        Namespaces.add(a.namespace());
        Namespaces.add(b.namespace());
        a.ip("link add " + End.UNDERLAY + " type veth peer name " + End.UNDERLAY + " netns " + b.namespace());
        for (End end : List.of(a, b)) {
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

    /** The inner MTU. */
    int mtu() {
        return mtu;
    }

    /** Starts the side, configures its devices alike, and waits until the ends reach each other with full frames. */
    void start() {
        side.starter().start(this);
        for (End end : List.of(a, b)) {
            boolean there = Deadline.await(DEVICE_SECONDS, () -> {
                check();
                return end.hasDevice(side.device());
            });
            if (!there) {
                throw new BenchException("no device " + side.device() + " after " + DEVICE_SECONDS + " s");
            }
            end.ip("link set " + side.device() + " mtu " + mtu + " up");
            end.ip("address replace " + end.overlay() + "/24 dev " + side.device());
        }
        awaitConnection(20);
        awaitConnection(mtu - 28);
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
        Stream.of(a, b).flatMap(end -> end.daemons().stream()).forEach(Spawned::check);
    }

    String logTail(int lines) {
        return a.logTail(lines) + b.logTail(lines);
    }

    /** Every process of the side: while no load runs, every one in its namespaces. */
    List<Long> pids() {
        return Stream.of(a, b).flatMap(end -> end.pids().stream()).toList();
    }

    @Override
    public void close() {
        Stream.of(a, b).flatMap(end -> end.daemons().stream()).filter(Spawned::isAlive).forEach(Spawned::stop);
        Namespaces.remove(a.namespace());
        Namespaces.remove(b.namespace());
    }
}
