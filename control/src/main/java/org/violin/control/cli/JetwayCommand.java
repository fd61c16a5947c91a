package org.violin.control.cli;

import java.util.concurrent.Callable;
import org.violin.control.client.Home;
import org.violin.control.client.JetwayChange;
import org.violin.control.client.Registry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code violin jetway}. */
@Command(name = "jetway", mixinStandardHelpOptions = true,
    description = {"Switches the ways between a network that is up and the outside, as its file describes them.",
        "The next 'violin up' brings back what the file says."},
    footer = {"", "  on   opens a jetway: what its list allows (nat), or everything (bridge), passes",
        "  off  closes it, and removes all that was made for it in the host",
        "", "What there is, and whether it is on: violin inspect jetways"})
final class JetwayCommand implements Callable<Integer> {
    enum Action { on, off }

    @Parameters(index = "0", paramLabel = "ACTION", description = "${COMPLETION-CANDIDATES}")
    private Action action;

    @Parameters(index = "1", paramLabel = "NETWORK", description = "The network's name.")
    private String network;

    @Parameters(index = "2", paramLabel = "JETWAY", arity = "0..1", description = "Left out: all of the network's.")
    private String jetway;

    @Override
    public Integer call() {
        JetwayChange change = new JetwayChange(new Registry(Home.find()), network);
        for (JetwayChange.Switched each : change.run(jetway, action == Action.on)) {
            System.out.println(each.host() + ": " + each.jetway().name() + " is " + action
                + (each.changed() ? "" : " (as before)") + (action == Action.on ? ": " + each.jetway().text() : ""));
        }
        return Exit.OK;
    }
}
