package org.violin.benchmarks.lab;

import java.math.BigDecimal;
import org.violin.dataplane.Impairment;

/**
 * One kind of path between two hosts, the same in both directions.
 *
 * @param lossPercent of all packets, each way
 * @param burst       the mean number of packets lost in a row; 0: as chance makes them
 * @param rttMillis   the round trip of an idle path, half of it each way
 */
public record WanPath(double rateMegabits, double rttMillis, double lossPercent, double burst) {

    /** For file names and JSON: {@code rtt20-loss0.1-burst3}. */
    public String key() {
        return "rtt" + plain(rttMillis) + "-loss" + plain(lossPercent) + (burst == 0 ? "" : "-burst" + plain(burst));
    }

    /** For tables of one round trip: {@code 0.1 %}, {@code 0.1 % x3}. */
    public String loss() {
        return plain(lossPercent) + " %" + (burst == 0 ? "" : " x" + plain(burst));
    }

    /** For lines of text. */
    public String title() {
        return plain(rttMillis) + " ms " + loss();
    }

    /** Or it is as the other path in all; else a side that has learned what that is like has something to unlearn. */
    public boolean onlyLosesMoreThan(WanPath other) {
        return rttMillis == other.rttMillis && lossPercent >= other.lossPercent && burst >= other.burst;
    }

    /** One direction of it. Throws {@link IllegalArgumentException} if there is no such path. */
    public Impairment impairment(long seed) {
        return new Impairment(Math.round(rttMillis / 2 * 1e6), 0, lossPercent / 100, burst,
            Math.round(rateMegabits * 1e6), 0, 0, 0, 0, false, seed);
    }

    /** As people write it: without zeros that say nothing. */
    public static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }
}
