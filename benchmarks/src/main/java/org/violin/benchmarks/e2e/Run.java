package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.violin.control.os.Command.CommandException;

/**
 * One run. Rounds are the outer loop, sides the inner one, and their order turns from round to round, so that no side
 * always follows the same other.
 */
final class Run implements AutoCloseable {
    private static final Path LOCK = Path.of("/run/lock/violin-bench.lock");
    /** Of files that are gone at the end; programs run from it, which /run and /tmp may forbid. */
    private static final Path WORK = Path.of("/var/cache/violin/bench");
    private static final int LOG_LINES = 15;
    private static final double START_ESTIMATE_SECONDS = 2;

    private final Settings settings;
    private final PrintStream out;
    private final Results results = new Results();
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    private final FileChannel lockFile;
    private final Tools tools;
    private volatile boolean closed;

    /** Takes the machine: throws if another run has it. Removes what a run that was killed has left. */
    Run(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
        try {
            Files.createDirectories(LOCK.getParent());
            lockFile = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                lockFile.close();
                throw new BenchException("another benchmark is running on this machine (it holds " + LOCK + ")");
            }
            deleteTree(WORK);
            tools = Tools.unpack(Files.createDirectories(WORK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Namespaces.leftovers().forEach(Namespaces::remove);
    }

    /** About how long it will take. */
    static double estimateSeconds(Settings settings) {
        double turn = settings.measurements().stream().mapToDouble(Measurement::estimateSeconds).sum();
        double warmUp = warmUpSeconds(settings);
        return settings.sides().size() * (START_ESTIMATE_SECONDS + warmUp + settings.rounds() * turn);
    }

    private static int warmUpSeconds(Settings settings) {
        return Math.min(2, settings.seconds());
    }

    /** Does all the work; sides that fail are in the results as such. */
    Results measure(RawFile raw) {
        settings.sides().forEach(this::start);
        List<Pair> live = new ArrayList<>(pairs);
        double turnSeconds = settings.measurements().stream().mapToDouble(Measurement::estimateSeconds).sum();
        Progress progress = new Progress(out, settings.rounds() * settings.measurements().size() * live.size(),
            settings.rounds() * live.size() * turnSeconds);
        Map<Pair, IdleWatch> watches = new HashMap<>();
        live.forEach(pair -> watches.put(pair, new IdleWatch(pair)));
        for (int round = 0; round < settings.rounds(); round++) {
            for (Measurement measurement : settings.measurements()) {
                List<Pair> order = new ArrayList<>(live);
                Collections.rotate(order, -round);
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

    /** One measurement of one side; a side that does not work any more leaves {@code live}. */
    private String turn(Pair pair, Measurement measurement, Recorder recorder, List<Pair> live) {
        try {
            pair.check();
            return measurement.run(pair, recorder);
        } catch (BenchException | CommandException e) {
            checkOpen();
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
        checkOpen();
        var missing = side.missingProgram();
        if (missing.isPresent()) {
            results.skip(side.name(), missing.get() + " is not installed");
            return;
        }
        out.printf("starting %s: %s%n", side.name(), side.description());
        Pair pair = null;
        try {
            pair = new Pair(side, WORK, tools, settings.underlay(), settings.mtu());
            pair.start();
            warmUp(pair);
            results.addSide(side);
            pairs.add(pair);
        } catch (BenchException | CommandException e) {
            checkOpen();
            out.println("  FAILED: " + e.getMessage());
            results.fail(side.name(), "start", e.getMessage(), pair == null ? "" : pair.logTail(LOG_LINES));
            if (pair != null) {
                pair.close();
            }
        }
    }

    /** Ctrl-C takes the sides away under the feet of whoever works with them. */
    private void checkOpen() {
        if (closed) {
            throw new BenchException("stopped");
        }
    }

    /** Lets caches, compilers and path-MTU searches settle; a side that cannot do this work fails here. */
    private void warmUp(Pair pair) {
        Iperf iperf = new Iperf(pair);
        iperf.begin(1, Iperf.Direction.BOTH, warmUpSeconds(settings));
        Iperf.parse(iperf.end(warmUpSeconds(settings)));
    }

    /** Ends every program and removes every namespace that this run made. A shutdown hook may be the caller. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        pairs.forEach(Pair::close);
        Namespaces.leftovers().forEach(Namespaces::remove);
        deleteTree(WORK);
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What cannot be deleted stays until the next run. */
    private static void deleteTree(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            return;
        }
    }

    /** {@code 1:05} or {@code 2:01:05}. */
    static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600 ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
            : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
