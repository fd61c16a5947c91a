package org.violin.benchmarks.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Hosts, mostly two, a and b: network namespaces joined by paths of MTU 1500. */
public final class Hosts implements AutoCloseable {
    private final List<End> ends = new ArrayList<>();

    /** @param name tells these hosts from others of the lab */
    public Hosts(Lab lab, String name, Underlay underlay) {
        this(lab, name, List.of("a", "b"), ends -> underlay.join(ends.getFirst(), ends.getLast()));
    }

    /** Any number of them; {@code join} gives each its device {@link End#UNDERLAY}. */
    public Hosts(Lab lab, String name, List<String> names, Consumer<List<End>> join) {
        for (String each : names) {
            ends.add(new End(lab, name, each, ends.size() + 1));
        }
        join.accept(ends());
        for (End end : ends) {
            end.ip("address add " + end.underlay() + "/24 dev " + End.UNDERLAY);
            end.ip("link set " + End.UNDERLAY + " up");
            end.ip("route replace 10.201.0.0/24 dev " + End.UNDERLAY + " proto kernel scope link src "
                + end.underlay() + " congctl cubic");
        }
    }

    public End a() {
        return ends.getFirst();
    }

    /** The last one. */
    public End b() {
        return ends.getLast();
    }

    /** All of them in order. */
    public List<End> ends() {
        return List.copyOf(ends);
    }

    /** Of two, the one that {@code end} is not. */
    public End other(End end) {
        return end == a() ? b() : a();
    }

    /** The last lines of what the daemons of all printed. */
    public String logTail(int lines) {
        return ends.stream().map(end -> end.logTail(lines)).collect(Collectors.joining());
    }

    /** Ends every program on the hosts and removes them. */
    @Override
    public void close() {
        ends.forEach(Netns::close);
    }
}
