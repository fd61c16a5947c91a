package org.violin.control.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.topology.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code violin validate}. */
@Command(name = "validate", mixinStandardHelpOptions = true,
    description = {"Checks topology files and touches nothing else.",
        "Every error is written as file:line:column: what is wrong and what would be right."})
final class ValidateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Topology files (YAML).")
    private List<Path> files;

    @Override
    public Integer call() {
        int exit = Exit.OK;
        for (Path file : files) {
            Topology topology = Topologies.load(file);
            if (topology == null) {
                exit = Exit.INVALID_TOPOLOGY;
            } else {
                System.out.println(file + ": network " + topology.network() + ": "
                    + count(topology.hosts().size(), "host") + ", " + count(topology.switches().size(), "switch")
                    + ", " + count(topology.nodes().size(), "node") + ", " + count(topology.taps().size(), "tap"));
            }
        }
        return exit;
    }

    private static String count(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : noun.endsWith("ch") ? "es" : "s");
    }
}
