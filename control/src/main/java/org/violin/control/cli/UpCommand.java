package org.violin.control.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.client.Home;
import org.violin.control.client.Preflight;
import org.violin.control.client.Registry;
import org.violin.control.client.Up;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin up}. */
@Command(name = "up", mixinStandardHelpOptions = true,
    description = {"Brings a network up, or changes it to what its file says now.",
        "Only the difference is changed. What fails is taken back, and so is everything after Ctrl-C."},
    footer = {"", "Example: violin up examples/two-lans.yaml"})
final class UpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The network's topology file (YAML).")
    private Path file;

    @Option(names = "--dry-run", description = "Print what would be done, and do nothing.")
    private boolean dryRun;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "120",
        description = "How long guests may boot and tunnels may take to answer (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Override
    public Integer call() {
        if (timeoutSeconds < 1 || timeoutSeconds > 86_400) {
            throw new ParameterException(spec.commandLine(), "--timeout: " + timeoutSeconds
                + ": a number of seconds from 1 to 86400");
        }
        Topology topology = Topologies.load(file);
        if (topology == null) {
            return Exit.INVALID_TOPOLOGY;
        }
        Registry registry = new Registry(Home.find());
        Up up = new Up(registry, Launcher.path(), new ConsoleProgress(System.out, Terminal.is(1)));
        if (dryRun) {
            print(topology, up);
            return Exit.OK;
        }
        List<String> missing = missing(topology);
        if (!missing.isEmpty()) {
            missing.forEach(line -> System.err.println("violin: " + line));
            return Exit.FAILED;
        }
        List<String> notUp = up.run(topology, absolute(file), Duration.ofSeconds(timeoutSeconds));
        if (notUp.isEmpty()) {
            System.out.println("network " + topology.network() + " is up");
            return Exit.OK;
        }
        System.out.println("network " + topology.network() + " is degraded: not up: " + String.join(", ", notUp)
            + " (see: violin status " + topology.network() + ")");
        return Exit.DEGRADED;
    }

    private static List<String> missing(Topology topology) {
        List<String> missing = new ArrayList<>(Preflight.missing(topology));
        boolean guestsHere = topology.nodes().stream().anyMatch(node -> topology.hosts().stream()
            .anyMatch(host -> host.isNamespace() && host.name().equals(node.host())));
        if (guestsHere) {
            try {
                GuestPlatform.find();
            } catch (GuestException e) {
                missing.add(e.getMessage());
            }
        }
        return missing;
    }

    private static Path absolute(Path file) {
        return Files.exists(file) ? file.toAbsolutePath().normalize() : file;
    }

    private static void print(Topology topology, Up up) {
        up.dryRun(topology).forEach((host, lines) -> {
            System.out.println(host + ":" + (lines.isEmpty() ? " nothing to change" : ""));
            lines.forEach(line -> System.out.println("  " + line));
        });
    }
}
