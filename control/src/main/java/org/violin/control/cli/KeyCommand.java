package org.violin.control.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.violin.control.identity.Identity;
import org.violin.control.keys.SharedKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin key}: files of keys. No key is ever printed, but public ones. */
@Command(name = "key", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    subcommands = {KeyCommand.New.class, KeyCommand.Show.class},
    description = "Makes and shows the keys by which hosts seal their tunnels.",
    footer = {"", "On each host, make an identity, and tell the other its fingerprint:",
        "  violin key new host-a.pem",
        "Or on one host, make a shared key, and copy it to the other over a line that is safe:",
        "  violin key new --shared tunnel.key",
        "  scp -p tunnel.key root@192.0.2.2:/etc/violin/",
        "On both, compare:",
        "  violin key show tunnel.key"})
final class KeyCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: new or show");
    }

    private static void print(Path file, SharedKey key) {
        System.out.println(file + ": shared key, fingerprint " + key.fingerprint());
    }

    private static void print(Path file, Identity identity) {
        System.out.println(file + ": " + identity.describe() + ", fingerprint " + identity.fingerprint());
    }

    /** {@code violin key new}. */
    @Command(name = "new", mixinStandardHelpOptions = true,
        description = {"Makes a key and writes it to a file that only you can read.",
            "A file that is there already is left as it is."},
        footer = {"", "For example: violin key new host-a.pem", "             violin key new --shared tunnel.key"})
    static final class New implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--shared", paramLabel = "FILE",
            description = "Make a key that both hosts of a tunnel have, in this file.")
        private Path shared;

        @Parameters(arity = "0..1", paramLabel = "FILE",
            description = "Make an identity of this host's own, in this file.")
        private Path file;

        @Override
        public Integer call() {
            if ((shared == null) == (file == null)) {
                throw new ParameterException(spec.commandLine(), "which key? FILE, for an identity of this host's own;"
                    + " or --shared FILE, for a key that both hosts have");
            }
            if (file != null) {
                print(file, Identity.create(file));
                return Exit.OK;
            }
            try (SharedKey key = SharedKey.create(shared)) {
                print(shared, key);
            }
            return Exit.OK;
        }
    }

    /** {@code violin key show}. */
    @Command(name = "show", mixinStandardHelpOptions = true,
        description = {"Tells what kind of key a file holds, and its fingerprint.",
            "Two hosts have the same shared key if their fingerprints are the same; an identity's is what the other"
                + " host is told with --peer-key. No secret is shown."},
        footer = {"", "For example: violin key show tunnel.key"})
    static final class Show implements Callable<Integer> {
        @Option(names = "--certificate",
            description = "Print the certificate of an identity or CA instead, which is for everybody to read.")
        private boolean certificate;

        @Parameters(paramLabel = "FILE", description = "A key file.")
        private Path file;

        @Override
        public Integer call() {
            if (certificate) {
                System.out.print(Identity.pem(Identity.read(file).certificate()));
            } else if (Identity.isPem(file)) {
                print(file, Identity.read(file));
            } else {
                try (SharedKey key = SharedKey.read(file)) {
                    print(file, key);
                }
            }
            return Exit.OK;
        }
    }
}
