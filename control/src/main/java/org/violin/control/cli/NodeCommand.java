package org.violin.control.cli;

import java.util.concurrent.Callable;
import org.violin.control.api.NodeDto;
import org.violin.control.client.Home;
import org.violin.control.client.NodeFinder;
import org.violin.control.client.NodeMigration;
import org.violin.control.client.Registry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin node}. */
@Command(name = "node", mixinStandardHelpOptions = true,
    description = {"Starts, stops, kills or restarts a guest, or moves it to another host."},
    footer = {"", "  start    boots a guest that is stopped or dead",
        "  stop     powers a guest off; it stays off until it is started",
        "  kill     ends a guest at once, as a power failure would",
        "  restart  stops a guest and boots it again",
        "  migrate  powers a guest off, copies its disk to another host (--to) and boots it there,",
        "           with the same MAC and IP addresses; the next 'violin up' moves it back to where its file says",
        "", "Examples:", "  violin node restart vhost1", "  violin node migrate vhost1 --to washington"})
final class NodeCommand implements Callable<Integer> {
    enum Action { start, stop, kill, restart, migrate }

    @Parameters(index = "0", paramLabel = "ACTION", description = "${COMPLETION-CANDIDATES}")
    private Action action;

    @Parameters(index = "1", paramLabel = "NODE", description = "A guest: NODE, or NETWORK/NODE.")
    private String node;

    @Option(names = "--to", paramLabel = "HOST", description = "With migrate: a host of the network.")
    private String host;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if ((action == Action.migrate) != (host != null)) {
            throw new ParameterException(spec.commandLine(),
                host == null ? "--to is missing: the host to migrate to" : "--to goes with migrate alone");
        }
        Registry registry = new Registry(Home.find());
        if (action == Action.migrate) {
            return migrate(new NodeMigration(registry));
        }
        NodeFinder.Found found = NodeFinder.find(registry, node);
        NodeDto answer = found.daemon().node(found.network(), found.node().name(), action.name());
        System.out.println(found.fullName() + " is " + answer.state());
        return Exit.OK;
    }

    private int migrate(NodeMigration migration) {
        NodeMigration.Done done = migration.migrate(node, host);
        System.out.println(done.network() + "/" + done.node() + " is on " + done.to() + ", no more on " + done.from()
            + ": " + done.text());
        System.out.println("The topology file is as it was: the next 'violin up' has the node where it says");
        return Exit.OK;
    }
}
