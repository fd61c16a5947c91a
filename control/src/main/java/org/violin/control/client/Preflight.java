package org.violin.control.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.topology.Topology;

/** Looks for what a topology needs of this machine, before anything is started. */
public final class Preflight {
    private static final Path TUN = Path.of("/dev/net/tun");

    private Preflight() {
    }

    /** What is missing, each with the one command that mends it; empty: nothing. */
    public static List<String> missing(Topology topology) {
        return missing(topology, Processes.userId(), System.getenv().getOrDefault("PATH", ""), Files.exists(TUN));
    }

    static List<String> missing(Topology topology, int userId, String path, boolean tun) {
        List<String> missing = new ArrayList<>();
        List<String> namespaces = topology.hosts().stream().filter(Topology.Host::isNamespace)
            .map(Topology.Host::name).toList();
        if (namespaces.isEmpty()) {
            return missing;
        }
        if (userId != 0) {
            missing.add("host " + namespaces.getFirst() + " is a namespace (netns: true), which needs root:"
                + " run the same with sudo, or give the host a daemon of yours (daemon: and underlay:)");
        }
        need("ip", "iproute2", path, missing);
        need("setsid", "util-linux", path, missing);
        List<Topology.Jetway> jetways = topology.jetways().stream()
            .filter(jetway -> namespaces.contains(jetway.host())).toList();
        boolean taps = topology.taps().stream().anyMatch(tap -> namespaces.contains(tap.host()));
        if ((taps || !jetways.isEmpty()) && !tun) {
            missing.add(TUN + " is not there, which taps and jetways need: sudo modprobe tun");
        }
        if (jetways.stream().anyMatch(jetway -> jetway.spec().mode() == JetwaySpec.Mode.NAT)) {
            need("nft", "nftables", path, missing);
        }
        return missing;
    }

    private static void need(String program, String debianPackage, String path, List<String> missing) {
        boolean found = Stream.of(path.split(":")).filter(directory -> !directory.isEmpty())
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        if (!found) {
            missing.add("the program '" + program + "' is not in PATH: sudo apt-get install -y " + debianPackage);
        }
    }
}
