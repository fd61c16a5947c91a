package org.violin.control.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.client.Down;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import org.violin.control.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin down}. */
@Command(name = "down", mixinStandardHelpOptions = true,
    description = {"Takes a network down: guests, daemons, namespaces.",
        "Works after any crash, from what the registry knows. A host that runs its own daemon keeps it."})
final class DownCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NETWORK|FILE", arity = "0..1",
        description = "The network's name, or its topology file; left out: the one that is up.")
    private String which;

    @Option(names = "--all", description = "Every network brought up from here.")
    private boolean all;

    @Override
    public Integer call() {
        if (all && which != null) {
            throw new ParameterException(spec.commandLine(), "either --all or one network");
        }
        Registry registry = new Registry(Home.find());
        List<String> networks = new ArrayList<>();
        if (all || which == null && registry.names().isEmpty()) {
            networks.addAll(registry.names());
        } else {
            String network = network(registry);
            if (network == null) {
                return Exit.INVALID_TOPOLOGY;
            }
            networks.add(network);
        }
        if (networks.isEmpty()) {
            System.out.println("no network is up");
        }
        int exit = Exit.OK;
        for (String network : networks) {
            List<String> failures = new Down(registry, new ConsoleProgress(System.out, Terminal.is(1))).run(network);
            System.out.println("network " + network + (failures.isEmpty() ? " is down" : " is not all down"));
            exit = failures.isEmpty() ? exit : Exit.FAILED;
        }
        return exit;
    }

    /** Null when the file it should come from is wrong. */
    private String network(Registry registry) {
        List<String> up = registry.names();
        if (which == null) {
            if (up.size() != 1) {
                throw new ParameterException(spec.commandLine(), "say which: " + String.join(", ", up) + ", or --all");
            }
            return up.getFirst();
        }
        if (registry.names().contains(which)) {
            return which;
        }
        if (Files.exists(Path.of(which)) || which.contains("/") || which.endsWith(".yaml")) {
            Topology topology = Topologies.load(Path.of(which));
            return topology == null ? null : topology.network();
        }
        throw Survey.unknown(registry, which);
    }
}
