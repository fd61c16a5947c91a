package org.violin.benchmarks.paper;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.lab.Veth;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Recorder;
import org.violin.benchmarks.report.Results;
import org.violin.control.os.Command;
import org.violin.control.os.Command.CommandException;

/**
 * One run: a testbed after the other. On each, all rows are started; rounds are then the outer loop, rows the inner
 * one, and their order turns from round to round.
 */
final class PaperRun implements AutoCloseable {
    private static final Duration TRAINING_LIMIT = Duration.ofMinutes(2);
    private static final int LOG_LINES = 10;
    private static final double START_ESTIMATE_SECONDS = 6;
    private static final int WARM_UP_SECONDS = 1;
    /** As many as a JVM takes to compile their way; tunnels that adapt learn from them what their path is like. */
    private static final List<String> WARM_UP_PINGS = List.of("ping", "-q", "-i", "0.001", "-c", "3000");
    private static final double WARM_UP_LIMIT_SECONDS = 60;
    /** Pieces of work that may have losses of their own, in each round. */
    private static final int SEEDS_PER_ROUND = 8;

    private final PaperSetup setup;
    private final PrintStream out;
    private final Results results = new Results();
    private final Lab lab = new Lab();

    /** Takes the machine. */
    PaperRun(PaperSetup setup, PrintStream out) {
        this.setup = setup;
        this.out = out;
    }

    /** About how long it will take. */
    static double estimateSeconds(PaperSetup setup) {
        return setup.places().size() * setup.rows().size() * START_ESTIMATE_SECONDS + turnsSeconds(setup);
    }

    private static double turnsSeconds(PaperSetup setup) {
        return setup.rounds() * setup.places().stream().mapToDouble(place -> setup.rows().stream()
            .mapToDouble(row -> turn(setup, place, row).estimateSeconds()).sum()).sum();
    }

    private static Turn turn(PaperSetup setup, Place place, Row row) {
        return new Turn(place, row, setup.seconds(), setup.verdictSeconds());
    }

    /** Does all the work; rows that fail are in the results as such. */
    Results measure(RawFile raw) {
        if (setup.rows().stream().anyMatch(row -> row.kind() == Row.Kind.TUNNEL)) {
            // Or the first start of a build has its AOT cache made beside it, by a JVM that would be measured as well.
            Command.run(List.of(setup.root().resolve("scripts/violin").toString(), "train"), TRAINING_LIMIT);
        }
        List<Row> rows = new ArrayList<>();
        for (Row row : setup.rows()) {
            row.missingProgram().ifPresentOrElse(
                missing -> results.skip(row.name(), missing + " is not installed"), () -> rows.add(row));
        }
        rows.forEach(results::addSide);
        Progress progress = new Progress(out, setup.places().size() * setup.rounds() * rows.size(),
            turnsSeconds(setup));
        setup.places().forEach(place -> measure(place, rows, raw, progress));
        return results;
    }

    private void measure(Place place, List<Row> rows, RawFile raw, Progress progress) {
        lab.checkOpen();
        out.printf("the %s: %s%n", place.title(), place.network());
        Wan wan = place.isWan() ? new Wan(place.path().impairment(setup.seed())) : null;
        try (wan; Testbed bed = new Testbed(lab, place.key(), wan == null ? Veth.WHOLE : wan, setup.root())) {
            Map<Row, Route> live = start(place, rows, bed);
            for (int round = 0; round < setup.rounds(); round++) {
                List<Row> order = new ArrayList<>(live.keySet());
                Collections.rotate(order, -round);
                long seed = setup.seed() + (long) round * SEEDS_PER_ROUND;
                for (Row row : order) {
                    Recorder recorder = new Recorder(results, raw, row, round);
                    String figure = turn(place, row, bed, live, recorder,
                        piece -> impair(wan, bed, place, seed + piece));
                    progress.step(round + 1, place.title(), row.name(), figure);
                }
            }
        }
    }

    /** From their first packet on the same ones are lost for all rows. */
    private static void impair(Wan wan, Testbed bed, Place place, long seed) {
        if (wan != null) {
            wan.impair(bed.routers().b(), place.path().impairment(seed));
            wan.impair(bed.routers().a(), place.path().impairment(~seed));
        }
    }

    /** Starts all rows, and lets caches, compilers and path-MTU searches of each settle while the next ones start. */
    private Map<Row, Route> start(Place place, List<Row> rows, Testbed bed) {
        Map<Row, Route> live = new LinkedHashMap<>();
        Map<Row, Spawned> pings = new HashMap<>();
        for (Row row : rows) {
            out.printf("starting %s: %s%n", row.name(), row.description());
            attempt(place, row, bed, live, () -> {
                Route route = row.starter().start(bed);
                live.put(row, route);
                if (row.kind() != Row.Kind.PHYSICAL && route.pings()) {
                    List<String> command = new ArrayList<>(WARM_UP_PINGS);
                    command.add(route.target());
                    pings.put(row, route.from().load("warm-up", command));
                }
            });
        }
        for (Row row : List.copyOf(live.keySet())) {
            attempt(place, row, bed, live, () -> warmUp(row, live.get(row), pings.get(row)));
        }
        return live;
    }

    /** @param pings that were begun; null: none were */
    private static void warmUp(Row row, Route route, Spawned pings) {
        if (pings != null) {
            pings.awaitEnd(WARM_UP_LIMIT_SECONDS);
        }
        if (row.kind() != Row.Kind.PHYSICAL) {
            Iperf iperf = route.iperf();
            iperf.begin(1, Iperf.Direction.BOTH, WARM_UP_SECONDS);
            Iperf.parse(iperf.end(WARM_UP_SECONDS));
        }
    }

    /** A part of a row's start; one that does not work leaves {@code live}. */
    private void attempt(Place place, Row row, Testbed bed, Map<Row, Route> live, Runnable part) {
        lab.checkOpen();
        try {
            part.run();
        } catch (BenchException | CommandException e) {
            lab.checkOpen();
            out.println("  FAILED: " + row.name() + ": " + e.getMessage());
            results.fail(row.name(), place.title() + ", start", e.getMessage(), bed.logTail(LOG_LINES));
            live.remove(row);
        }
    }

    /** One row's turn; one that does not work any more leaves {@code live}. */
    private String turn(Place place, Row row, Testbed bed, Map<Row, Route> live, Recorder recorder,
        LongConsumer impair) {
        Route route = live.get(row);
        try {
            return turn(setup, place, row).run(route, recorder, impair);
        } catch (BenchException | CommandException e) {
            lab.checkOpen();
            results.fail(row.name(), place.title(), e.getMessage(), bed.logTail(LOG_LINES));
            if (!route.isAlive()) {
                live.remove(row);
            }
            return "FAILED: " + e.getMessage();
        }
    }

    /** Ends every program and removes every namespace that this run made. */
    @Override
    public void close() {
        lab.close();
    }
}
