package org.violin.control;

import java.util.SplittableRandom;

/** Seeds of property tests: printed, and fixed by {@code -Dviolin.seed=N} to run a failure again. */
public final class Seeds {

    private Seeds() {
    }

    public static SplittableRandom random(String test) {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println(test + ": -Dviolin.seed=" + seed);
        return new SplittableRandom(seed);
    }
}
