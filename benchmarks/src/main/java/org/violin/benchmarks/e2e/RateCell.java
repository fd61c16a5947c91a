package org.violin.benchmarks.e2e;

import java.util.List;
import java.util.Locale;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;
import org.violin.dataplane.Impairment;

/** At what rate an emulated bottleneck lets frames through that is offered more: full frames, without FCS. */
record RateCell(Wan wan, double megabits, int seconds) implements Measurement {
    private static final int DATAGRAM_BYTES = 1472;
    private static final int FRAME_BITS = 8 * (14 + 20 + 8 + DATAGRAM_BYTES);
    private static final double OFFERED = 1.3;
    /** The queue has no end in sight, and what came before it was full is not counted. */
    private static final double BEGIN_SECONDS = 0.5;
    private static final int MARGIN_SECONDS = 1;
    private static final double NS_PER_US = 1000;

    /** What came out. */
    static Metric passed(double megabits) {
        String rate = WanPath.plain(megabits);
        return new Metric("rate" + rate, "rate of " + rate + " Mbit/s", "Mbit/s");
    }

    @Override
    public String name() {
        return "rate " + WanPath.plain(megabits) + " Mbit/s";
    }

    @Override
    public double estimateSeconds() {
        return seconds + 2 * MARGIN_SECONDS;
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        wan.impair(pair.b(), new Impairment(0, 0, 0, 0, Math.round(megabits * 1e6), 0, 0, 0, 0, false, 0));
        Iperf iperf = pair.iperf();
        int loadSeconds = seconds + MARGIN_SECONDS;
        iperf.begin(loadSeconds, List.of("-u", "-l", Integer.toString(DATAGRAM_BYTES),
            "-b", Long.toString(Math.round(OFFERED * megabits * 1e6))));
        Deadline.pause(BEGIN_SECONDS);
        long before = arrived(pair.b());
        long beginNs = System.nanoTime();
        Deadline.pause(seconds);
        long frames = arrived(pair.b()) - before;
        double micros = (System.nanoTime() - beginNs) / NS_PER_US;
        recorder.keep("rate" + WanPath.plain(megabits), iperf.end(loadSeconds));
        wan.impair(pair.b(), Impairment.NONE);
        double passed = frames * FRAME_BITS / micros;
        recorder.value(passed(megabits), passed);
        return String.format(Locale.ROOT, "%.3f Mbit/s", passed);
    }

    /** Datagrams so far, also those that a program was too slow for. */
    private static long arrived(End end) {
        List<String> udp = end.run("cat", "/proc/net/snmp").lines().filter(line -> line.startsWith("Udp:")).toList();
        if (udp.size() != 2) {
            throw new BenchException("/proc/net/snmp has no counters of UDP");
        }
        List<String> names = List.of(udp.getFirst().split(" "));
        String[] values = udp.getLast().split(" ");
        return Long.parseLong(values[names.indexOf("InDatagrams")])
            + Long.parseLong(values[names.indexOf("RcvbufErrors")]);
    }
}
