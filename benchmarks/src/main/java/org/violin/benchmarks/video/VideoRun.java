package org.violin.benchmarks.video;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Progress;
import org.violin.benchmarks.report.RawFile;
import org.violin.benchmarks.report.Recorder;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.video.VideoNet.Domain;
import org.violin.control.os.Command.CommandException;

/** One run: each side in turn over each path, round after round. */
final class VideoRun implements AutoCloseable {
    private static final double START_ESTIMATE_SECONDS = 20;

    private final VideoSetup setup;
    private final PrintStream out;
    private final Results results = new Results();
    private final Map<String, Map<Domain, List<Double>>> frames = new HashMap<>();
    private final Lab lab = new Lab();

    /** Takes the machine. */
    VideoRun(VideoSetup setup, PrintStream out) {
        this.setup = setup;
        this.out = out;
    }

    /** About how long it will take. */
    static double estimateSeconds(VideoSetup setup) {
        return START_ESTIMATE_SECONDS + turnsSeconds(setup);
    }

    private static double turnsSeconds(VideoSetup setup) {
        return setup.rounds() * setup.paths().size() * setup.sides().stream()
            .mapToDouble(side -> VideoTurn.estimateSeconds(side, setup.seconds())).sum();
    }

    /** The figures of each frame, dB, in the first round; empty where there are none. */
    List<Double> frames(Side side, WanPath path, Domain domain) {
        return frames.getOrDefault(key(side, path), Map.of()).getOrDefault(domain, List.of());
    }

    private static String key(Side side, WanPath path) {
        return side.name() + "." + path.key();
    }

    /** Does all the work; turns that fail are in the results as such. */
    Results measure(RawFile raw) {
        setup.sides().forEach(results::addSide);
        VideoClip clip = new VideoClip(lab.directory().resolve("clip"), setup.seconds());
        WanPath any = setup.paths().getFirst();
        // As long as all of them: a way that has become longer looks like a queue, in which losses do not count.
        WanPath first = new WanPath(any.rateMegabits(), any.rttMillis(), 0, 0);
        try (Wan wan = new Wan(first.impairment(setup.seed())); VideoNet net = new VideoNet(lab, wan, setup.root())) {
            Progress progress = new Progress(out, setup.rounds() * setup.paths().size() * setup.sides().size(),
                turnsSeconds(setup));
            for (int round = 0; round < setup.rounds(); round++) {
                for (WanPath path : setup.paths()) {
                    for (Side side : setup.sides()) {
                        String figure = turn(net, clip, path, side, new Recorder(results, raw, side, round));
                        progress.step(round + 1, path.title(), side.name(), figure);
                    }
                }
            }
        }
        return results;
    }

    private String turn(VideoNet net, VideoClip clip, WanPath path, Side side, Recorder recorder) {
        try {
            frames.putIfAbsent(key(side, path),
                new VideoTurn(net, clip, path, side).run(recorder, setup.seed() + recorder.round()));
            return String.format(Locale.ROOT, "PSNR %.1f dB, %.3f %% lost",
                results.rounds(side, VideoTurn.psnr(path)).getLast(),
                results.rounds(side, VideoTurn.lost(path)).getLast());
        } catch (BenchException | CommandException e) {
            lab.checkOpen();
            results.fail(side.name(), path.title(), e.getMessage(), net.logTail());
            return "FAILED: " + e.getMessage();
        }
    }

    /** Ends every program and removes every namespace that this run made. */
    @Override
    public void close() {
        lab.close();
    }
}
