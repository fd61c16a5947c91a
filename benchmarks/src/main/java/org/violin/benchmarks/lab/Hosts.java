package org.violin.benchmarks.lab;

import java.util.List;

/** Two hosts, a and b: network namespaces joined by a path of MTU 1500. */
public final class Hosts implements AutoCloseable {
    private final End a;
    private final End b;

    /** @param name tells these hosts from others of the lab */
    public Hosts(Lab lab, String name, Underlay underlay) {
        a = new End(lab, name, "a", 1);
        b = new End(lab, name, "b", 2);
        underlay.join(a, b);
        for (End end : ends()) {
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
        ends().forEach(Netns::close);
    }
}
