package org.violin.control.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.client.ClientException;
import org.violin.control.client.Home;
import org.violin.control.client.NodeFinder;
import org.violin.control.client.Registry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin exec}. */
@Command(name = "exec", mixinStandardHelpOptions = true,
    synopsisHeading = "Usage: ", customSynopsis = "violin exec [-h] NODE [--] COMMAND [ARG...]",
    description = {"Runs a command in a guest and ends with its exit status (128 + signal when one ended it).",
        "No shell is in between: for pipes, say sh -c '...'. Ctrl-C ends the command in the guest as well."},
    footer = {"", "Example: violin exec vhost1 -- ping -c 3 10.1.2.3"})
final class ExecCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NODE", description = "A guest: NODE, or NETWORK/NODE.")
    private String node;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The program and its arguments.")
    private List<String> argv;

    @Override
    public Integer call() {
        if (argv.getFirst().equals("--")) {
            argv = argv.subList(1, argv.size());
        }
        if (argv.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "a command to run is missing");
        }
        NodeFinder.Found found = NodeFinder.find(new Registry(Home.find()), node);
        return found.daemon().exec(found.network(), found.node().name(), argv, chunk -> {
            if (chunk.stdout() != null) {
                System.out.write(chunk.stdout(), 0, chunk.stdout().length);
                if (System.out.checkError()) {
                    throw new ClientException("nobody reads the command's output any more: it is ended");
                }
            }
            if (chunk.stderr() != null) {
                System.err.write(chunk.stderr(), 0, chunk.stderr().length);
                System.err.flush();
            }
        });
    }
}
