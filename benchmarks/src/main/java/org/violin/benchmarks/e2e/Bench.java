package org.violin.benchmarks.e2e;

import java.io.UncheckedIOException;
import org.violin.benchmarks.gate.GateCommand;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.migrate.MigrateCommand;
import org.violin.benchmarks.paper.PaperCommand;
import org.violin.benchmarks.report.ReportCommand;
import org.violin.benchmarks.start.StartCommand;
import org.violin.benchmarks.video.VideoCommand;
import org.violin.control.os.Command.CommandException;
import org.violin.dataplane.DataplaneException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code violin bench}. */
@Command(name = "violin bench", description = "Measures Violin on this machine.", mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND", subcommands = {E2eCommand.class, WanCommand.class, ImpairCommand.class,
        PaperCommand.class, VideoCommand.class, ViolinCommand.class, StartCommand.class, MigrateCommand.class,
        GateCommand.class},
    footer = {"", "JMH's micro-benchmarks: violin bench jmh [JMH'S OPTIONS]"})
public final class Bench implements Runnable {
    static final int FAILED = ReportCommand.FAILED;

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command line and returns its exit code: 0 all is well, 1 it failed, 2 the command line is wrong. */
    static int run(String... args) {
        return new CommandLine(new Bench())
            .setUsageHelpAutoWidth(true)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler((e, rest) -> {
                System.err.println("violin bench: " + e.getMessage());
                System.err.println("help: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
                return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
            })
            .setExecutionExceptionHandler((e, command, result) -> {
                if (e instanceof BenchException || e instanceof CommandException || e instanceof DataplaneException
                    || e instanceof UncheckedIOException) {
                    System.err.println("violin bench: " + e.getMessage());
                    return FAILED;
                }
                throw e;
            })
            .execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
