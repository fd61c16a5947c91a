package org.violin.dataplane;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.violin.dataplane.shaping.Bottleneck;
import org.violin.dataplane.shaping.Chance;
import org.violin.dataplane.shaping.ImpairedLine;
import org.violin.dataplane.shaping.LossModel;

/**
 * What a wide-area network does to the frames that leave by a port, done on purpose. Frames pass, in this order, a
 * bottleneck, loss, duplication, and corruption and delay of each copy. The same seed and frames have the same fate,
 * but for what depends on when they come.
 *
 * @param delayNs           that every frame takes, in nanoseconds; at most {@value #MAX_DELAY_NS}
 * @param jitterNs          by which it takes more or less, any number up to this as likely; at most the delay. Frames
 *                          keep their order
 * @param loss              the part of all frames that gets lost, 0 to 1
 * @param burstFrames       the mean number of frames lost in a row; 0: what chance alone makes, 1 / (1 - loss)
 * @param rateBitsPerSecond of the bottleneck, counting Ethernet frames without FCS; 0: none
 * @param queueBytes        before the bottleneck: a frame that finds more is dropped; 0: what passes in 50 ms, 64 KiB
 *                          or more
 * @param reorder           the part of all frames that takes no delay, and so overtakes others
 * @param duplicate         the part that comes twice
 * @param corrupt           the part that has one bit turned over
 * @param down              nothing passes
 * @param seed              of all chances
 */
public record Impairment(long delayNs, long jitterNs, double loss, double burstFrames, long rateBitsPerSecond,
    int queueBytes, double reorder, double duplicate, double corrupt, boolean down, long seed) {

    public static final long MAX_DELAY_NS = 60_000_000_000L;
    public static final long MIN_RATE = 1_000;
    public static final long MAX_RATE = 1_000_000_000_000L;
    public static final int MAX_QUEUE_BYTES = 64 << 20;
    /** A line that changes nothing. */
    public static final Impairment NONE = new Impairment(0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0);

    private static final int MIN_QUEUE_BYTES = 64 * 1024;
    private static final long QUEUE_PER_SECOND = 20;
    private static final int MIN_MEMORY_BYTES = 1 << 20;
    private static final int MAX_MEMORY_BYTES = 1 << 28;
    /** For frames under way on a line without a bottleneck. */
    private static final int DEFAULT_MEMORY_BYTES = 1 << 26;

    /** Throws {@link IllegalArgumentException}, whose message names what is out of bounds, as users know it. */
    public Impairment {
        require(delayNs >= 0 && delayNs <= MAX_DELAY_NS, "delay: %d ns: 0 to %d", delayNs, MAX_DELAY_NS);
        require(jitterNs >= 0 && jitterNs <= delayNs, "jitter: %d ns: at most the delay, %d ns", jitterNs, delayNs);
        requirePart("loss", loss);
        require(burstFrames == 0 || loss > 0 && loss < 1 && burstFrames <= 1e6 && burstFrames * (1 - loss) >= 1 - 1e-9,
            "burst: %s frames, loss: %s: with a loss between 0 and 1, from 1 / (1 - loss) to 1000000 frames",
            burstFrames, loss);
        require(rateBitsPerSecond == 0 || rateBitsPerSecond >= MIN_RATE && rateBitsPerSecond <= MAX_RATE,
            "rate: %d bit/s: %d to %d", rateBitsPerSecond, MIN_RATE, MAX_RATE);
        require(queueBytes == 0 || rateBitsPerSecond > 0, "queue: %d bytes: needs a rate", queueBytes);
        require(queueBytes >= 0 && queueBytes <= MAX_QUEUE_BYTES, "queue: %d bytes: at most %d", queueBytes,
            MAX_QUEUE_BYTES);
        requirePart("reorder", reorder);
        require(reorder == 0 || delayNs > 0, "reorder: %s: frames overtake by not being delayed: needs a delay",
            reorder);
        requirePart("duplicate", duplicate);
        requirePart("corrupt", corrupt);
    }

    private static void requirePart(String name, double part) {
        require(part >= 0 && part <= 1, "%s: %s: 0 to 1", name, part);
    }

    private static void require(boolean good, String fault, Object... values) {
        if (!good) {
            throw new IllegalArgumentException(fault.formatted(values));
        }
    }

    /** A line that does so; null where it would change nothing. */
    ImpairedLine newLine() {
        if (equals(new Impairment(0, 0, 0, 0, 0, 0, 0, 0, 0, false, seed))) {
            return null;
        }
        int queue = queueBytes > 0 ? queueBytes
            : Math.clamp(rateBitsPerSecond / Byte.SIZE / QUEUE_PER_SECOND, MIN_QUEUE_BYTES, MAX_QUEUE_BYTES);
        // Each has a generator of its own, so that turning one off does not change another.
        SplittableRandom seeds = new SplittableRandom(seed);
        return new ImpairedLine(new ImpairedLine.Models(down, new Bottleneck(rateBitsPerSecond, queue),
            new LossModel(loss, burstFrames, seeds.nextLong()), delayNs, jitterNs, new Chance(1, seeds.nextLong()),
            new Chance(reorder, seeds.nextLong()), new Chance(duplicate, seeds.nextLong()),
            new Chance(corrupt, seeds.nextLong())), memoryBytes(queue));
    }

    /** Twice what can be under way, as small frames take that much. */
    private int memoryBytes(int queue) {
        if (rateBitsPerSecond == 0) {
            return DEFAULT_MEMORY_BYTES;
        }
        double seconds = (double) (delayNs + jitterNs) / TimeUnit.SECONDS.toNanos(1);
        double bytes = 2 * (queue + seconds * rateBitsPerSecond / Byte.SIZE);
        int needed = (int) Math.clamp(bytes, MIN_MEMORY_BYTES, MAX_MEMORY_BYTES);
        return Integer.highestOneBit(2 * needed - 1);
    }
}
