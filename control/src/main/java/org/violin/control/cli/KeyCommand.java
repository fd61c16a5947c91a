package org.violin.control.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.violin.control.keys.SharedKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin key}: files of keys. No key is ever printed. */
@Command(name = "key", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    subcommands = {KeyCommand.New.class, KeyCommand.Show.class},
    description = "Makes and shows the keys by which two hosts seal their tunnel.",
    footer = {"", "On one host, make a key, and copy it to the other over a line that is safe:",
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

    /** {@code violin key new}. */
    @Command(name = "new", mixinStandardHelpOptions = true,
        description = {"Makes a key and writes it to a file that only you can read.",
            "A file that is there already is left as it is."},
        footer = {"", "For example: violin key new --shared tunnel.key"})
    static final class New implements Callable<Integer> {
        @Option(names = "--shared", required = true, paramLabel = "FILE",
            description = "Make a key that both hosts of a tunnel have, in this file.")
        private Path shared;

        @Override
        public Integer call() {
            try (SharedKey key = SharedKey.create(shared)) {
                print(shared, key);
            }
            return Exit.OK;
        }
    }

    /** {@code violin key show}. */
    @Command(name = "show", mixinStandardHelpOptions = true,
        description = {"Tells what kind of key a file holds, and its fingerprint.",
            "Two hosts have the same key if their fingerprints are the same. The key itself is not shown."},
        footer = {"", "For example: violin key show tunnel.key"})
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "A key file.")
        private Path file;

        @Override
        public Integer call() {
            try (SharedKey key = SharedKey.read(file)) {
                print(file, key);
            }
            return Exit.OK;
        }
    }
}
