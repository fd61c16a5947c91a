package org.violin.benchmarks.lab;

import java.util.List;

/** Two hosts, a and b: network namespaces joined by a path of MTU 1500. */
public final class Hosts implements AutoCloseable {
    /**
     * What sockets begin with. Where that is BBR, its pacing stays with a socket that asks for CUBIC later, as iperf3's
     * do: a timer for each super-frame then, which halves what a fast path carries. Any namespace may have Reno.
     * Tunnels over TCP have CUBIC, which an ordinary route may ask for where a namespace may not.
     */
    private static final String FIRST_CONGESTION_CONTROL = "echo reno > /proc/sys/net/ipv4/tcp_congestion_control";

    /** Or a connection would begin with what the last one to the same host has found, over another path perhaps. */
    private static final String NO_METRICS = "echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save";

    private final End a;
    private final End b;

    /** @param name tells these hosts from others of the lab */
    public Hosts(Lab lab, String name, Underlay underlay) {
        a = new End(lab, name, "a", 1);
        b = new End(lab, name, "b", 2);
        lab.addNamespace(a.namespace());
        lab.addNamespace(b.namespace());
        underlay.join(a, b);
        for (End end : ends()) {
            end.file("README", "Files of a running benchmark; gone when it ends.\n");
            end.run("sh", "-c", FIRST_CONGESTION_CONTROL);
            end.run("sh", "-c", NO_METRICS);
            end.ip("link set lo up");
            end.ip("address add " + end.underlay() + "/24 dev " + End.UNDERLAY);
            end.ip("link set " + End.UNDERLAY + " up");
            end.ip("route replace 10.201.0.0/24 dev " + End.UNDERLAY + " proto kernel scope link src "
                + end.underlay() + " congctl cubic");
        }
    }

    public End a() {
        return a;
    }

    public End b() {
        return b;
    }

    /** a, then b. */
    public List<End> ends() {
        return List.of(a, b);
    }

    /** The one that {@code end} is not. */
    public End other(End end) {
        return end == a ? b : a;
    }

    /** The last lines of what the daemons of both printed. */
    public String logTail(int lines) {
        return a.logTail(lines) + b.logTail(lines);
    }

    /** Ends every program on the hosts and removes them. */
    @Override
    public void close() {
        ends().stream().flatMap(end -> end.daemons().stream()).filter(Spawned::isAlive).forEach(Spawned::stop);
        Namespaces.remove(a.namespace());
        Namespaces.remove(b.namespace());
    }
}
