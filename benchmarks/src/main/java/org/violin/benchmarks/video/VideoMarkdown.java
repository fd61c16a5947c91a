package org.violin.benchmarks.video;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Subject;
import org.violin.benchmarks.report.Tables;
import org.violin.benchmarks.video.VideoNet.Domain;

/** The report of {@code violin bench video}. */
final class VideoMarkdown extends Markdown {
    private final VideoRun run;
    private final List<WanPath> paths;

    VideoMarkdown(VideoSetup setup, Environment environment, Results results, VideoRun run) {
        super(setup, environment, results);
        this.run = run;
        paths = setup.paths();
    }

    @Override
    protected Plots plots() {
        return new VideoPlots(setup().output(), run, paths);
    }

    @Override
    protected String method() {
        return String.format(Locale.ROOT, """
            A clip of %d s (352x288, %d frames a second, H.264 at 800 kbit/s, MPEG-TS over RTP) from `princeton` to
            `chicago`, and from there to `washington` and `berkeley`, over paths of %s Mbit/s and a round trip of %s ms
            that lose packets each way. A viewer plays half a second later: what comes after that is lost. PSNR is of
            each frame's luminance against the source, before it was encoded; in the place of a frame that did not come
            stands the one before, or black if none came. `princeton` is the sender's own domain: what the encoder has
            left, and no path.
            %d rounds: medians and, in brackets, the lowest and the highest. docs/benchmarks.md tells more.
            """, setup().seconds(), VideoClip.FRAMES_PER_SECOND, WanPath.plain(paths.getFirst().rateMegabits()),
            WanPath.plain(paths.getFirst().rttMillis()), setup().rounds());
    }

    @Override
    protected String summary() {
        List<String> head = new ArrayList<>(List.of("side"));
        for (WanPath path : paths) {
            head.add(path.loss() + ": PSNR, dB");
            head.add("datagrams lost, %");
        }
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            List<String> row = new ArrayList<>(List.of(side.name()));
            for (WanPath path : paths) {
                row.add(figure(results().spread(side, VideoTurn.psnr(path))));
                row.add(thousandths(results().spread(side, VideoTurn.lost(path))));
            }
            rows.add(row);
        }
        return "All frames of the three domains that the stream has passed paths to, by what each path loses:\n\n"
            + Tables.markdown(head, rows);
    }

    @Override
    protected void sections() {
        for (WanPath path : paths) {
            section("Paths that lose " + path.loss());
            plot(VideoPlots.name(path));
            block("PSNR in the mean of all frames, dB", path, VideoTurn::psnr, Markdown::figure);
            block("Datagrams lost to the viewer, %", path, VideoTurn::lost, VideoMarkdown::thousandths);
            paragraph("\nBytes on all paths beyond the stream's, once over each of the three:");
            table(List.of("side", "%"), results().sides().stream().map(side -> List.of(side.name(),
                figure(results().spread(side, VideoTurn.wire(path))))).toList());
        }
    }

    private void block(String title, WanPath path, BiFunction<WanPath, Domain, Metric> metric,
        Function<Spread, String> figure) {
        List<String> head = new ArrayList<>(List.of("side"));
        for (Domain domain : Domain.values()) {
            head.add(domain + ", paths: " + domain.hops());
        }
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            List<String> row = new ArrayList<>(List.of(side.name()));
            for (Domain domain : Domain.values()) {
                row.add(figure.apply(results().spread(side, metric.apply(path, domain))));
            }
            rows.add(row);
        }
        paragraph("\n" + title + ":");
        table(head, rows);
    }

    private static String thousandths(Spread spread) {
        return spread.isEmpty() ? "-" : String.format(Locale.ROOT, "%.3f", spread.median());
    }
}
