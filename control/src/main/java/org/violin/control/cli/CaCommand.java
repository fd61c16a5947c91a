package org.violin.control.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.violin.control.identity.CertificateAuthority;
import org.violin.control.identity.Identity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin ca}: a small CA for the hosts of one operator. */
@Command(name = "ca", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    subcommands = {CaCommand.New.class, CaCommand.Sign.class},
    description = "Makes a small CA, and signs with it which host has which key.",
    footer = {"", "On a machine that is none of the hosts:",
        "  violin ca new ca.pem",
        "  violin key show --certificate ca.pem > ca.crt        # for all hosts: --ca ca.crt",
        "For each host, with what 'violin key show --certificate host-a.pem > host-a.crt' prints there:",
        "  violin ca sign --ca ca.pem --name host-a host-a.crt > host-a.signed",
        "On the host:",
        "  cat host-a.signed >> host-a.pem"})
final class CaCommand implements Runnable {
    private static final int DAYS_MAX = 36_500;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: new or sign");
    }

    /** What the library has against the arguments is the user's fault. */
    private static Integer checked(CommandSpec spec, int days, Runnable body) {
        try {
            if (days < 1 || days > DAYS_MAX) {
                throw new IllegalArgumentException("--days: 1 to " + DAYS_MAX);
            }
            body.run();
            return Exit.OK;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    /** {@code violin ca new}. */
    @Command(name = "new", mixinStandardHelpOptions = true,
        description = {"Makes a CA: a key that signs, in a file that only you can read.",
            "Whoever has the file can make hosts of any name. A file that is there already is left as it is."},
        footer = {"", "For example: violin ca new ca.pem"})
    static final class New implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE", description = "The CA's file.")
        private Path file;

        @Option(names = "--name", paramLabel = "NAME", defaultValue = "violin-ca",
            description = "What it is called, for people (default: ${DEFAULT-VALUE}).")
        private String name;

        @Option(names = "--days", paramLabel = "N", defaultValue = "3650",
            description = "For how long it can sign (default: ${DEFAULT-VALUE}).")
        private int days;

        @Override
        public Integer call() {
            return checked(spec, days, () -> {
                Identity made = CertificateAuthority.create(file, name, days).identity();
                System.out.println(file + ": " + made.describe() + ", fingerprint " + made.fingerprint());
            });
        }
    }

    /** {@code violin ca sign}. */
    @Command(name = "sign", mixinStandardHelpOptions = true,
        description = {"Prints a certificate: that a key is the key of the host of this name.",
            "It is nobody's secret. The host appends it to its identity's file."},
        footer = {"", "For example: violin ca sign --ca ca.pem --name host-a host-a.crt > host-a.signed"})
    static final class Sign implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--ca", required = true, paramLabel = "FILE", description = "The CA's file.")
        private Path ca;

        @Option(names = "--name", required = true, paramLabel = "NAME",
            description = "The host's name: that of its peers' --peer-name, or of the topology file.")
        private String name;

        @Option(names = "--days", paramLabel = "N", defaultValue = "365",
            description = "For how long (default: ${DEFAULT-VALUE}).")
        private int days;

        @Parameters(paramLabel = "CERTIFICATE",
            description = "What 'violin key show --certificate' prints on the host.")
        private Path certificate;

        @Override
        public Integer call() {
            return checked(spec, days, () -> System.out.print(Identity.pem(
                CertificateAuthority.read(ca).sign(Identity.readCertificate(certificate), name, days))));
        }
    }
}
