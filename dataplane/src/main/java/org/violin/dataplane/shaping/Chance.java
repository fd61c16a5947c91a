package org.violin.dataplane.shaping;

import java.util.SplittableRandom;

/** Something that happens now and then, each time by itself. The same seed gives the same answers. */
public final class Chance {
    private final double probability;
    private final SplittableRandom random;

    /** @param probability 0 to 1 */
    public Chance(double probability, long seed) {
        this.probability = probability;
        random = new SplittableRandom(seed);
    }

    /** Whether it happens this time. */
    public boolean happens() {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** One of the first {@code count} numbers, each as likely. */
    int pick(int count) {
        return random.nextInt(count);
    }

    /** Between -1 and 1, any number as likely. */
    double deviation() {
        return 2 * random.nextDouble() - 1;
    }
}
