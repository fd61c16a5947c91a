package org.violin.benchmarks.e2e;

import java.time.Duration;
import java.util.List;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Hosts;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.lab.Underlay;

/** Two hosts, and one side running on them. */
final class Pair implements AutoCloseable {
    /** Of two fastd that ask each other at once neither may answer, and each asks again after some 20 s. */
    private static final double CONNECT_SECONDS = 45;
    private static final Duration PING_LIMIT = Duration.ofSeconds(10);

    private final Side side;
    private final Tools tools;
    private final int mtu;
    private final Hosts hosts;
    private List<Long> pids = List.of();

    /** Makes the hosts. */
    Pair(Side side, Lab lab, Tools tools, Underlay underlay, int mtu) {
        this.side = side;
        this.tools = tools;
        this.mtu = mtu;
        hosts = new Hosts(lab, side.name(), underlay);
    }

    Side side() {
        return side;
    }

    End a() {
        return hosts.a();
    }

    End b() {
        return hosts.b();
    }

    List<End> ends() {
        return hosts.ends();
    }

    End other(End end) {
        return hosts.other(end);
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
            return a().attempt(PING_LIMIT, "ping", "-q", "-c", "1", "-W", "1", "-s", Integer.toString(payloadBytes),
                b().overlay()).exit() == 0;
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
        return hosts.logTail(lines);
    }

    /** A load from a to b through the side; its server is started. */
    Iperf iperf() {
        return new Iperf(a(), b().overlay(), b(), b().overlay());
    }

    /** The side's processes, without those of any load. */
    List<Long> pids() {
        return pids;
    }

    @Override
    public void close() {
        hosts.close();
    }
}
