package org.violin.control.cli;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.violin.control.api.HostDto;
import org.violin.control.api.JetwayDto;
import org.violin.control.api.LatencyDto;
import org.violin.control.api.NodeDto;
import org.violin.control.api.PathDto;
import org.violin.control.api.PortDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.Home;
import org.violin.control.client.NetworkRecord;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Coherence;
import org.violin.dataplane.Latency;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code violin status}. */
@Command(name = "status", mixinStandardHelpOptions = true,
    description = {"Shows the networks brought up from here, host by host, and what is wrong with them."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:everything is up", "4:something is not"})
final class StatusCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "Left out: all of them.")
    private String network;

    /** One daemon's view of one network. */
    private record View(HostDto host, List<NodeDto> nodes, List<TunnelDto> tunnels, List<PortDto> ports,
        List<LatencyDto> latencies, List<JetwayDto> jetways, NetworkSpec spec) {
    }

    @Override
    public Integer call() {
        Survey survey = Survey.of(new Registry(Home.find()), network);
        if (survey.records().isEmpty()) {
            boolean others = Files.isDirectory(Home.OF_ROOT) && !Files.isReadable(Home.OF_ROOT);
            System.out.println("no network " + (others ? "of yours " : "") + "is up (violin up FILE brings one up"
                + (others ? "; sudo violin status shows those of root)" : ")"));
            return Exit.OK;
        }
        Table table = Table.of(
            "NETWORK", "HOST", "DAEMON", "UNDERLAY", "ENGINE", ">GUESTS", ">TUNNELS", ">PORTS", ">DROPS",
            ">P99-US");
        List<String> problems = new ArrayList<>();
        List<Survey.Answer<View>> answers = survey.ask((daemon, name) -> new View(daemon.host(), daemon.nodes(name),
            daemon.tunnels(name), daemon.ports(name), daemon.latencies(name), daemon.jetways(name),
            daemon.network(name).orElse(NetworkSpec.empty(name, daemon.hostName()))));
        Set<String> settled = new HashSet<>();
        answers.stream().filter(answer -> answer.value() != null).forEach(answer -> answer.value().nodes().stream()
            .filter(node -> node.leavingFor() == null)
            .forEach(node -> settled.add(answer.network() + "/" + node.name())));
        answers.forEach(answer -> add(table, problems, answer, settled));
        System.out.print(table.render());
        System.out.print(ways(answers));
        System.out.print(jetways(answers, problems));
        survey.records().forEach(record -> addFaults(problems, record, answers));
        problems.forEach(System.out::println);
        return problems.isEmpty() ? Exit.OK : Exit.DEGRADED;
    }

    /** @param settled nodes, with their networks, that a daemon has for good: another may still have one on its way */
    private static void add(
            Table table, List<String> problems, Survey.Answer<View> answer, Set<String> settled) {
        String network = answer.network();
        String host = answer.host().name();
        if (answer.error() != null) {
            table.row(network, host, "no answer", answer.host().address(), "", "", "", "", "", "");
            problems.add(network + ": " + answer.error());
            return;
        }
        View view = answer.value();
        List<NodeDto> nodes = view.nodes().stream()
            .filter(node -> node.leavingFor() == null || !settled.contains(network + "/" + node.name())).toList();
        long ready = nodes.stream().filter(node -> node.state().equals("ready")).count();
        long tunnelsUp = view.tunnels().stream().filter(tunnel -> tunnel.state().equals("up")).count();
        long drops = view.ports().stream().flatMap(port -> port.drops().values().stream())
            .mapToLong(Long::longValue).sum();
        table.row(network, host, "pid " + view.host().pid(), view.host().listen(), threads(view.host()),
            ready + "/" + nodes.size(), tunnelsUp + "/" + view.tunnels().size(), view.ports().size(), drops,
            p99(view.latencies()));
        for (NodeDto node : nodes) {
            boolean well = node.state().equals("ready") && node.detail().isEmpty();
            if (node.state().equals("dead") || !well && node.wanted().equals("running")) {
                problems.add(network + ": " + node.name() + " is " + node.state()
                    + (node.detail().isEmpty() ? "" : ": " + Terminal.printable(node.detail(), "    ")));
            }
        }
        for (TunnelDto tunnel : view.tunnels()) {
            if (!tunnel.state().equals("up")) {
                problems.add(network + ": tunnel " + host + " -> " + tunnel.peer() + " (" + tunnel.remote() + ") is "
                    + tunnel.state());
            }
        }
    }

    /** Says when hosts have not been changed together. */
    private static void addFaults(List<String> problems, NetworkRecord record, List<Survey.Answer<View>> answers) {
        List<String> faults = Coherence.faults(answers.stream()
            .filter(answer -> answer.network().equals(record.network()) && answer.error() == null)
            .map(answer -> answer.value().spec()).toList());
        if (!faults.isEmpty()) {
            problems.add(record.network() + " is in between: " + String.join("; ", faults) + ": a change of it is under"
                + " way, or was broken off; in that case run: violin up " + record.topology());
        }
    }

    /** A line for each host's way to another; networks may share one. */
    private static String ways(List<Survey.Answer<View>> answers) {
        Table table =
            Table.of("HOST", "PEER", "AT", "BY", "TUNNEL", ">RTT-MS", ">LOST-THERE", ">LOST-BACK", ">LATE-THERE",
                ">LATE-BACK", ">MBIT/S-THERE", ">MBIT/S-BACK", ">PATH-MTU");
        Set<String> seen = new HashSet<>();
        for (Survey.Answer<View> answer : answers) {
            String host = answer.host().name();
            for (TunnelDto tunnel : answer.value() == null ? List.<TunnelDto>of() : answer.value().tunnels()) {
                if (seen.add(answer.host().address() + " " + host + " " + tunnel.remote())) {
                    PathDto path = tunnel.path();
                    table.row(host, tunnel.peer(), tunnel.remote(), tunnel.way(), tunnel.state(),
                        InspectCommand.millis(path.rttP50Micros()), InspectCommand.percent(path.lossThere()),
                        InspectCommand.percent(path.lossBack()), InspectCommand.percent(path.reorderedThere()),
                        InspectCommand.percent(path.reorderedBack()), InspectCommand.mbits(path.bitsThere()),
                        InspectCommand.mbits(path.bitsBack()), tunnel.pathMtu());
                }
            }
        }
        return seen.isEmpty() ? "" : "\n" + table.render();
    }

    /** A line for each jetway: an open door should be seen. */
    private static String jetways(List<Survey.Answer<View>> answers, List<String> problems) {
        Table table = Table.of("NETWORK", "JETWAY", "HOST", "STATE", "LEADS");
        boolean any = false;
        for (Survey.Answer<View> answer : answers) {
            for (JetwayDto jetway : answer.value() == null ? List.<JetwayDto>of() : answer.value().jetways()) {
                any = true;
                table.row(answer.network(), jetway.spec().name(), answer.host().name(), jetway.state(),
                    jetway.spec().text());
                if (jetway.state().equals(JetwayDto.FAILED)) {
                    problems.add(answer.network() + ": jetway " + jetway.spec().name() + " on " + answer.host().name()
                        + " is not there (see: violin events), switch it on again: violin jetway on "
                        + answer.network() + " " + jetway.spec().name());
                }
            }
        }
        return any ? "\n" + table.render() : "";
    }

    /** Of all frames that left the host, whichever way. */
    private static String p99(List<LatencyDto> latencies) {
        Latency all = LatencyDto.sum(latencies);
        return all.buckets().isEmpty() ? "" : Table.micros(all.quantileNanos(0.99));
    }

    private static String threads(HostDto host) {
        String threads = host.engine() + ", " + host.priority();
        return host.workers() == 1 ? threads : threads + ", " + host.workers() + " workers";
    }
}
