package org.violin.control.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.identity.Identity;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;
import org.violin.control.vnet.Password;
import org.violin.control.vnet.Place;
import org.violin.control.vnet.VnetClient;
import org.violin.control.vnet.Way;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin handler}: a client of VNET's servers. */
@Command(name = "handler", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    subcommands = {HandlerCommand.Add.class, HandlerCommand.Move.class, HandlerCommand.Ls.class,
        HandlerCommand.Rm.class},
    description = "Has VNET's servers (violin vnet) bring virtual machines onto their owner's LAN.",
    footer = {"", "For example, at a Host that reaches the Proxy:",
        "  violin handler add --server 127.0.0.1:7700 --password-file here --fingerprint FINGERPRINT --host vnet0 \\",
        "      --remote 192.0.2.1:7700 --remote-password-file there --remote-fingerprint FINGERPRINT \\",
        "      --remote-device eth1 52:54:00:12:34:56"})
final class HandlerCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: add, move, ls or rm");
    }

    /** Which server, and how to talk to it. */
    static final class Server {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec;

        @Option(names = "--server", required = true, paramLabel = "ADDRESS:PORT",
            converter = TunnelCommand.EndpointConverter.class, description = "The server to ask.")
        private InetSocketAddress address;

        @Option(names = "--password-file", paramLabel = "FILE",
            description = "Its password, as 'violin vnet password' has printed it; mode 0600.")
        private Path passwordFile;

        @Option(names = "--identity", paramLabel = "FILE",
            description = "Instead of a password: show the certificate of this identity ('violin key new FILE'), which"
                + " the server knows by its --client-key or --client-ca.")
        private Path identity;

        @Option(names = "--fingerprint", paramLabel = "FINGERPRINT",
            converter = TunnelCommand.FingerprintConverter.class,
            description = "Speak TLS, with a server of this identity, which tells its fingerprint when it starts.")
        private String fingerprint;

        @Option(names = "--insecure-plaintext",
            description = "Speak in the clear, where a fingerprint is missing: who is on the way reads passwords.")
        private boolean plaintext;

        VnetClient connect() {
            Place place = place(address, fingerprint, "--fingerprint");
            if ((passwordFile == null) == (identity == null)) {
                throw new ParameterException(spec.commandLine(), "how is the server to know you? Say either"
                    + " --password-file FILE, or --identity FILE if it knows the certificate");
            }
            if (identity != null && fingerprint == null) {
                throw new ParameterException(spec.commandLine(), "--identity: needs --fingerprint, as it is TLS that"
                    + " shows certificates");
            }
            return identity == null ? new VnetClient(place, Password.readText(passwordFile), null)
                : new VnetClient(place, Password.BY_CERTIFICATE, Identity.read(identity));
        }

        Place place(InetSocketAddress where, String identity, String option) {
            if (identity == null && !plaintext) {
                throw new ParameterException(spec.commandLine(), "who is the server? Say " + option + " FINGERPRINT, as"
                    + " it tells when it starts; or --insecure-plaintext, if anyone on the way may read passwords");
            }
            return new Place(where, identity);
        }
    }

    /** {@code violin handler add}. */
    @Command(name = "add", mixinStandardHelpOptions = true,
        description = {"Has a server connect to another one, and the virtual machines behind the Host be on the LAN of"
            + " the Proxy. Prints what the server calls the handler."})
    static final class Add extends Placing {
        @Override
        boolean moves() {
            return false;
        }
    }

    /** {@code violin handler move}. */
    @Command(name = "move", mixinStandardHelpOptions = true,
        description = {"Has a handler follow its virtual machines to another Host: one of the two servers has a handler"
            + " for these addresses, which is with the other from now on, and ends where it was before. All else is"
            + " said as with 'handler add'; all of the handler's addresses have to be there."})
    static final class Move extends Placing {
        @Override
        boolean moves() {
            return true;
        }
    }

    /** What connects two servers. */
    abstract static class Placing implements Callable<Integer> {
        @Mixin
        private Server server;

        @ArgGroup(multiplicity = "1")
        private Local local;

        @Option(names = "--remote", required = true, paramLabel = "ADDRESS:PORT",
            converter = TunnelCommand.EndpointConverter.class, description = "The other server.")
        private InetSocketAddress remote;

        @Option(names = "--remote-password-file", paramLabel = "FILE",
            description = "Its password (default: none; it knows the first server by that one's certificate).")
        private Path remotePasswordFile;

        @Option(names = "--remote-fingerprint", paramLabel = "FINGERPRINT",
            converter = TunnelCommand.FingerprintConverter.class, description = "Its identity.")
        private String remoteFingerprint;

        @Option(names = "--remote-device", required = true, paramLabel = "NAME",
            description = "The other server's interface.")
        private String remoteDevice;

        @Option(names = "--transport", defaultValue = "tcp", paramLabel = "TRANSPORT", converter = Transports.class,
            completionCandidates = Transports.class, description = "What frames go by: ${COMPLETION-CANDIDATES}"
                + " (default: ${DEFAULT-VALUE}). tcp: the connection between the servers, be that TLS; udp: datagrams,"
                + " sealed; auto: those where they pass, and else the connection. Both servers need --udp for that.")
        private Transport transport;

        @Option(names = "--fec", defaultValue = "off", paramLabel = "off|auto|K+R[xDEPTH][/ordered]",
            converter = FecConverter.class,
            description = "Parity for what goes by UDP, in both directions, as with 'violin tunnel'.")
        private FecSpec fec;

        @Parameters(arity = "1..64", paramLabel = "MAC", description = "Addresses of the virtual machines, 1 to 64.")
        private List<String> macs;

        /** What the server asked is. */
        static final class Local {
            @Option(names = "--host", required = true, paramLabel = "DEVICE",
                description = "The server is the Host; this interface of it leads to the virtual machines.")
            private String host;

            @Option(names = "--proxy", required = true, paramLabel = "DEVICE",
                description = "The server is the Proxy; this interface of it leads to the LAN.")
            private String proxy;
        }

        /** TLS is not asked for: it is the connection's. */
        static final class Transports extends Labels<Transport> {
            Transports() {
                super(new Transport[] {Transport.TCP, Transport.UDP, Transport.AUTO}, Transport::label);
            }
        }

        abstract boolean moves();

        private Way way() {
            try {
                return new Way(transport, fec);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(server.spec.commandLine(), "--transport " + transport.label() + ": "
                    + e.getMessage());
            }
        }

        @Override
        public final Integer call() {
            Way way = way();
            Place other = server.place(remote, remoteFingerprint, "--remote-fingerprint");
            if (remotePasswordFile == null && remoteFingerprint == null) {
                throw new ParameterException(server.spec.commandLine(), "how is the other server to know the first? Say"
                    + " --remote-password-file FILE; or --remote-fingerprint, if it knows the first one's certificate");
            }
            String remotePassword = remotePasswordFile == null ? Password.BY_CERTIFICATE
                : Password.readText(remotePasswordFile);
            try (VnetClient client = server.connect()) {
                boolean host = local.host != null;
                System.out.println(client.add(moves(), host, host ? local.host : local.proxy, other,
                    remotePassword, remoteDevice, macs, way));
            }
            return Exit.OK;
        }
    }

    /** {@code violin handler ls}. */
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists a server's handlers.")
    static final class Ls implements Callable<Integer> {
        @Mixin
        private Server server;

        @Option(names = "--devices", description = "List the interfaces that it could use instead.")
        private boolean devices;

        @Override
        public Integer call() {
            Table table = devices ? Table.of("DEVICE", "MAC", ">MTU", "STATE")
                : Table.of("HANDLER", "ROLE", "DEVICE", "OTHER SERVER", "ITS DEVICE", "TRANSPORT", "STATE",
                    "MACS");
            try (VnetClient client = server.connect()) {
                (devices ? client.devices() : client.handlers()).forEach(row -> table.row(row.toArray()));
            }
            System.out.print(table.render());
            return Exit.OK;
        }
    }

    /** {@code violin handler rm}. */
    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Ends a handler, at both servers.")
    static final class Rm implements Callable<Integer> {
        @Mixin
        private Server server;

        @Parameters(paramLabel = "HANDLER", description = "As 'violin handler ls' shows it.")
        private String handler;

        @Override
        public Integer call() {
            try (VnetClient client = server.connect()) {
                client.remove(handler);
            }
            return Exit.OK;
        }
    }
}
