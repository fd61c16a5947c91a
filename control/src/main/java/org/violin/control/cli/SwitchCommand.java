package org.violin.control.cli;

import java.util.concurrent.Callable;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.SwitchMigration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin switch}. */
@Command(name = "switch", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = {"Moves switches of a network that is up."},
    subcommands = {SwitchCommand.Migrate.class})
final class SwitchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: migrate");
    }

    /** {@code violin switch migrate}. */
    @Command(name = "migrate", mixinStandardHelpOptions = true,
        description = {"Moves a switch to another host, while guests run and their connections go on.",
            "The next 'violin up' brings it back to where its file says."},
        footer = {"", "Example: violin switch migrate lan1 --to washington"})
    static final class Migrate implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "SWITCH", description = "SWITCH, or NETWORK/SWITCH.")
        private String switchName;

        @Option(names = "--to", paramLabel = "HOST", required = true, description = "A host of the network.")
        private String host;

        @Override
        public Integer call() {
            SwitchMigration.Done done = new SwitchMigration(new Registry(Home.find())).migrate(switchName, host);
            System.out.println(switchName + " is on " + done.to() + ", no more on " + done.from() + ": changed in "
                + done.elapsed().toMillis() + " ms; stations that it knows: " + done.stations());
            if (!done.dropped().isEmpty()) {
                System.out.println("Gone with links that there are no more: " + String.join("; ", done.dropped()));
            }
            System.out.println("The topology file is as it was: the next 'violin up' has the switch where it says");
            return Exit.OK;
        }
    }
}
