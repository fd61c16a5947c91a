package org.violin.control.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the command line. */
@Command(name = "violin",
    description = {"Ethernet for virtual machines over wide-area networks.", ""},
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    mixinStandardHelpOptions = true,
    versionProvider = Violin.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:all is well",
        "1:it failed; what was begun is taken back",
        "2:the command line is wrong",
        "3:the topology file is wrong",
        "4:up, but a guest or a tunnel is not"},
    footer = {"",
        "violin bench measures Violin beside other tunnels, on this machine.",
        "Files: $$VIOLIN_HOME, else /var/lib/violin for root, else ~/.local/state/violin."})
final class Violin implements Runnable {
    static final List<String> SUBCOMMANDS = List.of("up", "down", "validate", "status", "inspect", "exec", "console",
        "events", "trace", "ping", "netcheck", "tune", "node", "nic", "switch", "link", "jetway", "port", "daemon",
        "tunnel", "vnet", "handler", "key", "ca", "version", "generate-completion");

    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT,
        description = "Show where an error comes from (also: VIOLIN_DEBUG=1).")
    private boolean debug;

    boolean debug() {
        return debug || !System.getenv().getOrDefault("VIOLIN_DEBUG", "").isEmpty();
    }

    /** Null when there is no such subcommand. A class is loaded only when its command is wanted. */
    static Object subcommand(String name) {
        return switch (name) {
            case "up" -> new UpCommand();
            case "down" -> new DownCommand();
            case "validate" -> new ValidateCommand();
            case "status" -> new StatusCommand();
            case "inspect" -> new InspectCommand();
            case "exec" -> new ExecCommand();
            case "console" -> new ConsoleCommand();
            case "events" -> new EventsCommand();
            case "trace" -> new TraceCommand();
            case "ping" -> new PingCommand();
            case "netcheck" -> new NetcheckCommand();
            case "tune" -> new TuneCommand();
            case "node" -> new NodeCommand();
            case "nic" -> new NicCommand();
            case "switch" -> new SwitchCommand();
            case "link" -> new LinkCommand();
            case "jetway" -> new JetwayCommand();
            case "port" -> new PortCommand();
            case "tunnel" -> new TunnelCommand();
            case "vnet" -> new VnetCommand();
            case "handler" -> new HandlerCommand();
            case "daemon" -> new DaemonCommand();
            case "key" -> new KeyCommand();
            case "ca" -> new CaCommand();
            case "version" -> new Violin.VersionCommand();
            case "generate-completion" -> new AutoComplete.GenerateCompletion();
            default -> null;
        };
    }

    /** Whether a subcommand needs the packet engine in its own process. */
    static boolean movesFrames(String subcommand) {
        return List.of("tunnel", "daemon", "vnet").contains(subcommand);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Violin.class.getPackage().getImplementationVersion();
            return new String[] {"violin " + (version == null ? "(not packaged)" : version)
                + ", Java " + Runtime.version()};
        }
    }

    /** {@code violin version}. */
    @Command(name = "version", description = "Prints the version.", mixinStandardHelpOptions = true)
    static final class VersionCommand implements Runnable {
        @Override
        public void run() {
            System.out.println(new Version().getVersion()[0]);
        }
    }

}
