package org.violin.control.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.violin.control.client.ClientException;
import org.violin.control.host.PortTalk;
import org.violin.control.host.Remote;
import org.violin.control.keys.SharedKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin port}: run where a guest runs, of which no daemon knows. */
@Command(name = "port", mixinStandardHelpOptions = true,
    description = {"Asks a daemon for a port of a network by which a guest of yours plugs itself in, or gives it",
        "back."},
    footer = {"", "  request  prints what the guest's vNIC is, for the command line of User-Mode-Linux; who had the",
        "           port before has it no more",
        "  release  closes the port that was given to this address and UDP port",
        "", "For example:",
        "  linux.uml ... $(violin port request --daemon 192.0.2.1:7100 --network lab --name uml --token-file uml.key)"})
final class PortCommand implements Callable<Integer> {
    enum Action { request, release }

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "ACTION", description = "${COMPLETION-CANDIDATES}")
    private Action action;

    @Option(names = "--daemon", required = true, paramLabel = "ADDRESS:PORT",
        converter = TunnelCommand.EndpointConverter.class, description = "Its --port-requests.")
    private InetSocketAddress daemon;

    @Option(names = {"-n", "--network"}, required = true, paramLabel = "NETWORK", description = "The network's name.")
    private String network;

    @Option(names = "--name", required = true, paramLabel = "NAME",
        description = "The port's name under udp-ports of the network's file.")
    private String name;

    @Option(names = "--token-file", required = true, paramLabel = "FILE",
        description = "The same shared key as in the port's token-file: violin key new --shared FILE.")
    private Path tokenFile;

    @Option(names = "--port", defaultValue = "1702", paramLabel = "PORT",
        description = "The UDP port that the guest opens here (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--device", defaultValue = "vec0", paramLabel = "DEVICE",
        description = "The guest's vNIC (default: ${DEFAULT-VALUE}).")
    private String device;

    @Override
    public Integer call() {
        if (port < 1 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port: " + port + ": 1 to 65535");
        }
        try (SharedKey token = SharedKey.read(tokenFile)) {
            String nic = PortTalk.ask(daemon, action.name(), network, name, port, token);
            System.out.println(nic.isEmpty() ? network + "/" + name + " is released" : device + ":" + nic);
            return Exit.OK;
        } catch (IOException e) {
            throw new ClientException("the daemon at " + Remote.format(daemon) + ": " + e.getMessage());
        }
    }
}
