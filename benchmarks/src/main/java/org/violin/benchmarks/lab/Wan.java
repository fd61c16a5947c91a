package org.violin.benchmarks.lab;

import java.time.Duration;
import java.util.List;
import org.violin.control.os.Command;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.Impairment;
import org.violin.dataplane.IoEngine;
import org.violin.dataplane.PortStatus;
import org.violin.dataplane.SwitchConfig;
import org.violin.dataplane.TapConfig;
import org.violin.dataplane.WorkerPriority;

/**
 * A wide-area network: every two hosts that it joins have a path of their own, which loses, delays and slows what it is
 * told to. It needs no netem: a path is two TAPs joined like a cable by a dataplane in this program, whose link
 * emulation does the rest. The TAPs' devices are moved to the hosts as they are made.
 */
public final class Wan implements Underlay, AutoCloseable {
    private static final int MTU = 1500;
    /** The reason of such drops, as the dataplane has it. */
    private static final String OVERFLOW = "impair-queue";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Dataplane dataplane = Dataplane.launch(new DataplaneConfig("wan", null, IoEngine.AUTO, 1, List.of(),
        WorkerPriority.REALTIME, DataplaneConfig.DEFAULT_FRAME_SLOTS));
    private final Impairment first;
    private int devices;

    /** @param first what every path is like, both ways, until it is told otherwise */
    public Wan(Impairment first) {
        this.first = first;
    }

    @Override
    public void join(End a, End b) {
        dataplane.addPatch(a.namespace());
        plug(List.of(a, b), a.namespace());
    }

    /** Joins any number of hosts, each to each; what comes to one passes one line, wherever it comes from. */
    public void joinAll(List<End> ends) {
        String bridge = ends.getFirst().namespace();
        dataplane.addSwitch(SwitchConfig.of(bridge));
        plug(ends, bridge);
    }

    private void plug(List<End> ends, String bridge) {
        for (End end : ends) {
            // Its name for the moment that it is among this machine's own devices.
            String device = "vbench" + ProcessHandle.current().pid() % 100_000 + "-" + devices++;
            dataplane.openTap(new TapConfig(end.namespace(), device, MTU), bridge);
            Command.run(List.of("ip", "link", "set", device, "netns", end.namespace(), "name", End.UNDERLAY), LIMIT)
                .orThrow();
            end.withoutOffloads();
            impair(end, first);
        }
    }

    @Override
    public String description() {
        return "an emulated path of single packets, as plain NICs have them";
    }

    /** Has what comes to {@code end} over its path pass a worse line from now on. */
    public void impair(End end, Impairment impairment) {
        dataplane.impair(end.namespace(), impairment);
    }

    /** What has entered the path from one end so far. */
    public record Traffic(long packets, long bytes, long overflowed) {
        /** Since {@code before}. */
        public Traffic since(Traffic before) {
            return new Traffic(packets - before.packets, bytes - before.bytes, overflowed - before.overflowed);
        }

        /** Of all packets those that the queue before the bottleneck had no room for. */
        public double overflowPercent() {
            return 100.0 * overflowed / packets;
        }
    }

    /** What {@code from} has sent into its path to {@code to}: Ethernet frames, lost or not. */
    public Traffic traffic(End from, End to) {
        PortStatus source = port(from);
        return new Traffic(source.rxFrames(), source.rxBytes(), port(to).drops().getOrDefault(OVERFLOW, 0L));
    }

    /** Bytes of all frames that hosts have sent into their paths, lost or not. */
    public long sentBytes(List<End> ends) {
        return ends.stream().mapToLong(end -> port(end).rxBytes()).sum();
    }

    private PortStatus port(End end) {
        return dataplane.ports().stream().filter(port -> port.name().equals(end.namespace())).findFirst()
            .orElseThrow();
    }

    /** Ends all paths. */
    @Override
    public void close() {
        dataplane.close();
    }
}
