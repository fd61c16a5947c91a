package org.violin.control.client;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.client.NetworkRecord.Kind;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Plan;

/** What follows from a plan and the registry without touching the machine. */
final class Blueprint {
    private Blueprint() {
    }

    /** The addresses that namespaces of the network have already: they keep them, so that their tunnels stay. */
    static Map<String, String> heldAddresses(Optional<NetworkRecord> previous) {
        Map<String, String> held = new HashMap<>();
        previous.ifPresent(record -> record.hosts().stream().filter(Host::netns)
            .forEach(host -> held.put(host.name(), member(host).address())));
        return held;
    }

    static List<Host> hosts(Plan plan, Home home) {
        List<Host> hosts = new ArrayList<>();
        for (Plan.Host host : plan.hosts()) {
            if (host.isNamespace()) {
                Path state = home.stateDirectory(HostDaemon.daemonName(plan.network(), host.name()));
                hosts.add(new Host(host.name(), Kind.NETNS, host.underlay(), state.toString(),
                    state.resolve("api.sock").toString()));
            } else {
                hosts.add(new Host(host.name(), Kind.DAEMON, host.underlay(), null, host.daemon().toString()));
            }
        }
        return hosts;
    }

    static Underlay.Member member(Host host) {
        return new Underlay.Member(host.name(), host.address().substring(0, host.address().lastIndexOf(':')));
    }

    static List<Underlay.Member> members(List<Host> hosts) {
        return hosts.stream().filter(Host::netns).map(Blueprint::member).toList();
    }

    /** Refuses what cannot be changed in place, and names that another network's namespaces have. */
    static void check(String network, List<Host> wanted, Optional<NetworkRecord> previous, Registry registry) {
        for (Host host : wanted) {
            Host old = previous.flatMap(record -> record.host(host.name())).orElse(host);
            if (old.kind() != host.kind() || !old.socket().equals(host.socket())) {
                throw new ClientException("host " + host.name() + ": was " + described(old) + " and is now "
                    + described(host) + ": run violin down " + network + " first");
            }
            if (host.netns()) {
                checkNamespace(network, host, previous, registry);
            }
        }
    }

    private static void checkNamespace(String network, Host host, Optional<NetworkRecord> previous,
        Registry registry) {
        if (host.name().equals(Underlay.RESERVED_HOST)) {
            throw new ClientException("host " + host.name() + ": the namespace between the hosts has this name:"
                + " choose another");
        }
        String namespace = Underlay.namespace(network, host.name());
        for (NetworkRecord other : registry.networks()) {
            boolean taken = other.hasNetns() && !other.network().equals(network)
                && (other.hosts().stream().anyMatch(theirs -> other.namespace(theirs).equals(namespace))
                    || Underlay.namespace(other.network(), Underlay.RESERVED_HOST).equals(namespace));
            if (taken) {
                throw new ClientException("host " + host.name() + ": its namespace " + namespace
                    + " is one of network " + other.network() + ": rename the host or the network");
            }
        }
        if (Underlay.exists(namespace) && previous.flatMap(record -> record.host(host.name())).isEmpty()) {
            throw new ClientException("host " + host.name() + ": a namespace " + namespace
                + " exists that this registry (" + registry.home().base() + ") knows nothing of: remove it with:"
                + " ip netns del " + namespace);
        }
    }

    private static String described(Host host) {
        return host.netns() ? "a namespace" : "the daemon at " + host.socket();
    }

    /** What {@code up} would do on a host, asked of its daemon where it runs. */
    static List<String> dryRun(String network, Host host, NetworkSpec spec) {
        List<String> lines = new ArrayList<>();
        if (host.netns() && !Underlay.exists(Underlay.namespace(network, host.name()))) {
            lines.add("make namespace " + Underlay.namespace(network, host.name()) + " with address "
                + member(host).address());
        }
        try {
            lines.addAll(host.client().plan(spec));
        } catch (ApiException e) {
            if (!e.unreachable()) {
                throw e;
            }
            lines.add(host.netns() ? "start its daemon" : "(" + e.getMessage() + ": start it first)");
            lines.addAll(pieces(spec));
        }
        return lines;
    }

    /** Everything in a spec, one line each: what a daemon that holds nothing would make. */
    private static List<String> pieces(NetworkSpec spec) {
        List<String> lines = new ArrayList<>();
        spec.tunnels().forEach(tunnel -> lines.add("open tunnel to " + tunnel.peer() + " at " + tunnel.remote()));
        spec.bridges().forEach(bridge -> lines.add("add " + bridge.kind().name().toLowerCase(java.util.Locale.ROOT)
            + " " + bridge.name()));
        spec.links().forEach(link ->
            lines.add("open " + link.name() + " from " + link.bridge() + " to " + link.peer()));
        spec.taps().forEach(tap -> lines.add("open TAP " + tap.device() + " on " + tap.bridge()));
        spec.jetways().stream().filter(JetwaySpec::on).forEach(jetway ->
            lines.add("switch on jetway " + jetway.name() + ": " + jetway.text()));
        spec.udpPorts().forEach(port -> lines.add("open " + port.text()));
        spec.packets().forEach(packet ->
            lines.add("open packet port " + packet.name() + " on " + packet.bridge() + ": " + packet.text()));
        GuardSpec.of(spec).forEach(guard -> lines.add("guard " + guard.port() + ": " + guard.text()));
        spec.impairments().forEach(impairment ->
            lines.add("impair " + impairment.port() + ": " + impairment.line().text()));
        spec.guests().forEach(guest -> lines.add("start guest " + guest.name()));
        return lines;
    }
}
