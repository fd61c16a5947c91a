package org.violin.benchmarks.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Programs;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that measures and writes a report: what all such commands have. */
public abstract class ReportCommand implements Callable<Integer> {
    /** Exit status of a run in which something failed. */
    public static final int FAILED = 1;

    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(15);
    /** What every run needs, and the Debian packages. */
    private static final Map<String, String> PROGRAMS = Map.of("ip", "iproute2", "iperf3", "iperf3", "ping",
        "iputils-ping", "ethtool", "ethtool");

    @Spec
    private CommandSpec spec;

    @Option(names = "--install-peers", description = "First install the peers that Debian has, by apt-get.")
    private boolean installPeers;

    @Option(names = "--rounds", paramLabel = "N",
        description = "How often each piece of work is given to each side (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", paramLabel = "N",
        description = "How long a TCP load or a video lasts; other loads follow from it (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--question", paramLabel = "NAME",
        description = "Names the report: perf-reports/<date>-NAME (default: ${DEFAULT-VALUE}).")
    private String question;

    @Option(names = "--output", paramLabel = "DIRECTORY", description = "Where the report goes instead.")
    private Path output;

    private final Path root = Path.of(System.getProperty("violin.root", ".")).toAbsolutePath().normalize();

    /** The options' defaults. */
    protected ReportCommand(String question, int rounds, int seconds) {
        this.question = question;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /** Violin's folder. */
    protected Path root() {
        return root;
    }

    protected int rounds() {
        return rounds;
    }

    protected int seconds() {
        return seconds;
    }

    protected String question() {
        return question;
    }

    /** What is wrong with the command line. */
    protected ParameterException mistake(String what) {
        return new ParameterException(spec.commandLine(), what);
    }

    /** Throws unless the options that all commands have make sense. */
    protected void checkOptions(int minRounds) {
        if (rounds < minRounds || seconds < 1) {
            throw mistake("--rounds and --seconds must be at least 1");
        }
        if (!question.matches("[a-z0-9][a-z0-9-]*")) {
            throw mistake("--question names a folder: a-z, 0-9 and - only");
        }
    }

    /**
     * Installs what is to be installed, and throws unless all is there that every run needs.
     *
     * @param packages of peers that are not installed
     */
    protected void prepare(List<String> packages) {
        Lab.checkRoot();
        if (installPeers && !packages.isEmpty()) {
            install(packages);
        }
        List<String> missing = new ArrayList<>();
        PROGRAMS.forEach((program, inPackage) -> {
            if (Programs.find(program).isEmpty()) {
                missing.add(inPackage);
            }
        });
        if (!missing.isEmpty()) {
            throw new BenchException("missing: install with: apt-get install " + String.join(" ", missing));
        }
    }

    /** Debian's packages start no tunnel that is not configured. */
    private static void install(List<String> packages) {
        System.out.println("installing " + String.join(" ", packages));
        List<String> argv = new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y",
            "-qq", "--no-install-recommends"));
        argv.addAll(packages);
        org.violin.control.os.Command.run(List.of("apt-get", "update", "-qq"), INSTALL_LIMIT).orThrow();
        org.violin.control.os.Command.run(argv, INSTALL_LIMIT).orThrow();
    }

    /** A folder of the day and the question; a second run on one day gets a folder of its own. */
    protected Path outputDirectory() {
        if (output != null) {
            return output.toAbsolutePath().normalize();
        }
        String name = LocalDate.now() + "-" + question;
        Path folder = root.resolve("perf-reports").resolve(name);
        for (int i = 2; Files.exists(folder); i++) {
            folder = root.resolve("perf-reports").resolve(name + "-" + i);
        }
        return folder;
    }

    protected String commandLine() {
        return "violin bench " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
