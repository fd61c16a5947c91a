package org.violin.benchmarks.e2e;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.CpuClock;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;

/**
 * All figures of one side on one path: a stream of datagrams at a tenth of the path's rate, one TCP stream, round
 * trips. Before, the paths of all sides are changed, and a thin stream of datagrams runs on each, from which a side
 * that adapts can learn what its path is like.
 *
 * @param learnSeconds for that
 * @param seconds that a TCP stream lasts
 * @param bbr     whether there is a second one, which does not take losses for congestion
 * @param seed    of the first round; the next has the next
 */
record WanCell(Wan wan, WanPath path, int learnSeconds, int seconds, boolean bbr, long seed) implements Measurement {
    private static final String CUBIC = "cubic";
    private static final String BBR = "bbr";
    private static final String WIRE = ".wire";
    /** Of streams of datagrams and of probes; no more than TCP has. */
    private static final int SHORT_SECONDS = 2;
    /** Programs that start, and a patient wait for answers that got lost. */
    private static final double MARGIN_SECONDS = 2.5;
    /** Of the path's rate: that of the stream of datagrams, and of the one to learn from. */
    private static final double UDP_SHARE = 0.1;
    private static final double LEARN_SHARE = 0.02;
    private static final int DATAGRAM_BYTES = 1200;
    /** Of a frame with such a datagram: Ethernet, IPv4 and UDP. */
    private static final int HEADER_BYTES = 14 + 20 + 8;

    /** What a CUBIC stream gets. */
    static Metric cubic(WanPath path) {
        return metric(path, CUBIC, "Mbit/s");
    }

    /** What a BBR stream gets. */
    static Metric bbr(WanPath path) {
        return metric(path, BBR, "Mbit/s");
    }

    /** Bytes that went into the path beyond those of the stream that arrived. */
    static Metric cubicWire(WanPath path) {
        return metric(path, CUBIC + WIRE, "%");
    }

    /** Packets that the path's queue had no room for, which come on top of its losses. */
    static Metric cubicOverflow(WanPath path) {
        return metric(path, CUBIC + ".overflow", "%");
    }

    /** CPU time of the side's processes for a CUBIC stream. */
    static Metric cubicCpu(WanPath path) {
        return metric(path, CUBIC + ".cpu", "CPU s/GB");
    }

    /** Datagrams that the guest did not get. */
    static Metric udpLoss(WanPath path) {
        return metric(path, "udp.loss", "%");
    }

    /** Bytes that went into the path beyond the frames of the stream of datagrams. */
    static Metric udpWire(WanPath path) {
        return metric(path, "udp" + WIRE, "%");
    }

    /** @param what p50 or p99 */
    static Metric roundTrip(WanPath path, String what) {
        return Metric.roundTrip(rtt(path), what);
    }

    private static String rtt(WanPath path) {
        return path.key() + ".rtt";
    }

    private static Metric metric(WanPath path, String name, String unit) {
        return new Metric(path.key() + "." + name, path.title() + " " + name, unit);
    }

    private int shortSeconds() {
        return Math.min(seconds, SHORT_SECONDS);
    }

    @Override
    public String name() {
        return path.title();
    }

    @Override
    public double estimateSeconds() {
        return 2 * shortSeconds() + seconds * (bbr ? 2 : 1) + MARGIN_SECONDS;
    }

    @Override
    public double prepareSeconds() {
        return learnSeconds + 0.5;
    }

    @Override
    public void prepare(List<Pair> pairs) {
        Map<Pair, Iperf> streams = new HashMap<>();
        for (Pair pair : pairs) {
            impair(pair, seed);
            attempt(() -> streams.put(pair, beginUdp(pair, LEARN_SHARE, learnSeconds)));
        }
        streams.values().forEach(stream -> attempt(() -> stream.end(learnSeconds)));
    }

    /** A side that fails here does so in its turn, where it is told. */
    private static void attempt(Runnable learning) {
        try {
            learning.run();
        } catch (BenchException e) {
            return;
        }
    }

    private void impair(Pair pair, long roundSeed) {
        wan.impair(pair.b(), path.impairment(roundSeed));
        wan.impair(pair.a(), path.impairment(~roundSeed));
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        // From their first packet on the same ones are lost for all sides.
        impair(pair, seed + recorder.round());
        double lossPercent = measureUdp(pair, recorder);
        double megabits = measureCubic(pair, recorder);
        if (bbr) {
            recorder.value(bbr(path), 1000 * tcp(BBR, pair, recorder).gigabits());
        }
        new RttMeasurement(rtt(path), false, shortSeconds()).run(pair, recorder);
        return String.format(Locale.ROOT, "TCP %.1f Mbit/s, UDP %.3f %% lost", megabits, lossPercent);
    }

    private Iperf beginUdp(Pair pair, double share, int loadSeconds) {
        Iperf iperf = pair.iperf();
        iperf.begin(loadSeconds, List.of("-u", "-l", Integer.toString(DATAGRAM_BYTES),
            "-b", Long.toString(Math.round(share * path.rateMegabits() * 1e6))));
        return iperf;
    }

    private double measureUdp(Pair pair, Recorder recorder) {
        Wan.Traffic before = wan.traffic(pair.a(), pair.b());
        String json = beginUdp(pair, UDP_SHARE, shortSeconds()).end(shortSeconds());
        long wireBytes = wan.traffic(pair.a(), pair.b()).since(before).bytes();
        recorder.keep(path.key() + ".udp", json);
        Iperf.Datagrams datagrams = Iperf.parseDatagrams(json);
        recorder.value(udpLoss(path), datagrams.lossPercent());
        recorder.value(udpWire(path), overheadPercent(wireBytes, datagrams.sent() * (DATAGRAM_BYTES + HEADER_BYTES)));
        return datagrams.lossPercent();
    }

    private double measureCubic(Pair pair, Recorder recorder) {
        Wan.Traffic before = wan.traffic(pair.a(), pair.b());
        double cpuBefore = CpuClock.processSeconds(pair.pids());
        Iperf.Result result = tcp(CUBIC, pair, recorder);
        double cpuSeconds = CpuClock.processSeconds(pair.pids()) - cpuBefore;
        Wan.Traffic traffic = wan.traffic(pair.a(), pair.b()).since(before);
        recorder.value(cubic(path), result.gigabits() * 1000);
        recorder.value(cubicWire(path), overheadPercent(traffic.bytes(), result.bytes()));
        recorder.value(cubicOverflow(path), traffic.overflowPercent());
        if (!pair.pids().isEmpty()) {
            recorder.value(cubicCpu(path), cpuSeconds / (result.bytes() / 1e9));
        }
        return result.gigabits() * 1000;
    }

    private Iperf.Result tcp(String algorithm, Pair pair, Recorder recorder) {
        Iperf iperf = pair.iperf();
        iperf.begin(seconds, List.of("-C", algorithm));
        String json = iperf.end(seconds);
        recorder.keep(path.key() + "." + algorithm, json);
        return Iperf.parse(json);
    }

    private static double overheadPercent(long wireBytes, long guestBytes) {
        return 100.0 * (wireBytes - guestBytes) / guestBytes;
    }
}
