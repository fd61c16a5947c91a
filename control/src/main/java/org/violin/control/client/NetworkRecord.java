package org.violin.control.client;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.violin.control.spec.NetworkSpec;

/**
 * What the registry knows of a network: enough to find and remove everything that was made for it.
 *
 * @param network  its name
 * @param topology absolute path of the file it came from
 * @param upSince  ISO-8601, UTC: when it was first brought up
 * @param hosts    those it has, and those an {@code up} that did not end was about to add or remove
 */
public record NetworkRecord(String network, String topology, String upSince, List<Host> hosts) {

    public NetworkRecord {
        hosts = List.copyOf(hosts);
    }

    public enum Kind {
        /** A namespace of this machine that stands for a host; the namespace and its daemon are the registry's. */
        NETNS,
        /** A daemon that somebody else runs. */
        DAEMON
    }

    /**
     * A host of the network.
     *
     * @param name     as in the topology
     * @param address  {@code address:port} of the tunnels' UDP socket
     * @param stateDir the daemon's, absolute; null: not known
     * @param socket   the daemon's API, absolute
     */
    public record Host(String name, Kind kind, String address, String stateDir, String socket) {
        DaemonClient client() {
            return new DaemonClient(name, Path.of(socket));
        }

        boolean netns() {
            return kind == Kind.NETNS;
        }

        Host withStateDir(String directory) {
            return new Host(name, kind, address, directory, socket);
        }
    }

    public Optional<Host> host(String name) {
        return hosts.stream().filter(host -> host.name().equals(name)).findFirst();
    }

    /** Calls the daemons of hosts with these, all at the same time; returns what went wrong. */
    List<String> each(Map<String, NetworkSpec> specs, BiConsumer<DaemonClient, NetworkSpec> call) {
        return Parallel.map(List.copyOf(specs.entrySet()), entry -> {
            try {
                call.accept(host(entry.getKey()).orElseThrow().client(), entry.getValue());
                return Optional.<String>empty();
            } catch (ApiException e) {
                return Optional.of(e.getMessage());
            }
        }).stream().flatMap(Optional::stream).toList();
    }

    boolean hasNetns() {
        return hosts.stream().anyMatch(Host::netns);
    }

    /** The same network with these hosts, and those of its own that are not among them. */
    NetworkRecord union(List<Host> wanted) {
        List<Host> all = new ArrayList<>(wanted);
        for (Host host : hosts) {
            if (wanted.stream().noneMatch(other -> other.name().equals(host.name()))) {
                all.add(host);
            }
        }
        return new NetworkRecord(network, topology, upSince, all);
    }

    NetworkRecord from(Path file) {
        return new NetworkRecord(network, file.toString(), upSince, hosts);
    }

    NetworkRecord withHosts(List<Host> replaced) {
        return new NetworkRecord(network, topology, upSince, replaced);
    }

    String namespace(Host host) {
        return Underlay.namespace(network, host.name());
    }
}
