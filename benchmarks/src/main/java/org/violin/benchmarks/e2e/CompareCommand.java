package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Lab;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that gives the same work to several sides and writes a report: what all such commands have. */
abstract class CompareCommand implements Callable<Integer> {
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(15);
    /** What every run needs, and the Debian packages. */
    private static final Map<String, String> PROGRAMS = Map.of("ip", "iproute2", "iperf3", "iperf3", "ping",
        "iputils-ping", "ethtool", "ethtool");
    private static final int MIN_MTU = 576;
    private static final int MAX_MTU = 9000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--sides", split = ",", paramLabel = "NAME",
        description = "Which tunnels to compare (default: all that are installed).")
    private List<String> sideNames = List.of();

    @Option(names = "--custom", paramLabel = "NAME=COMMAND",
        description = "One more tunnel, of a command that a shell runs at both ends, with {tap}, {local} and {remote}"
            + " for the TAP to make and the IPv4 addresses; repeatable.")
    private List<String> customs = List.of();

    @Option(names = "--install-peers", description = "First install the tunnels that Debian has, by apt-get.")
    private boolean installPeers;

    @Option(names = "--rounds", paramLabel = "N",
        description = "How often each piece of work is given to each side (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", paramLabel = "N",
        description = "How long a TCP load lasts; other loads follow from it (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--mtu", defaultValue = "1500", paramLabel = "BYTES",
        description = "The MTU inside the tunnels; the underlay's is 1500 (default: ${DEFAULT-VALUE}).")
    private int mtu;

    @Option(names = "--question", paramLabel = "NAME",
        description = "Names the report: perf-reports/<date>-NAME (default: ${DEFAULT-VALUE}).")
    private String question;

    @Option(names = "--output", paramLabel = "DIRECTORY", description = "Where the report goes instead.")
    private Path output;

    private final Path root = Path.of(System.getProperty("violin.root", ".")).toAbsolutePath().normalize();

    /** The options' defaults. */
    CompareCommand(String question, int rounds, int seconds) {
        this.question = question;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    /** Violin's folder. */
    Path root() {
        return root;
    }

    int rounds() {
        return rounds;
    }

    int seconds() {
        return seconds;
    }

    int mtu() {
        return mtu;
    }

    String question() {
        return question;
    }

    /** What is wrong with the command line. */
    ParameterException mistake(String what) {
        return new ParameterException(spec.commandLine(), what);
    }

    /** Throws unless the options that all commands have make sense. */
    void checkOptions(int minRounds) {
        if (rounds < minRounds || seconds < 1) {
            throw mistake("--rounds and --seconds must be at least 1");
        }
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw mistake("--mtu must be " + MIN_MTU + " to " + MAX_MTU);
        }
        if (!question.matches("[a-z0-9][a-z0-9-]*")) {
            throw mistake("--question names a folder: a-z, 0-9 and - only");
        }
    }

    /** Those that the command knows and those of the user's own, by name. */
    Map<String, Side> withCustoms(List<Side> known) {
        Map<String, Side> all = new LinkedHashMap<>();
        known.forEach(side -> all.put(side.name(), side));
        customs.stream().map(this::custom).forEach(side -> all.put(side.name(), side));
        return all;
    }

    /** Those that are named and those of the user's own. */
    List<Side> chooseSides(Map<String, Side> all) {
        if (sideNames.isEmpty()) {
            return List.copyOf(all.values());
        }
        Set<Side> chosen = new LinkedHashSet<>();
        sideNames.forEach(name -> chosen.add(side(all, "--sides", name)));
        customs.forEach(definition -> chosen.add(all.get(custom(definition).name())));
        return List.copyOf(chosen);
    }

    Side side(Map<String, Side> all, String option, String name) {
        Side side = all.get(name);
        if (side == null) {
            throw mistake(option + ": there is no " + name + "; there are " + String.join(", ", all.keySet()));
        }
        return side;
    }

    private Side custom(String definition) {
        try {
            return Sides.custom(definition);
        } catch (IllegalArgumentException e) {
            throw mistake("--custom: " + e.getMessage());
        }
    }

    /** Installs what is to be installed, and throws unless all is there that a run needs. */
    void prepare(List<Side> sides) {
        Lab.checkRoot();
        if (installPeers) {
            install(sides);
        }
        List<String> missing = new ArrayList<>();
        PROGRAMS.forEach((program, inPackage) -> {
            if (Side.find(program).isEmpty()) {
                missing.add(inPackage);
            }
        });
        if (!missing.isEmpty()) {
            throw new BenchException("missing: install with: apt-get install " + String.join(" ", missing));
        }
        if (!Files.exists(Path.of("/dev/net/tun")) && sides.size() > 1) {
            throw new BenchException("/dev/net/tun is missing: tunnels need it");
        }
    }

    /** Debian's packages start no tunnel that is not configured. */
    private static void install(List<Side> sides) {
        List<String> packages = sides.stream().filter(side -> side.missingProgram().isPresent())
            .flatMap(side -> side.packages().stream()).distinct().toList();
        if (packages.isEmpty()) {
            return;
        }
        System.out.println("installing " + String.join(" ", packages));
        List<String> argv = new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y",
            "-qq", "--no-install-recommends"));
        argv.addAll(packages);
        org.violin.control.os.Command.run(List.of("apt-get", "update", "-qq"), INSTALL_LIMIT).orThrow();
        org.violin.control.os.Command.run(argv, INSTALL_LIMIT).orThrow();
    }

    /** A folder of the day and the question; a second run on one day gets a folder of its own. */
    Path outputDirectory() {
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

    String commandLine() {
        return "violin bench " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }

    /** Does all the work and writes the report; returns the exit status. */
    static int execute(Settings settings, Report.Kind kind) {
        System.out.printf("%d sides, %d measurements, %d rounds: about %s%n", settings.sides().size(),
            settings.measurements().size(), settings.rounds(), Run.clock(Run.estimateSeconds(settings)));
        try (Run run = new Run(settings, System.out)) {
            Files.createDirectories(settings.output());
            Environment environment = Environment.read(settings);
            Results results;
            try (RawFile raw = new RawFile(settings.output())) {
                results = run.measure(raw);
                run.profile(raw);
            }
            new Report(settings, environment, results, kind).write(System.out);
            return results.failures().isEmpty() ? 0 : Bench.FAILED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
