package org.violin.control.cli;

import java.util.concurrent.Callable;
import org.violin.control.api.NodeDto;
import org.violin.control.client.Home;
import org.violin.control.client.NodeFinder;
import org.violin.control.client.Registry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code violin node}. */
@Command(name = "node", mixinStandardHelpOptions = true,
    description = {"Starts, stops, kills or restarts a guest."},
    footer = {"", "  start    boots a guest that is stopped or dead",
        "  stop     powers a guest off; it stays off until it is started",
        "  kill     ends a guest at once, as a power failure would",
        "  restart  stops a guest and boots it again"})
final class NodeCommand implements Callable<Integer> {
    enum Action { start, stop, kill, restart }

    @Parameters(index = "0", paramLabel = "ACTION", description = "${COMPLETION-CANDIDATES}")
    private Action action;

    @Parameters(index = "1", paramLabel = "NODE", description = "A guest: NODE, or NETWORK/NODE.")
    private String node;

    @Override
    public Integer call() {
        NodeFinder.Found found = NodeFinder.find(new Registry(Home.find()), node);
        NodeDto answer = found.daemon().node(found.network(), found.node().name(), action.name());
        System.out.println(found.fullName() + " is " + answer.state());
        return Exit.OK;
    }
}
