package org.violin.benchmarks.paper;

import java.util.Locale;
import org.violin.benchmarks.lab.Veth;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;

/**
 * Which of the paper's two testbeds.
 *
 * @param key   for JSON and file names
 * @param title for tables
 * @param path  between the two LANs; null: a veth pair, as fast as the machine
 */
record Place(String key, String title, WanPath path) {
    static final String LAN = "lan";
    static final String WAN = "wan";
    /** Pings while nothing else passes. */
    static final String IDLE = "rtt";
    /** Pings beside a TCP transfer from the row's first end to its second. */
    static final String LOADED = "loaded";
    /** A TCP transfer from the row's first end to its second. */
    static final String THERE = "there";
    static final String BACK = "back";
    /** The mean of the two. */
    static final String BOTH = "both";
    /** Before one of the three: a longer transfer, by which a verdict is made. */
    static final String VERDICT = "verdict-";

    static Place lan() {
        return new Place(LAN, "LAN", null);
    }

    static Place wan(WanPath path) {
        return new Place(WAN, "WAN", path);
    }

    boolean isWan() {
        return path != null;
    }

    /** What is between the two LANs; the end of a sentence. */
    String network() {
        return path == null ? Veth.WHOLE.description() : String.format(Locale.ROOT,
            "an emulated path of %s Mbit/s each way, with a round trip of %s ms, that loses %.2f %% of the packets each"
                + " way", WanPath.plain(path.rateMegabits()), WanPath.plain(path.rttMillis()), path.lossPercent());
    }

    /** The name of the samples of a ping. */
    String samples(String load) {
        return key + "." + load;
    }

    /** @param what avg, sd, prompt-sd, median, longest (ms), lost, late, held (%), resent (segments) */
    Metric ping(String load, String what) {
        return new Metric(samples(load) + "." + what, title + " " + load + " " + what, switch (what) {
            case "lost", "late", "held" -> "%";
            case "resent" -> "segments";
            default -> "ms";
        });
    }

    /** What arrives by a TCP transfer. */
    Metric transfer(String direction) {
        return new Metric(key + ".tcp." + direction, title + " TCP " + direction, "MB/s");
    }
}
