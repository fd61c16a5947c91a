package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.ReportCommand;
import org.violin.benchmarks.report.Results;
import picocli.CommandLine.Option;

/** A command that gives the same work to several sides and writes a report: what all such commands have. */
abstract class CompareCommand extends ReportCommand {
    private static final int MIN_MTU = 576;
    private static final int MAX_MTU = 9000;

    @Option(names = "--sides", split = ",", paramLabel = "NAME",
        description = "Which tunnels to compare (default: all that are installed).")
    private List<String> sideNames = List.of();

    @Option(names = "--custom", paramLabel = "NAME=COMMAND",
        description = "One more tunnel, of a command that a shell runs at both ends, with {tap}, {local} and {remote}"
            + " for the TAP to make and the IPv4 addresses; repeatable.")
    private List<String> customs = List.of();

    @Option(names = "--mtu", defaultValue = "1500", paramLabel = "BYTES",
        description = "The MTU inside the tunnels; the underlay's is 1500 (default: ${DEFAULT-VALUE}).")
    private int mtu;

    /** The options' defaults. */
    CompareCommand(String question, int rounds, int seconds) {
        super(question, rounds, seconds);
    }

    int mtu() {
        return mtu;
    }

    @Override
    protected void checkOptions(int minRounds) {
        super.checkOptions(minRounds);
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw mistake("--mtu must be " + MIN_MTU + " to " + MAX_MTU);
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
    void prepareSides(List<Side> sides) {
        prepare(sides.stream().filter(side -> side.missingProgram().isPresent())
            .flatMap(side -> side.packages().stream()).distinct().toList());
        if (!Files.exists(Path.of("/dev/net/tun")) && sides.size() > 1) {
            throw new BenchException("/dev/net/tun is missing: tunnels need it");
        }
    }

    /** Does all the work and writes the report; returns the exit status. */
    static int execute(Settings settings, Report.Kind kind) {
        System.out.printf("%d sides, %d measurements, %d rounds: about %s%n", settings.sides().size(),
            settings.measurements().size(), settings.rounds(), Progress.clock(Run.estimateSeconds(settings)));
        try (Run run = new Run(settings, System.out)) {
            Files.createDirectories(settings.output());
            Environment environment = Environment.read(settings.root(), versions(settings.sides()));
            Results results;
            try (RawFile raw = new RawFile(settings.output())) {
                results = run.measure(raw);
                run.profile(raw);
            }
            new Report(settings, environment, results, kind).write(System.out);
            return results.failures().isEmpty() ? 0 : FAILED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, List<String>> versions(List<Side> sides) {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        sides.stream().filter(side -> !side.version().isEmpty() && side.missingProgram().isEmpty())
            .forEach(side -> commands.put(side.name(), side.version()));
        return commands;
    }
}
