package org.violin.benchmarks.gate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.violin.benchmarks.LimitProfiler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gate}: fails where a micro-benchmark takes more of the machine's limit than its bound, or allocates. */
@Command(name = "gate", mixinStandardHelpOptions = true, description =
    "Fails where a micro-benchmark takes more times the machine's limit than its bound allows, or allocates.")
public final class GateCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int ATTEMPTS = 2;
    private static final int WARM_UPS = 6;
    private static final int ITERATIONS = 10;
    private static final TimeValue ITERATION = TimeValue.milliseconds(150);

    @Option(names = "--bounds", paramLabel = "FILE", description = "The bounds (default: benchmarks/gate.txt).")
    private Path file = Path.of(System.getProperty("violin.root", "."), "benchmarks/gate.txt");

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws RunnerException {
        int failed = 0;
        for (Bound bound : bounds()) {
            failed += holds(bound) ? 0 : 1;
        }
        System.out.println(failed == 0 ? "all bounds hold" : failed + " of the bounds do not hold");
        return failed == 0 ? 0 : FAILED;
    }

    private List<Bound> bounds() {
        try {
            return Bound.read(Files.readAllLines(file));
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "bounds " + file + ": " + e.getMessage(), e);
        }
    }

    /** A disturbance of the whole run only makes it slower, so a second one may be better, and neither be too good. */
    private boolean holds(Bound bound) throws RunnerException {
        Measured best = measure(bound);
        for (int i = 1; i < ATTEMPTS && !best.faults(bound).isEmpty(); i++) {
            best = best.orBetter(measure(bound));
        }
        List<String> faults = best.faults(bound);
        System.out.printf(Locale.ROOT, "%s %-26s %-48s %9.2f ns %9.2f ns %6.2f x, at most %.2f%n",
            faults.isEmpty() ? "good" : "BAD ", bound.benchmark(), parameters(bound), best.ns(), best.limitNs(),
            best.times(), bound.mostTimes());
        faults.forEach(fault -> System.out.println("     " + fault));
        return faults.isEmpty();
    }

    private static String parameters(Bound bound) {
        StringBuilder text = new StringBuilder();
        bound.parameters().forEach((name, value) -> text.append(name).append('=').append(value).append(' '));
        return text.toString();
    }

    /** In a JVM of its own, with the product's collector, and not with this program's one compiler. */
    private Measured measure(Bound bound) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
            .include("\\." + Pattern.quote(bound.benchmark()) + "$")
            .forks(1).warmupIterations(WARM_UPS).warmupTime(ITERATION)
            .measurementIterations(ITERATIONS).measurementTime(ITERATION)
            .jvmArgs("-XX:+UseSerialGC", "-Xmx512m")
            .addProfiler(LimitProfiler.class).addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT).shouldFailOnError(true);
        for (Map.Entry<String, String> parameter : bound.parameters().entrySet()) {
            options.param(parameter.getKey(), parameter.getValue());
        }
        List<RunResult> results = List.copyOf(new Runner(options.build()).run());
        if (results.size() != 1) {
            throw new ParameterException(spec.commandLine(), "bounds " + file + ": " + bound.benchmark() + " with "
                + bound.parameters() + " is " + results.size() + " benchmarks");
        }
        return Measured.of(results.getFirst());
    }
}
