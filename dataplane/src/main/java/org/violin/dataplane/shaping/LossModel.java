package org.violin.dataplane.shaping;

import java.util.SplittableRandom;

/**
 * Which frames get lost: a Markov chain of two states (Gilbert, "Capacity of a Burst-Noise Channel", 1960), all of
 * which get through in the one and none in the other. Losses come in bursts of geometrically distributed length; a
 * burst of mean length 1 / (1 - loss) is what chance alone makes.
 */
public final class LossModel {
    private final Chance begins;
    private final Chance ends;
    private boolean bad;

    /**
     * @param loss        the part of all frames that is lost, 0 to less than 1; 1 with any burst loses everything
     * @param burstFrames the mean length of a burst, 1 / (1 - loss) or more; 0: as chance makes them
     */
    public LossModel(double loss, double burstFrames, long seed) {
        double end = loss == 1 ? 0 : burstFrames == 0 ? 1 - loss : 1 / burstFrames;
        double begin = loss == 1 ? 1 : end * loss / (1 - loss);
        SplittableRandom seeds = new SplittableRandom(seed);
        begins = new Chance(begin, seeds.nextLong());
        ends = new Chance(end, seeds.nextLong());
    }

    /** Whether the next frame gets lost. */
    public boolean loses() {
        bad = bad ? !ends.happens() : begins.happens();
        return bad;
    }
}
