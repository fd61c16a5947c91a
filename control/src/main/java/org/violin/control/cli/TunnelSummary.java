package org.violin.control.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.violin.control.identity.SealedTunnels;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.Latency;
import org.violin.dataplane.PathStatus;
import org.violin.dataplane.PortStatus;
import org.violin.dataplane.TunnelStatus;

/** What {@code violin tunnel} says at its end: what passed, what is known of the path, what was dropped, and why. */
final class TunnelSummary {
    private final Dataplane dataplane;
    private final SealedTunnels sealed;
    private final String name;
    private final StreamStatus stream;

    /**
     * @param name   the dataplane's only tunnel's
     * @param stream null: it goes in datagrams alone
     */
    TunnelSummary(Dataplane dataplane, SealedTunnels sealed, String name, StreamStatus stream) {
        this.dataplane = dataplane;
        this.sealed = sealed;
        this.name = name;
        this.stream = stream;
    }

    /** @param label of the tunnel, for people */
    String text(String label, long elapsedNs) {
        List<PortStatus> ports = dataplane.ports();
        TunnelStatus tunnel = dataplane.tunnels().getFirst();
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s: %.1f s, %s%n", label, elapsedNs / 1e9, tunnel.state()));
        text.append(String.format("%-16s %14s %18s%n", "", "frames", "bytes"));
        for (PortStatus port : ports) {
            String side = port.kind().equals("tap") ? "TAP" : "tunnel";
            row(text, "from " + side, port.rxFrames(), port.rxBytes());
            row(text, "to " + side, port.txFrames(), port.txBytes());
        }
        row(text, "datagrams in", tunnel.rxDatagrams(), tunnel.rxBytes());
        row(text, "datagrams out", tunnel.txDatagrams(), tunnel.txBytes());
        if (tunnel.recovered() > 0) {
            text.append(String.format(Locale.ROOT, "%-16s %14d%n", "brought back", tunnel.recovered()));
        }
        ports.forEach(port -> inside(text, port.kind().equals("tap") ? "TAP" : "tunnel", port.residence()));
        List<String> drops = new ArrayList<>();
        ports.forEach(port -> collect(drops, port.kind(), port.drops()));
        collect(drops, "tunnel", tunnel.drops());
        collect(drops, "socket", dataplane.drops());
        text.append(describe(tunnel.path()));
        events(text, "control connections", sealed.connections());
        events(text, "handshakes", sealed.handshakes(name));
        if (stream != null) {
            events(text, "connections", stream.events());
            collect(drops, "stream", stream.drops());
        }
        text.append("dropped: ").append(drops.isEmpty() ? "nothing" : String.join(", ", drops)).append('\n');
        return text.toString();
    }

    private static void events(StringBuilder text, String of, Map<String, Long> counts) {
        if (!counts.isEmpty()) {
            List<String> all = new ArrayList<>();
            counts.forEach((event, count) -> all.add(count + " " + event));
            text.append(of).append(": ").append(String.join(", ", all)).append('\n');
        }
    }

    private static String describe(PathStatus path) {
        if (path.rttMinMicros() < 0) {
            return "";
        }
        String text = String.format(Locale.ROOT, "%-16s min %.2f ms, p50 %.2f ms, p99 %.2f ms, jitter %.2f ms%n",
            "round trip", path.rttMinMicros() / 1000.0, path.rttP50Micros() / 1000.0, path.rttP99Micros() / 1000.0,
            path.jitterMicros() / 1000.0);
        if (!Double.isNaN(path.lossThere())) {
            text += String.format(Locale.ROOT, "%-16s %.2f %%, %.1f in a row%s%n", "lost there",
                100 * path.lossThere(), path.burstThere(), path.fec().isEmpty() ? "" : ", protected " + path.fec());
        }
        if (!Double.isNaN(path.lossBack())) {
            text += String.format(Locale.ROOT, "%-16s %.2f %%%n", "lost back", 100 * path.lossBack());
        }
        return text + late("late there", path.reorderedThere()) + late("late back", path.reorderedBack())
            + String.format(Locale.ROOT, "%-16s %.2f Mbit/s there, %.2f Mbit/s back%n", "last seconds",
                path.bitsThere() / 1e6, path.bitsBack() / 1e6);
    }

    private static String late(String label, double part) {
        return Double.isNaN(part) ? "" : String.format(Locale.ROOT, "%-16s %.2f %%%n", label, 100 * part);
    }

    private static void row(StringBuilder text, String label, long frames, long bytes) {
        text.append(String.format(Locale.ROOT, "%-16s %14d %18d%n", label, frames, bytes));
    }

    /** How long frames on their way to {@code label} were in this process. */
    private static void inside(StringBuilder text, String label, Latency residence) {
        text.append(String.format(Locale.ROOT, "%-16s p50 %s us, p99 %s us, p99.9 %s us, max %s us%n",
            "time to " + label, Table.micros(residence.quantileNanos(0.5)), Table.micros(residence.quantileNanos(0.99)),
            Table.micros(residence.quantileNanos(0.999)), Table.micros(residence.maxNanos())));
    }

    private static void collect(List<String> drops, String where, Map<String, Long> counts) {
        counts.forEach((reason, count) -> drops.add(count + " " + reason + " (" + where + ")"));
    }
}
