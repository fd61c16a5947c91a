package org.violin.control.spec;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * One direction of a line that is worse than it need be. Parts are of one: 0.01 is 1 %. The bounds are the dataplane's.
 *
 * @param delayNanos        that every frame takes
 * @param jitterNanos       by which it takes more or less
 * @param loss              the part that gets lost
 * @param burstFrames       the mean number lost in a row; 0: as chance makes it
 * @param rateBitsPerSecond of the bottleneck; 0: none
 * @param queueBytes        before the bottleneck; 0: what passes in 50 ms, 64 KiB or more
 * @param reorder           the part that takes no delay
 * @param duplicate         the part that comes twice
 * @param corrupt           the part that has one bit turned over
 * @param down              nothing passes
 * @param seed              of all chances; each port makes others of it
 */
public record LineSpec(long delayNanos, long jitterNanos, double loss, double burstFrames, long rateBitsPerSecond,
    int queueBytes, double reorder, double duplicate, double corrupt, boolean down, long seed) {

    /** A line that is as good as it is. */
    public static final LineSpec NONE = new LineSpec(0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0);

    private static final String[] TIMES = {"ns", "us", "ms", "s"};
    private static final String[] RATES = {"bit", "kbit", "Mbit", "Gbit"};
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** Whether frames pass as they would without it, whatever the seed. */
    public boolean changesNothing() {
        return equals(NONE.withSeed(seed));
    }

    public LineSpec withDown(boolean nowDown) {
        return new LineSpec(delayNanos, jitterNanos, loss, burstFrames, rateBitsPerSecond, queueBytes, reorder,
            duplicate, corrupt, nowDown, seed);
    }

    public LineSpec withSeed(long newSeed) {
        return new LineSpec(delayNanos, jitterNanos, loss, burstFrames, rateBitsPerSecond, queueBytes, reorder,
            duplicate, corrupt, down, newSeed);
    }

    /** In the words and units of topology files: {@code delay 20ms, loss 1%}; empty where there is nothing to say. */
    public String text() {
        List<String> words = new ArrayList<>();
        add(words, down, "down");
        add(words, delayNanos > 0, "delay " + scaled(delayNanos, TIMES));
        add(words, jitterNanos > 0, "jitter " + scaled(jitterNanos, TIMES));
        add(words, loss > 0, "loss " + percent(loss));
        add(words, burstFrames > 0, "burst " + plain(BigDecimal.valueOf(burstFrames)));
        add(words, rateBitsPerSecond > 0, "rate " + scaled(rateBitsPerSecond, RATES));
        add(words, queueBytes > 0, "queue " + size(queueBytes));
        add(words, reorder > 0, "reorder " + percent(reorder));
        add(words, duplicate > 0, "duplicate " + percent(duplicate));
        add(words, corrupt > 0, "corrupt " + percent(corrupt));
        add(words, seed != 0, "seed " + seed);
        return String.join(", ", words);
    }

    private static void add(List<String> words, boolean holds, String word) {
        if (holds) {
            words.add(word);
        }
    }

    /** In the largest unit of which there is at least one; each is 1000 of the one before. */
    private static String scaled(long value, String[] units) {
        int unit = 0;
        long one = 1;
        while (unit + 1 < units.length && value / one >= 1000) {
            one *= 1000;
            unit++;
        }
        return plain(BigDecimal.valueOf(value, 3 * unit)) + units[unit];
    }

    private static String size(int bytes) {
        return bytes % MIB == 0 ? bytes / MIB + "MiB" : bytes % KIB == 0 ? bytes / KIB + "KiB" : bytes + "B";
    }

    private static String percent(double part) {
        return plain(BigDecimal.valueOf(part).movePointRight(2)) + "%";
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
