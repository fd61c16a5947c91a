package org.violin.control.api;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.violin.control.host.Diagnosis;
import org.violin.control.host.Engine;
import org.violin.control.host.Event;
import org.violin.control.host.HostException;
import org.violin.control.host.Node;
import org.violin.control.host.Remote;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.FrameTrace;
import org.violin.dataplane.Latency;
import org.violin.dataplane.MacStatus;
import org.violin.dataplane.PortStatus;
import org.violin.dataplane.TracedFrame;
import org.violin.dataplane.TunnelStatus;

/**
 * What the engine and its driver know, as the API shows it. A network of null asks for all; an unknown one is refused.
 * The dataplane's names carry the network's name in front, the API's have it beside them.
 */
final class Views {
    private static final Duration PING_LIMIT = Duration.ofSeconds(1);

    private final Engine engine;

    Views(Engine engine) {
        this.engine = engine;
    }

    List<NodeDto> nodes(String network) {
        return engine.nodes(network).stream().map(Views::node).toList();
    }

    static NodeDto node(Node node) {
        long startedAt = node.status().startedAtMillis();
        boolean leaving = node.leavingFor() != null;
        String detail = leaving ? "for " + node.leavingFor() : node.status().detail();
        return new NodeDto(node.network(), node.spec().name(), node.spec().role().name().toLowerCase(Locale.ROOT),
            leaving ? "leaving" : node.status().state().name().toLowerCase(Locale.ROOT),
            node.wanted() ? "running" : "stopped",
            node.status().pid(), startedAt == 0 ? null : Instant.ofEpochMilli(startedAt).toString(),
            node.spec().memoryMiB(),
            node.spec().nics().stream()
                .map(nic -> new NodeDto.Nic(nic.name(), nic.bridge(), nic.mac(), nic.mtu(), nic.addresses()))
                .toList(),
            detail == null ? "" : detail, node.leavingFor());
    }

    List<PortDto> ports(String network) {
        require(network);
        Map<String, LineSpec> lines = engine.impairments();
        Map<String, FecSpec> protections = byLink(engine.protections());
        Map<String, Transport> transports = byLink(engine.transports());
        Map<String, FitSpec> fits = fits();
        return engine.driver().ports().stream()
            .filter(port -> belongs(network, port.name()))
            .map(port -> new PortDto(networkOf(port.name()), nameOf(port.name()), port.kind(), nameOf(port.bridge()),
                port.detail(), port.up(), port.rxFrames(), port.rxBytes(), port.txFrames(), port.txBytes(),
                port.drops(), lines.get(port.name()), protections.get(port.name()),
                transports.get(port.name()), fits.get(port.name())))
            .sorted(Comparator.comparing(PortDto::network).thenComparing(PortDto::name))
            .toList();
    }

    private <T> Map<String, T> byLink(Map<String, T> byRemote) {
        Map<String, T> byLink = new HashMap<>();
        for (NetworkSpec spec : engine.specs()) {
            Map<String, String> remotes = remotes(spec);
            spec.links().forEach(link ->
                byLink.put(spec.network() + "/" + link.name(), byRemote.get(remotes.get(link.peer()))));
        }
        return byLink;
    }

    private Map<String, FitSpec> fits() {
        Map<String, FitSpec> byLink = new HashMap<>();
        engine.specs().forEach(spec -> spec.links().stream().filter(link -> !link.fit().equals(FitSpec.NONE))
            .forEach(link -> byLink.put(spec.network() + "/" + link.name(), link.fit())));
        return byLink;
    }

    List<JetwayDto> jetways(String network) {
        Set<String> open = engine.driver().ports().stream().map(PortStatus::name).collect(Collectors.toSet());
        List<JetwayDto> jetways = new ArrayList<>();
        for (NetworkSpec spec : specs(network)) {
            spec.jetways().forEach(jetway -> jetways.add(new JetwayDto(spec.network(), !jetway.on() ? "off"
                : open.contains(spec.network() + "/" + jetway.name()) ? "on" : JetwayDto.FAILED, jetway)));
        }
        return jetways;
    }

    List<LatencyDto> latencies(String network) {
        require(network);
        return engine.driver().ports().stream()
            .filter(port -> belongs(network, port.name()))
            .map(Views::latency)
            .sorted(Comparator.comparing(LatencyDto::network).thenComparing(LatencyDto::port))
            .toList();
    }

    private static LatencyDto latency(PortStatus port) {
        Latency residence = port.residence();
        return new LatencyDto(networkOf(port.name()), nameOf(port.name()), port.kind(), nameOf(port.bridge()),
            residence.count(), residence.quantileNanos(0.5), residence.quantileNanos(0.99),
            residence.quantileNanos(0.999), residence.maxNanos(), residence.buckets());
    }

    FrameTrace trace(String network, int every, int count) {
        require(network);
        return engine.driver().trace(port -> belongs(network, port), every, count);
    }

    static TraceDto traced(TracedFrame frame) {
        return new TraceDto(networkOf(frame.ingress()), nameOf(frame.ingress()),
            frame.egress() == null ? null : nameOf(frame.egress()), frame.drop(), frame.bytes(), frame.superFrame(),
            frame.readNanos(), frame.decideNanos(), frame.queueNanos(), frame.sendNanos());
    }

    List<LinkDto> links(String network) {
        List<NetworkSpec> specs = specs(network);
        Map<String, PortStatus> ports = engine.driver().ports().stream()
            .collect(Collectors.toMap(PortStatus::name, Function.identity()));
        Map<String, TunnelStatus> tunnels = tunnels();
        Map<String, LineSpec> lines = engine.impairments();
        List<LinkDto> links = new ArrayList<>();
        for (NetworkSpec spec : specs) {
            Map<String, String> remotes = remotes(spec);
            for (LinkSpec link : spec.links()) {
                PortStatus port = ports.get(spec.network() + "/" + link.name());
                TunnelStatus tunnel = tunnels.get(remotes.get(link.peer()));
                if (port != null && tunnel != null) {
                    links.add(new LinkDto(spec.network(), link.name(), link.bridge(), link.peer(), where(tunnel),
                        Integer.toUnsignedLong(link.linkId()), port.up(), tunnel.state(), tunnel.pathMtu(),
                        tunnel.rttMicros(), port.rxFrames(), port.rxBytes(), port.txFrames(), port.txBytes(),
                        port.drops(), lines.get(port.name())));
                }
            }
        }
        return links;
    }

    List<TunnelDto> tunnels(String network) {
        Map<String, TunnelStatus> tunnels = tunnels();
        Map<String, String> peers = new TreeMap<>();
        Map<String, List<String>> networks = new TreeMap<>();
        for (NetworkSpec spec : engine.specs()) {
            remotes(spec).forEach((peer, remote) -> {
                peers.putIfAbsent(remote, peer);
                networks.computeIfAbsent(remote, r -> new ArrayList<>()).add(spec.network());
            });
        }
        Map<String, FecSpec> protections = engine.protections();
        Map<String, Transport> transports = engine.transports();
        require(network);
        return peers.keySet().stream()
            .filter(remote -> tunnels.containsKey(remote))
            .filter(remote -> network == null || networks.get(remote).contains(network))
            .map(remote -> tunnel(peers.get(remote), networks.get(remote), tunnels.get(remote),
                protections.get(remote), transports.getOrDefault(remote, Transport.UDP)))
            .toList();
    }

    private TunnelDto tunnel(String peer, List<String> networks, TunnelStatus tunnel, FecSpec fec,
            Transport transport) {
        StreamStatus stream = engine.driver().stream(tunnel);
        Map<String, Long> drops = new TreeMap<>(tunnel.drops());
        if (stream != null) {
            stream.drops().forEach((reason, count) -> drops.merge(reason, count, Long::sum));
        }
        return new TunnelDto(peer, where(tunnel), networks, tunnel.sealed(), tunnel.state(), tunnel.pathMtu(),
            tunnel.rttMicros(), tunnel.links(), tunnel.rxDatagrams(), tunnel.rxBytes(), tunnel.txDatagrams(),
            tunnel.txBytes(), fec, transport, stream == null ? "udp" : stream.way(),
            stream == null ? Map.of() : stream.events(), tunnel.recovered(), PathDto.of(tunnel.path()), drops);
    }

    /** Where the peer is; of one that is reached by a stream, as its networks say. */
    private String where(TunnelStatus tunnel) {
        StreamStatus stream = engine.driver().stream(tunnel);
        return stream != null && stream.carries() ? tunnel.name() : tunnel.remote();
    }

    /** Takes half a second where tunnels are not up. */
    List<CheckDto> netcheck(String network) {
        require(network);
        Map<String, String> peers = new TreeMap<>();
        engine.specs().stream().filter(spec -> network == null || spec.network().equals(network))
            .forEach(spec -> remotes(spec).forEach((peer, remote) -> peers.putIfAbsent(remote, peer)));
        Map<String, TunnelStatus> tunnels = tunnels();
        return peers.entrySet().parallelStream().filter(entry -> tunnels.containsKey(entry.getKey())).map(entry -> {
            Diagnosis diagnosis = engine.driver().diagnose(tunnels.get(entry.getKey()));
            return new CheckDto(entry.getValue(), where(tunnels.get(entry.getKey())), diagnosis.verdict().label(),
                diagnosis.text());
        }).toList();
    }

    PingDto ping(String network, String peer, int bytes) {
        String remote = remotes(engine.spec(network)).get(peer);
        if (remote == null) {
            throw new HostException(HostException.Kind.NOT_FOUND,
                network + ": there is no tunnel to " + peer + " from here");
        }
        Duration roundTrip = engine.driver().ping(remote, bytes, PING_LIMIT);
        return new PingDto(roundTrip == null ? null : roundTrip.toNanos());
    }

    List<MacDto> macs(String network) {
        require(network);
        return engine.driver().macs().stream()
            .filter(mac -> belongs(network, mac.bridge()))
            .map(mac -> new MacDto(networkOf(mac.bridge()), nameOf(mac.bridge()), mac.mac(), nameOf(mac.port()),
                mac.ageSeconds()))
            .sorted(Comparator.comparing(MacDto::network).thenComparing(MacDto::bridge).thenComparing(MacDto::mac))
            .toList();
    }

    /** Has switches of a network know what another one has learned; see {@code Dataplane.learn}. */
    LearnedDto learn(String network, MacDto[] stations) {
        require(network);
        try {
            return new LearnedDto(engine.driver().learn(Arrays.stream(stations).map(station -> new MacStatus(
                network + "/" + station.bridge(), station.mac(), network + "/" + station.port(),
                station.ageSeconds())).toList()));
        } catch (IllegalArgumentException e) {
            throw new ApiServer.BadRequestException(e.getMessage());
        }
    }

    List<GroupDto> groups(String network) {
        require(network);
        return engine.driver().groups().stream()
            .filter(group -> belongs(network, group.bridge()))
            .map(group -> new GroupDto(networkOf(group.bridge()), nameOf(group.bridge()), group.group(),
                group.port() == null ? null : nameOf(group.port()), group.role(), group.version(), group.ageSeconds()))
            .sorted(Comparator.comparing(GroupDto::network).thenComparing(GroupDto::bridge))
            .toList();
    }

    static EventDto event(Event event) {
        return new EventDto(event.time().toString(), event.network(), event.kind(), event.subject(), event.text());
    }

    private Map<String, TunnelStatus> tunnels() {
        return engine.driver().tunnels().stream().collect(Collectors.toMap(TunnelStatus::name, Function.identity()));
    }

    private static Map<String, String> remotes(NetworkSpec spec) {
        return spec.tunnels().stream()
            .collect(Collectors.toMap(TunnelSpec::peer, tunnel -> Remote.canonical(tunnel.remote())));
    }

    private List<NetworkSpec> specs(String network) {
        return network == null ? engine.specs() : List.of(engine.spec(network));
    }

    private void require(String network) {
        if (network != null) {
            engine.spec(network);
        }
    }

    private static boolean belongs(String network, String name) {
        return network == null || networkOf(name).equals(network);
    }

    private static String networkOf(String name) {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }

    private static String nameOf(String name) {
        return name.substring(name.indexOf('/') + 1);
    }
}
