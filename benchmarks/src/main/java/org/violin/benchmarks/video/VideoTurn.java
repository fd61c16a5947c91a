package org.violin.benchmarks.video;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;
import org.violin.benchmarks.video.VideoNet.Domain;

/** Streams the clip to all domains by one side, and compares what is seen with what was sent. */
record VideoTurn(VideoNet net, VideoClip clip, WanPath path, Side side) {
    /** From which error correction learns what the path is like. */
    private static final double LEARN_SECONDS = 5;
    /** After which nothing comes any more. */
    private static final double SETTLE_SECONDS = 1;
    /** Beyond the clip: programs that start, links that change, and four comparisons. */
    private static final double MORE_SECONDS = 7;
    private static final String LOOPBACK = "127.0.0.1";

    /** In the mean of a domain's frames, dB. */
    static Metric psnr(WanPath path, Domain domain) {
        return new Metric(path.key() + "." + domain + ".psnr", path.title() + " " + domain, "dB");
    }

    /** Of the datagrams that were sent, those that a domain has not got in time. */
    static Metric lost(WanPath path, Domain domain) {
        return new Metric(path.key() + "." + domain + ".lost", path.title() + " " + domain + " lost", "%");
    }

    /** In the mean of all frames of all domains that the stream has passed paths to. */
    static Metric psnr(WanPath path) {
        return new Metric(path.key() + ".psnr", path.title(), "dB");
    }

    /** The same. */
    static Metric lost(WanPath path) {
        return new Metric(path.key() + ".lost", path.title() + " lost", "%");
    }

    /** What went into all paths, beyond the stream once over each of the tree. */
    static Metric wire(WanPath path) {
        return new Metric(path.key() + ".wire", path.title() + " wire", "%");
    }

    /** @param clipSeconds how long the clip is */
    static double estimateSeconds(Side side, int clipSeconds) {
        return clipSeconds + MORE_SECONDS + (side.isCorrected() ? LEARN_SECONDS : 0);
    }

    /** Returns the figures of each frame, dB. */
    Map<Domain, List<Double>> run(Recorder recorder, long seed) {
        net.check();
        net.impair(path, seed);
        net.correct(side.isCorrected());
        if (side.isCorrected()) {
            play(LEARN_SECONDS);
        }
        // Anew, as all sides lose by the same chances.
        net.impair(path, seed);
        long before = net.sentBytes();
        Map<Domain, RtpStream> seen = play(clip.seconds());
        return record(recorder, seen, net.sentBytes() - before);
    }

    /** What each domain has got when {@code seconds} have been sent. */
    private Map<Domain, RtpStream> play(double seconds) {
        Map<Domain, Viewer> viewers = new EnumMap<>(Domain.class);
        try {
            for (Domain domain : Domain.values()) {
                viewers.put(domain, side.isRelayed() ? Viewer.relay(net.host(domain), net.next(domain))
                    : Viewer.member(net.host(domain), VideoNet.GROUP));
            }
            clip.send(net.host(Domain.PRINCETON), side.isRelayed() ? LOOPBACK : VideoNet.GROUP, seconds);
            Deadline.pause(SETTLE_SECONDS);
        } finally {
            viewers.values().forEach(Viewer::close);
        }
        Map<Domain, RtpStream> seen = new EnumMap<>(Domain.class);
        viewers.forEach((domain, viewer) -> seen.put(domain, viewer.stream()));
        return seen;
    }

    /** The stream as it was sent is that which the sender's own domain has. */
    private Map<Domain, List<Double>> record(Recorder recorder, Map<Domain, RtpStream> seen, long wireBytes) {
        RtpStream sent = seen.get(Domain.PRINCETON);
        byte[] all = sent.payload();
        long firstTicks = clip.firstTicks(all);
        Map<Domain, List<Double>> frames = new EnumMap<>(Domain.class);
        double psnrSum = 0;
        double lostSum = 0;
        for (Domain domain : Domain.values()) {
            RtpStream stream = seen.get(domain);
            List<Double> figures = clip.psnr(stream.payload(), firstTicks);
            double psnr = figures.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            double lost = 100.0 * (sent.count() - stream.count()) / sent.count();
            frames.put(domain, figures);
            recorder.value(psnr(path, domain), psnr);
            recorder.value(lost(path, domain), lost);
            recorder.keep(path.key() + "." + domain, figures.stream()
                .map(figure -> String.format(Locale.ROOT, "%.2f", figure)).collect(Collectors.joining(" ")));
            if (domain.hops() > 0) {
                psnrSum += psnr;
                lostSum += lost;
            }
        }
        int domains = Domain.far().size();
        recorder.value(psnr(path), psnrSum / domains);
        recorder.value(lost(path), lostSum / domains);
        double least = (double) domains * all.length;
        recorder.value(wire(path), 100 * (wireBytes - least) / least);
        return frames;
    }
}
