package org.violin.control.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import org.violin.control.host.Remote;
import org.violin.control.identity.Clients;
import org.violin.control.identity.Identity;
import org.violin.control.stream.Streams;
import org.violin.control.vnet.Admission;
import org.violin.control.vnet.Password;
import org.violin.control.vnet.Terms;
import org.violin.control.vnet.VnetServer;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin vnet}: VNET's server. */
@Command(name = "vnet", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    subcommands = {VnetCommand.Serve.class, VnetCommand.MakePassword.class},
    description = "Brings virtual machines onto the LAN of their owner, over one TCP connection, or by UDP.",
    footer = {"", "Where the virtual machine runs (the Host), and on its owner's LAN (the Proxy):",
        "  violin key new vnet.pem",
        "  violin vnet password vnet.hash",
        "  violin vnet serve --listen 192.0.2.1:7700 --password-file vnet.hash --identity vnet.pem",
        "Handlers between the two: violin handler --help"})
final class VnetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: serve or password");
    }

    /** {@code violin vnet serve}. */
    @Command(name = "serve", mixinStandardHelpOptions = true,
        description = "Runs a server, until SIGTERM or Ctrl-C. Its handlers end with it.")
    static final class Serve implements Callable<Integer> {
        private static final Duration WAIT_MIN = Duration.ofSeconds(1);
        private static final Duration WAIT_MAX = Duration.ofHours(24);
        /** Each handler may have a tunnel, and each tunnel takes 16 of them for fragments. */
        private static final int FRAME_SLOTS = 2 * DataplaneConfig.DEFAULT_FRAME_SLOTS;

        @Spec
        private CommandSpec spec;

        @Option(names = "--listen", required = true, paramLabel = "ADDRESS:PORT",
            converter = TunnelCommand.EndpointConverter.class,
            description = "Where clients and other servers connect to.")
        private InetSocketAddress listen;

        @Option(names = "--password-file", paramLabel = "FILE",
            description = "What 'violin vnet password FILE' has made: who says that password is known.")
        private Path passwordFile;

        @Option(names = "--client-key", paramLabel = "FINGERPRINT",
            converter = TunnelCommand.FingerprintConverter.class,
            description = "With --identity: who shows a certificate of this key is known, without a password, be that a"
                + " client or another server; repeatable. 'violin key show FILE' prints it there.")
        private Set<String> clientKeys = Set.of();

        @Option(names = "--client-ca", paramLabel = "FILE",
            description = "With --identity: so is who shows a certificate of this CA ('violin ca'), for any name.")
        private Path clientCa;

        @Option(names = "--identity", paramLabel = "FILE",
            description = "Speak TLS, as this identity ('violin key new FILE').")
        private Path identity;

        @Option(names = "--insecure-plaintext",
            description = "Speak in the clear instead: who is on the way reads the password and all frames.")
        private boolean plaintext;

        @Option(names = "--udp", paramLabel = "ADDRESS:PORT", converter = TunnelCommand.EndpointConverter.class,
            description = "With --identity: let handlers go by UDP as well, from this address, such as"
                + " 0.0.0.0:7700. Other servers send to this port, at the address that they connect to.")
        private InetSocketAddress udp;

        @Option(names = "--device", split = ",", paramLabel = "NAME",
            description = "Let clients have this interface of the machine and no others; repeatable, or several with"
                + " commas in between (default: all).")
        private Set<String> devices = Set.of();

        @Option(names = "--wait", defaultValue = "300s", paramLabel = "TIME", converter = SealOptions.Time.class,
            description = "How long a handler that has lost its connection waits for another, 1s to 86400s"
                + " (default: ${DEFAULT-VALUE}).")
        private long waitNanos;

        @Mixin
        private WorkerOptions workers;

        @Override
        public Integer call() throws Exception {
            if ((identity == null) != plaintext) {
                throw new ParameterException(spec.commandLine(), "how are connections to be protected? Say --identity"
                    + " FILE, for TLS; or --insecure-plaintext, if anyone on the way may read the password and all"
                    + " frames");
            }
            if (plaintext && udp != null) {
                throw new ParameterException(spec.commandLine(), "--udp: needs --identity, as servers agree by TLS on"
                    + " the key that seals what goes by UDP");
            }
            if (plaintext && (!clientKeys.isEmpty() || clientCa != null)) {
                throw new ParameterException(spec.commandLine(), "--client-key, --client-ca: need --identity, as it is"
                    + " TLS that shows certificates");
            }
            if (passwordFile == null && clientKeys.isEmpty() && clientCa == null) {
                throw new ParameterException(spec.commandLine(), "whom is the server to know? Say --password-file FILE,"
                    + " which 'violin vnet password FILE' makes; or --client-key FINGERPRINT or --client-ca FILE, for"
                    + " clients that show a certificate");
            }
            Duration wait = Duration.ofNanos(waitNanos);
            if (wait.compareTo(WAIT_MIN) < 0 || wait.compareTo(WAIT_MAX) > 0) {
                throw new ParameterException(spec.commandLine(), "--wait: 1s to 86400s");
            }
            X509Certificate authority = clientCa == null ? null : Identity.readCertificate(clientCa);
            Admission admission = new Admission(passwordFile == null ? null : Password.read(passwordFile),
                new Clients(clientKeys, authority));
            Identity self = plaintext ? null : Identity.read(identity);
            Dataplane dataplane = Dataplane.launch(config());
            try (dataplane) {
                VnetServer server = VnetServer.start(listen, dataplane, admission, self,
                    new Terms(udp, devices), wait, line -> System.err.println("violin vnet: " + line));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    boolean broken = dataplane.terminated().isCompletedExceptionally();
                    server.close();
                    dataplane.close();
                    if (!broken) {
                        Runtime.getRuntime().halt(Exit.OK);
                    }
                }, "on-signal"));
                System.out.println("violin vnet: ready at " + Remote.format(listen) + ", "
                    + (udp == null ? "" : "UDP at " + Remote.format(udp) + ", ")
                    + (self == null ? "NOT encrypted" : "TLS, fingerprint " + self.fingerprint()));
                System.out.flush();
                dataplane.terminated().get();
            }
            return Exit.OK;
        }

        private DataplaneConfig config() {
            try {
                return workers.applyTo(DataplaneConfig.of("vnet", udp == null ? Streams.DATAPLANE : udp)
                    .withFrameSlots(FRAME_SLOTS));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage());
            }
        }
    }

    /** {@code violin vnet password}. */
    @Command(name = "password", mixinStandardHelpOptions = true,
        description = {"Makes a password, prints it, and writes a file for 'vnet serve' that does not tell it.",
            "A file that is there already is left as it is."},
        footer = {"", "For example: (umask 077; violin vnet password vnet.hash > vnet.password)"})
    static final class MakePassword implements Callable<Integer> {
        private static final int INPUT_MAX = 64;

        @Spec
        private CommandSpec spec;

        @Option(names = "--stdin", description = "Take the password from the standard input instead, and do not print"
            + " it: 12 to 40 characters of ASCII without blanks.")
        private boolean stdin;

        @Parameters(paramLabel = "FILE", description = "The file to make.")
        private Path file;

        @Override
        public Integer call() throws IOException {
            String text = stdin
                ? new String(System.in.readNBytes(INPUT_MAX), StandardCharsets.US_ASCII).strip() : Password.random();
            try {
                Password.of(text).write(file);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage());
            }
            if (!stdin) {
                System.out.println(text);
            }
            return Exit.OK;
        }
    }
}
