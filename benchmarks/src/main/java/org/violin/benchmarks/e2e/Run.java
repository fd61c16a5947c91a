package org.violin.benchmarks.e2e;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Recorder;
import org.violin.benchmarks.report.Results;
import org.violin.control.os.Command.CommandException;

/**
 * One run. Rounds are the outer loop, sides the inner one, and their order turns from round to round, so that no side
 * always follows the same other.
 */
final class Run implements AutoCloseable {
    private static final int PROFILED_BYTES = 64;
    private static final int LOG_LINES = 15;
    private static final double START_ESTIMATE_SECONDS = 2;

    private final Settings settings;
    private final PrintStream out;
    private final Results results = new Results();
    private final List<Pair> pairs = new ArrayList<>();
    private final Lab lab = new Lab();
    private final Tools tools = Tools.unpack(lab.directory());

    /** Takes the machine. */
    Run(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** About how long it will take. */
    static double estimateSeconds(Settings settings) {
        double measure = settings.rounds() * roundSeconds(settings, settings.sides().size());
        double warmUp = warmUpSeconds(settings);
        double profile = 2 * profiledWork(settings).stream().mapToDouble(Measurement::estimateSeconds).sum();
        return measure + settings.sides().size() * (START_ESTIMATE_SECONDS + warmUp)
            + settings.profiled().size() * (START_ESTIMATE_SECONDS + warmUp + profile);
    }

    private static double roundSeconds(Settings settings, int sides) {
        return settings.measurements().stream()
            .mapToDouble(work -> work.prepareSeconds() + sides * work.estimateSeconds()).sum();
    }

    private static int warmUpSeconds(Settings settings) {
        return Math.min(2, settings.seconds());
    }

    /** Does all the work; sides that fail are in the results as such. */
    Results measure(RawFile raw) {
        settings.sides().forEach(this::start);
        List<Pair> live = new ArrayList<>(pairs);
        Progress progress = new Progress(out, settings.rounds() * settings.measurements().size() * live.size(),
            settings.rounds() * roundSeconds(settings, live.size()));
        Map<Pair, IdleWatch> watches = new HashMap<>();
        live.forEach(pair -> watches.put(pair, new IdleWatch(pair)));
        for (int round = 0; round < settings.rounds(); round++) {
            for (Measurement measurement : settings.measurements()) {
                List<Pair> order = new ArrayList<>(live);
                Collections.rotate(order, -round);
                measurement.prepare(order);
                for (Pair pair : order) {
                    watches.get(pair).wake();
                    Recorder recorder = new Recorder(results, raw, pair.side(), round);
                    String figure = turn(pair, measurement, recorder, live);
                    watches.get(pair).rest();
                    progress.step(round + 1, measurement.name(), pair.side().name(), figure);
                }
            }
            for (Pair pair : live) {
                watches.get(pair).report(new Recorder(results, raw, pair.side(), round));
            }
        }
        return results;
    }

    /**
     * Looks where the cycles of some sides go. Each is started anew, as it has to be for that, when no other is there:
     * what is measured in turn must not bear the cost.
     */
    void profile(RawFile raw) {
        if (settings.profiled().isEmpty()) {
            return;
        }
        var missing = Profiler.missing();
        if (missing.isPresent()) {
            results.skip("profile", missing.get());
            return;
        }
        pairs.forEach(Pair::close);
        for (Side side : settings.profiled()) {
            out.println("profiling " + side.name());
            try (Pair pair = new Pair(Sides.forProfile(side, settings.root()), lab, tools, settings.underlay(),
                settings.mtu())) {
                pair.start();
                warmUp(pair);
                Results warmUp = new Results();
                warmUp.addSide(pair.side());
                Recorder recorder = new Recorder(warmUp, raw, pair.side(), 0);
                Profiler profiler = new Profiler(settings, pair, side.name());
                for (Measurement work : profiledWork(settings)) {
                    work.run(pair, recorder);
                    results.addProfile(profiler.profile(work, recorder));
                }
            } catch (BenchException | CommandException e) {
                lab.checkOpen();
                results.fail(side.name(), "profile", e.getMessage(), "");
            }
        }
    }

    private static List<Measurement> profiledWork(Settings settings) {
        return List.of(new TcpMeasurement(1, false, settings.seconds()),
            new FrameMeasurement(PROFILED_BYTES, PROFILED_BYTES, settings.seconds()));
    }

    /** One measurement of one side; a side that does not work any more leaves {@code live}. */
    private String turn(Pair pair, Measurement measurement, Recorder recorder, List<Pair> live) {
        try {
            pair.check();
            return measurement.run(pair, recorder);
        } catch (BenchException | CommandException e) {
            lab.checkOpen();
            results.fail(pair.side().name(), measurement.name(), e.getMessage(), pair.logTail(LOG_LINES));
            try {
                pair.awaitConnection(20);
            } catch (BenchException | CommandException gone) {
                results.fail(pair.side().name(), "the side", gone.getMessage(), "");
                live.remove(pair);
            }
            return "FAILED: " + e.getMessage();
        }
    }

    private void start(Side side) {
        lab.checkOpen();
        var missing = side.missingProgram();
        if (missing.isPresent()) {
            results.skip(side.name(), missing.get() + " is not installed");
            return;
        }
        out.printf("starting %s: %s%n", side.name(), side.description());
        Pair pair = null;
        try {
            pair = new Pair(side, lab, tools, settings.underlay(), settings.mtu());
            pair.start();
            warmUp(pair);
            results.addSide(side);
            pairs.add(pair);
        } catch (BenchException | CommandException e) {
            lab.checkOpen();
            out.println("  FAILED: " + e.getMessage());
            results.fail(side.name(), "start", e.getMessage(), pair == null ? "" : pair.logTail(LOG_LINES));
            if (pair != null) {
                pair.close();
            }
        }
    }

    /** Lets caches, compilers and path-MTU searches settle; a side that cannot do this work fails here. */
    private void warmUp(Pair pair) {
        Iperf iperf = pair.iperf();
        iperf.begin(1, Iperf.Direction.BOTH, warmUpSeconds(settings));
        Iperf.parse(iperf.end(warmUpSeconds(settings)));
    }

    /** Ends every program and removes every namespace that this run made. */
    @Override
    public void close() {
        lab.close();
    }
}
