package org.violin.benchmarks.e2e;

import java.util.List;
import java.util.Locale;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;
import org.violin.dataplane.Impairment;

/**
 * How many datagrams an emulated line loses.
 *
 * @param percent of all, as asked for
 * @param burst   the mean number lost in a row, as asked for; 0: as chance has it
 * @param seed    of the first round; the next has the next
 */
record LossCell(Wan wan, double percent, double burst, int seconds, long seed) implements Measurement {
    private static final int DATAGRAM_BYTES = 200;
    private static final int BITS_PER_SECOND = 32_000_000;
    private static final double MARGIN_SECONDS = 1;

    /** What was counted, of all. */
    static Metric lost(double percent, double burst) {
        return new Metric(key(percent, burst), "loss of " + title(percent, burst), "%");
    }

    /** How many there were. */
    static Metric counted(double percent, double burst) {
        return new Metric(key(percent, burst) + ".counted", "loss of " + title(percent, burst), "datagrams");
    }

    private static String key(double percent, double burst) {
        return "loss" + WanPath.plain(percent) + (burst == 0 ? "" : "-burst" + WanPath.plain(burst));
    }

    static String title(double percent, double burst) {
        return WanPath.plain(percent) + " %" + (burst == 0 ? "" : ", " + WanPath.plain(burst) + " in a row");
    }

    /**
     * The standard deviation of the percentage lost of {@code count} frames, of a line that does what it is asked for.
     * Losses in a row are alike, so there are fewer of them to count: by the autocorrelation of the chain of two states
     * that they come from.
     */
    static double deviationPercent(double percent, double burst, double count) {
        double loss = percent / 100;
        double leave = burst == 0 ? 1 - loss : 1 / burst;
        double correlation = 1 - leave - loss * leave / (1 - loss);
        return 100 * Math.sqrt(loss * (1 - loss) / count * (1 + correlation) / (1 - correlation));
    }

    @Override
    public String name() {
        return "loss " + title(percent, burst);
    }

    @Override
    public double estimateSeconds() {
        return seconds + MARGIN_SECONDS;
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        wan.impair(pair.b(), new Impairment(0, 0, percent / 100, burst, 0, 0, 0, 0, 0, false, seed + recorder.round()));
        Iperf iperf = pair.iperf();
        iperf.begin(seconds, List.of("-u", "-l", Integer.toString(DATAGRAM_BYTES),
            "-b", Integer.toString(BITS_PER_SECOND)));
        String json = iperf.end(seconds);
        wan.impair(pair.b(), Impairment.NONE);
        recorder.keep(key(percent, burst), json);
        Iperf.Datagrams datagrams = Iperf.parseDatagrams(json);
        recorder.value(lost(percent, burst), datagrams.lossPercent());
        recorder.value(counted(percent, burst), datagrams.counted());
        return String.format(Locale.ROOT, "%.3f %% of %d lost", datagrams.lossPercent(), datagrams.counted());
    }
}
