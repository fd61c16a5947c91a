package org.violin.control.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.violin.control.client.ApiException;
import org.violin.control.client.ClientException;
import org.violin.control.keys.KeyFileException;
import org.violin.control.os.Command.CommandException;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code violin} command. Errors are one line with the mend; {@code --debug}, or VIOLIN_DEBUG in the environment,
 * adds where they come from.
 */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws InterruptedException, IOException {
        if (Training.wanted("tunnel")) {
            Training.tunnel();
            System.exit(Exit.OK);
        }
        if (args.length > 0 && Violin.movesFrames(args[0])) {
            // What goes wrong in it goes wrong again, and is told, when the command launches the dataplane.
            Thread.ofPlatform().daemon().name("prepare").uncaughtExceptionHandler((thread, e) -> { })
                .start(Dataplane::prepare);
        }
        int exit = run(args);
        if (Training.wanted("client")) {
            Training.client();
        }
        System.out.flush();
        System.exit(exit);
    }

    /** Runs one command line and returns its exit code. */
    static int run(String... args) {
        return commandLine(args).execute(args);
    }

    /** The command line with the one subcommand that {@code args} names, or with all of them. */
    static CommandLine commandLine(String... args) {
        Violin root = new Violin();
        CommandLine line = new CommandLine(root);
        Object only = args.length == 0 ? null : Violin.subcommand(args[0]);
        if (only != null) {
            add(line, args[0], only);
        } else {
            Violin.SUBCOMMANDS.forEach(name -> add(line, name, Violin.subcommand(name)));
        }
        return line
            .setExecutionExceptionHandler((e, command, result) -> onFailure(e, result))
            .setParameterExceptionHandler((e, rest) -> onUsage(e))
            .setUsageHelpAutoWidth(true)
            .setUsageHelpLongOptionsMaxWidth(28);
    }

    private static void add(CommandLine line, String name, Object command) {
        CommandLine subcommand = new CommandLine(command);
        subcommand.setStopAtPositional(command instanceof ExecCommand);
        line.addSubcommand(name, subcommand);
    }

    private static int onFailure(Exception e, ParseResult result) {
        boolean expected = e instanceof ClientException || e instanceof ApiException || e instanceof CommandException
            || e instanceof DataplaneException || e instanceof KeyFileException || e instanceof UncheckedIOException;
        String message = e.getMessage() == null ? "" : e.getMessage();
        System.err.println("violin: " + (expected ? message : e.getClass().getSimpleName() + ": " + message
            + " (this is a mistake of violin's: run it with --debug to see where)"));
        boolean debug = result.commandSpec().root().userObject() instanceof Violin root && root.debug();
        if (debug) {
            e.printStackTrace();
        }
        return Exit.FAILED;
    }

    private static int onUsage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        System.err.println("violin: " + (e instanceof UnmatchedArgumentException unmatched
            ? unknown(command, unmatched) : e.getMessage()));
        System.err.println("usage: " + command.getHelp().synopsis(0).strip());
        System.err.println("help:  " + command.getCommandSpec().qualifiedName() + " --help");
        return Exit.USAGE;
    }

    private static String unknown(CommandLine command, UnmatchedArgumentException e) {
        String argument = e.getUnmatched().getFirst();
        if (e.isUnknownOption()) {
            return "there is no option '" + argument + "' here";
        }
        if (command.getSubcommands().isEmpty()) {
            return "one argument too many: '" + argument + "'";
        }
        List<String> suggestions = e.getSuggestions();
        return "there is no command '" + argument + "'"
            + (suggestions.isEmpty() ? "" : ": did you mean: " + suggestions.getFirst() + "?");
    }
}
