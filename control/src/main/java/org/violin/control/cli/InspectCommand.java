package org.violin.control.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.violin.control.api.GroupDto;
import org.violin.control.api.JetwayDto;
import org.violin.control.api.LatencyDto;
import org.violin.control.api.LinkDto;
import org.violin.control.api.MacDto;
import org.violin.control.api.NodeDto;
import org.violin.control.api.PathDto;
import org.violin.control.api.PortDto;
import org.violin.control.api.RequestDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.JetwaySpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code violin inspect}. */
@Command(name = "inspect", mixinStandardHelpOptions = true,
    description = {"Shows the parts of networks as the daemons have them."},
    footer = {"", "  nodes    the guests: state, vNICs, addresses",
        "  ports    where frames enter and leave a host, with counters and drops by reason",
        "  links    the cables between hosts, with their tunnels' state, round trip and path MTU; what link emulation",
        "           does to them (for every port: violin link ls)",
        "  tunnels  the ways between hosts: sealed or not, round trips and jitter of the last minute, and of the last",
        "           seconds losses, what comes late (overtaken on the way), and throughput; forward error correction",
        "  jetways  the ways out of the network, on or off, and what may pass them",
        "  macs     the stations that the switches have learned",
        "  groups   who has joined multicast groups, ports that lead to routers, and the queriers; *: all groups",
        "  requests what has become of guests' requests for ports, since the daemons started",
        "  latency  how long frames were inside a host, by the port that they left by: from the poll that told of",
        "           them to the return of the system call that took them; JSON has the whole distribution"})
final class InspectCommand implements Callable<Integer> {
    enum What { nodes, ports, links, tunnels, jetways, macs, groups, requests, latency }

    @Parameters(paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}")
    private What what;

    @Option(names = {"-n", "--network"}, paramLabel = "NETWORK", description = "Left out: all of them.")
    private String network;

    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", defaultValue = "table",
        description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private HostedTable.Format format;

    private Survey survey;

    @Override
    public Integer call() {
        survey = Survey.of(new Registry(Home.find()), network);
        return switch (what) {
            case nodes -> show(DaemonClient::nodes, InspectCommand::node,
                Table.of("NETWORK", "NODE", "HOST", "KIND", "STATE", ">PID", ">MIB", "NICS"));
            case ports -> show(DaemonClient::ports, InspectCommand::port,
                Table.of("NETWORK", "HOST", "PORT", "KIND", "BRIDGE", "STATE", ">RX-FRAMES", ">RX-BYTES",
                    ">TX-FRAMES", ">TX-BYTES", ">DROPS", "REASONS", "DETAIL"));
            case links -> show(DaemonClient::links, InspectCommand::link,
                Table.of("NETWORK", "HOST", "LINK", "BRIDGE", "PEER", "REMOTE", "TUNNEL", ">RTT-US", ">PATH-MTU",
                    ">RX-FRAMES", ">TX-FRAMES", ">DROPS", "REASONS", "IMPAIRMENT"));
            case tunnels -> show(DaemonClient::tunnels, InspectCommand::tunnel,
                Table.of("HOST", "PEER", "REMOTE", "BY", "STATE", "SEALED", ">RTT-MIN-MS", ">P50", ">P99", ">JITTER",
                    ">LOST-THERE", ">IN-A-ROW", ">LOST-BACK", ">LATE-THERE", ">LATE-BACK", ">MBIT/S-THERE",
                    ">MBIT/S-BACK", "FEC", ">BROUGHT-BACK", ">PATH-MTU", ">DROPS", "REASONS"));
            case jetways -> show(DaemonClient::jetways, InspectCommand::jetway,
                Table.of("NETWORK", "HOST", "JETWAY", "STATE", "MODE", "BRIDGE", "INTERFACE", "ALLOWED"));
            case macs -> show(DaemonClient::macs, InspectCommand::mac,
                Table.of("NETWORK", "HOST", "BRIDGE", "MAC", "PORT", ">AGE-S"));
            case groups -> show(DaemonClient::groups, InspectCommand::group,
                Table.of("NETWORK", "HOST", "BRIDGE", "GROUP", "PORT", "ROLE", "VERSION", ">AGE-S"));
            case requests -> show(DaemonClient::requests, InspectCommand::request,
                Table.of("NETWORK", "HOST", "OUTCOME", ">TIMES"));
            case latency -> show(DaemonClient::latencies, InspectCommand::latency,
                Table.of("NETWORK", "HOST", "PORT", "KIND", "BRIDGE", ">FRAMES", ">P50-US", ">P99-US", ">P99.9-US",
                    ">MAX-US"));
        };
    }

    private <T> int show(BiFunction<DaemonClient, String, List<T>> question, HostedTable.Row<T> row, Table table) {
        return HostedTable.show(survey.ask(question), format, table, row);
    }

    private static void node(Table table, String host, NodeDto node) {
        String nics = node.nics().stream()
            .map(nic -> nic.name() + "=" + (nic.addresses().isEmpty() ? nic.mac() : String.join(",", nic.addresses())))
            .collect(Collectors.joining(" "));
        table.row(node.network(), node.name(), host, node.role(), node.state(), node.pid() == 0 ? "" : node.pid(),
            node.memoryMiB(), nics);
    }

    private static void port(Table table, String host, PortDto port) {
        table.row(port.network(), host, port.name(), port.kind(), port.bridge(), upDown(port.up()), port.rxFrames(),
            port.rxBytes(), port.txFrames(), port.txBytes(), total(port.drops()), reasons(port.drops()),
            port.detail());
    }

    private static void link(Table table, String host, LinkDto link) {
        table.row(link.network(), host, link.name(), link.bridge(), link.peer(), link.remote(), link.tunnel(),
            link.rttMicros() < 0 ? "" : link.rttMicros(), link.pathMtu(), link.rxFrames(), link.txFrames(),
            total(link.drops()), reasons(link.drops()),
            link.impairment() == null ? "" : link.impairment().text());
    }

    private static void tunnel(Table table, String host, TunnelDto tunnel) {
        PathDto path = tunnel.path();
        boolean loses = path.lossThere() != null && path.lossThere() > 0;
        table.row(host, tunnel.peer(), tunnel.remote(), tunnel.way(), tunnel.state(), tunnel.sealed() ? "yes" : "NO",
            millis(path.rttMinMicros()), millis(path.rttP50Micros()), millis(path.rttP99Micros()),
            path.rttMinMicros() < 0 ? "" : millis(path.jitterMicros()), percent(path.lossThere()),
            loses ? String.format(Locale.ROOT, "%.1f", path.burstThere()) : "", percent(path.lossBack()),
            percent(path.reorderedThere()), percent(path.reorderedBack()), mbits(path.bitsThere()),
            mbits(path.bitsBack()), fec(tunnel.fec(), path.fec()), tunnel.recovered(), tunnel.pathMtu(),
            total(tunnel.drops()), reasons(tunnel.drops()));
    }

    /** What is wanted; with {@code auto} what has come of it so far. */
    private static String fec(FecSpec wanted, String inForce) {
        return wanted == null ? "" : wanted.adapts() && !inForce.isEmpty() ? "auto: " + inForce
            : wanted.text();
    }

    private static void jetway(Table table, String host, JetwayDto jetway) {
        JetwaySpec spec = jetway.spec();
        table.row(jetway.network(), host, spec.name(), jetway.state(), spec.mode().name().toLowerCase(Locale.ROOT),
            spec.tap().bridge(), spec.outside(), spec.allowed());
    }

    static String millis(long micros) {
        return micros < 0 ? "" : String.format(Locale.ROOT, "%.2f", micros / 1000.0);
    }

    /** Bits a second. */
    static String mbits(long bits) {
        return String.format(Locale.ROOT, "%.2f", bits / 1e6);
    }

    static String percent(Double part) {
        return part == null ? "" : String.format(Locale.ROOT, "%.2f%%", 100 * part);
    }

    private static void mac(Table table, String host, MacDto mac) {
        table.row(mac.network(), host, mac.bridge(), mac.mac(), mac.port(), mac.ageSeconds());
    }

    private static void group(Table table, String host, GroupDto group) {
        table.row(group.network(), host, group.bridge(), group.group(), group.port() == null ? "" : group.port(),
            group.role(), group.version(), group.ageSeconds());
    }

    private static void request(Table table, String host, RequestDto request) {
        table.row(request.network(), host, request.outcome(), request.times());
    }

    private static void latency(Table table, String host, LatencyDto latency) {
        table.row(latency.network(), host, latency.port(), latency.kind(), latency.bridge(), latency.frames(),
            micros(latency, latency.p50Nanos()), micros(latency, latency.p99Nanos()),
            micros(latency, latency.p999Nanos()), micros(latency, latency.maxNanos()));
    }

    private static String micros(LatencyDto latency, long nanos) {
        return latency.frames() == 0 ? "" : Table.micros(nanos);
    }

    private static String upDown(boolean up) {
        return up ? "up" : "down";
    }

    private static long total(Map<String, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    static String reasons(Map<String, Long> drops) {
        return drops.entrySet().stream().sorted(Map.Entry.comparingByKey())
            .map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining(" "));
    }
}
