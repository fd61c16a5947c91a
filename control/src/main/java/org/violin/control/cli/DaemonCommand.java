package org.violin.control.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.violin.control.api.Daemon;
import org.violin.control.api.DaemonConfig;
import org.violin.control.client.Home;
import org.violin.control.guest.GuestException;
import org.violin.control.host.HostException;
import org.violin.control.host.Remote;
import org.violin.control.host.StateDirectory;
import org.violin.control.identity.Security;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.DataplaneException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code violin daemon}: runs until it is asked to end, by its API or by a signal. Ends with 0 after an orderly stop,
 * also after SIGTERM or SIGINT, and with 1 when it cannot start or go on.
 */
@Command(name = "daemon", mixinStandardHelpOptions = true,
    description = "Runs one host's daemon in the foreground.",
    footer = {"", "Its guests keep running when it ends, and are taken over when it starts again on the same",
        "directory; 'violin down' stops them. The log is daemon.log in the state directory."})
final class DaemonCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "The host's name.")
    private String name;

    @Option(names = "--state-dir", paramLabel = "DIR",
        description = "Where it keeps its journal, socket, log and guests (default: hosts/NAME in Violin's files).")
    private Path stateDirectory;

    @Option(names = "--listen", paramLabel = "ADDRESS:PORT",
        description = "Where the tunnels' UDP socket listens. Without it there are no tunnels.")
    private String listen;

    @Option(names = "--port-requests", paramLabel = "ADDRESS:PORT",
        description = "Where guests ask for ports by 'violin port request', over TCP. Without it they cannot.")
    private String requests;

    @Mixin
    private SealOptions seal;

    @Mixin
    private WorkerOptions workers;

    @Override
    public Integer call() throws InterruptedException {
        DaemonConfig config = config();
        try {
            StateDirectory state = StateDirectory.open(
                stateDirectory == null ? Home.find().stateDirectory(name) : stateDirectory);
            // From here on there may be loggers: they find their file in a directory that is the daemon's.
            System.setProperty("violin.log", state.path().resolve("daemon.log").toString());
            System.setProperty("logback.configurationFile", "logback-daemon.xml");
            System.setProperty("vertx.logger-delegate-factory-class-name",
                "io.vertx.core.logging.SLF4JLogDelegateFactory");
            return run(Daemon.start(state, config), state, config);
        } catch (HostException | DataplaneException | GuestException e) {
            System.err.println("violin daemon " + name + ": " + e.getMessage());
            return Exit.FAILED;
        }
    }

    private static int run(Daemon daemon, StateDirectory state, DaemonConfig config) throws InterruptedException {
        // Halts, as the JVM would end with 128 + signal after an orderly stop.
        Thread onSignal = new Thread(() -> {
            daemon.close();
            Runtime.getRuntime().halt(Exit.OK);
        }, "on-signal");
        try (daemon) {
            Runtime.getRuntime().addShutdownHook(onSignal);
            System.out.println("violin daemon " + config.name() + ": ready, API at " + state.socket()
                + (config.listen() == null ? ", no tunnels"
                : ", tunnels at " + Remote.format(config.listen()) + ", " + config.security())
                + (config.requests() == null ? "" : ", port requests at " + Remote.format(config.requests())));
            System.out.flush();
            int exit = daemon.awaitStop();
            try {
                Runtime.getRuntime().removeShutdownHook(onSignal);
            } catch (IllegalStateException e) {
                // It runs already, and ends the JVM before this can make a difference.
                return exit;
            }
            return exit;
        }
    }

    private DaemonConfig config() {
        try {
            InetSocketAddress address = listen == null ? null : Remote.parse(listen);
            String version = DaemonCommand.class.getPackage().getImplementationVersion();
            DataplaneConfig dataplane = workers.applyTo(DataplaneConfig.of(name, address));
            Security security = address == null ? Security.NONE : seal.security();
            return new DaemonConfig(dataplane, security, requests == null ? null : Remote.parse(requests),
                version == null ? "(not packaged)" : version);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }
}
