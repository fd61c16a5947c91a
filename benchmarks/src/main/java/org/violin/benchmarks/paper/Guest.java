package org.violin.benchmarks.paper;

import java.util.ArrayList;
import java.util.List;
import org.violin.benchmarks.lab.Machine;
import org.violin.benchmarks.lab.Netns;
import org.violin.benchmarks.lab.Spawned;

/**
 * A virtual machine of a testbed.
 *
 * @param keeper where the program runs that passes on what is said and told; it waits while a load runs
 * @param violin the product's command line, but for the command
 * @param node   NETWORK/NODE
 */
record Guest(Netns keeper, List<String> violin, String node) implements Machine {

    @Override
    public Spawned load(String name, List<String> command) {
        List<String> exec = new ArrayList<>(violin);
        exec.addAll(List.of("exec", node, "--"));
        exec.addAll(command);
        return keeper.load(name, exec);
    }
}
