package org.violin.benchmarks.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.End;
import org.violin.control.os.Command;

/** A test picture that moves, made by ffmpeg: as it is, as it is sent, and what a viewer's copy of it is worth. */
final class VideoClip {
    static final int FRAMES_PER_SECOND = 25;

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double MARGIN_SECONDS = 20;
    private static final String SIZE = "size=352x288:rate=" + FRAMES_PER_SECOND;
    private static final String SOURCE = "testsrc2=" + SIZE;
    private static final String NOTHING = "color=black:" + SIZE;
    /** What ffmpeg's sender keeps to itself at the end is none of what is compared. */
    private static final int MORE_FRAMES = FRAMES_PER_SECOND / 2;
    /** Seven packets of MPEG-TS and the header of RTP. */
    private static final int DATAGRAM_BYTES = 7 * 188 + 12;
    private static final Pattern PSNR = Pattern.compile("psnr_y:(\\S+)");
    /** Of a frame that differs in nothing, whose PSNR has no bound. */
    private static final double PERFECT = 100;

    private final Path directory;
    private final int frames;

    /** Makes it, in a folder of its own. */
    VideoClip(Path directory, int seconds) {
        this.directory = directory;
        frames = seconds * FRAMES_PER_SECOND;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ffmpeg("-f", "lavfi", "-i", SOURCE, "-frames:v", Integer.toString(frames), "-pix_fmt", "yuv420p",
            original()).orThrow();
        // One slice a frame, no frame that waits for a later one, a whole picture each second.
        ffmpeg("-f", "lavfi", "-i", SOURCE, "-frames:v", Integer.toString(frames + MORE_FRAMES), "-pix_fmt", "yuv420p",
            "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-threads", "1", "-g",
            Integer.toString(FRAMES_PER_SECOND), "-b:v", "800k", "-maxrate", "800k", "-bufsize", "400k",
            "-f", "mpegts", encoded()).orThrow();
    }

    private String original() {
        return directory.resolve("original.y4m").toString();
    }

    private String encoded() {
        return directory.resolve("encoded.ts").toString();
    }

    private static Command.Result ffmpeg(String... arguments) {
        List<String> argv = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-y", "-v", "error"));
        argv.addAll(List.of(arguments));
        return Command.run(argv, LIMIT);
    }

    /** Streams it by RTP as it would be played, from a host; returns when {@code seconds} of it have been sent. */
    void send(End from, String to, double seconds) {
        from.load("stream", List.of("ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "mpegts", "-i", encoded(),
            "-t", Double.toString(seconds), "-c", "copy", "-f", "rtp_mpegts",
            "rtp://" + to + ":" + Viewer.PORT + "?ttl=8&pkt_size=" + DATAGRAM_BYTES))
            .awaitSuccess(seconds + MARGIN_SECONDS);
    }

    /** All of it. */
    double seconds() {
        return (frames + MORE_FRAMES) / (double) FRAMES_PER_SECOND;
    }

    /** The time of the first frame of a stream, in MPEG-TS's unit of 1/90,000 s. */
    long firstTicks(byte[] stream) {
        Command.Result result = Command.run(List.of("ffprobe", "-v", "error", "-select_streams", "v:0",
            "-show_entries", "packet=pts", "-of", "csv=p=0", "-read_intervals", "%+#1", write(stream)), LIMIT)
            .orThrow();
        return result.output().lines().map(line -> line.replaceAll("\\D", "")).filter(line -> !line.isEmpty())
            .findFirst().map(Long::valueOf).orElseThrow(() -> new BenchException("nothing was sent"));
    }

    /**
     * The peak signal-to-noise ratio of each frame's luminance, dB, of what a viewer sees: in the place of a frame that
     * has not come stands the one before; a viewer to whom none has come sees black.
     *
     * @param stream     what has come
     * @param firstTicks of what was sent
     */
    List<Double> psnr(byte[] stream, long firstTicks) {
        String seen = write(stream);
        return isAnyFrameIn(seen) ? compare(List.of("-flags", "+output_corrupt", "-threads", "1", "-f", "mpegts", "-i",
            seen), "setpts=PTS-" + firstTicks + ",fps=" + FRAMES_PER_SECOND + ":start_time=0")
            : compare(List.of("-f", "lavfi", "-i", NOTHING), "null");
    }

    /** Whether a decoder finds enough of it to begin with. */
    private static boolean isAnyFrameIn(String stream) {
        return Command.run(List.of("ffprobe", "-v", "quiet", "-flags", "+output_corrupt", "-f", "mpegts",
            "-select_streams", "v:0", "-show_entries", "frame=pict_type", "-of", "csv=p=0", stream), LIMIT)
            .output().lines().anyMatch(line -> line.matches("[IPB],?"));
    }

    /** With the source. */
    private List<Double> compare(List<String> input, String filter) {
        Path log = directory.resolve("psnr.log");
        try {
            Files.deleteIfExists(log);
            List<String> arguments = new ArrayList<>(List.of("-copyts", "-i", original()));
            arguments.addAll(input);
            arguments.addAll(List.of("-lavfi", "[1:v]" + filter + "[seen];[0:v][seen]psnr=stats_file=" + log,
                "-frames:v", Integer.toString(frames), "-f", "null", "-"));
            Command.Result result = ffmpeg(arguments.toArray(new String[0]));
            List<Double> figures = Files.exists(log) ? parse(Files.readString(log)) : List.of();
            if (figures.size() < frames) {
                throw new BenchException("ffmpeg compares " + figures.size() + " frames of " + frames + ": exit "
                    + result.exit() + ": " + result.said());
            }
            return figures.subList(0, frames);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code n:1 mse_avg:0.5 ... psnr_avg:51.1 psnr_y:50.0 ...}. */
    static List<Double> parse(String log) {
        return PSNR.matcher(log).results().map(found -> found.group(1).equals("inf") ? PERFECT
            : Double.parseDouble(found.group(1))).toList();
    }

    private String write(byte[] stream) {
        try {
            return Files.write(directory.resolve("seen.ts"), stream).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
