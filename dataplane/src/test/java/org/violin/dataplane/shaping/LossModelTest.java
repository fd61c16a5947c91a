package org.violin.dataplane.shaping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses against what the model promises, with seeds that are given. */
class LossModelTest {
    private static final int FRAMES = 1_000_000;

    /** Within five standard deviations: of n bursts' number and lengths for the loss, of the mean for the length. */
    @ParameterizedTest
    @CsvSource({"0.001, 0, 1", "0.01, 0, 2", "0.05, 0, 3", "0.5, 0, 4", "0.01, 3, 5", "0.05, 10, 6", "0.2, 2, 7",
        "0.001, 1.1, 8", "0.9, 20, 9"})
    void losesAsManyAndAsManyInARowAsItWasTold(double loss, double burst, long seed) {
        LossModel model = new LossModel(loss, burst, seed);
        double mean = burst == 0 ? 1 / (1 - loss) : burst;
        int lost = 0;
        int bursts = 0;
        boolean before = false;
        for (int i = 0; i < FRAMES; i++) {
            boolean loses = model.loses();
            lost += loses ? 1 : 0;
            bursts += loses && !before ? 1 : 0;
            before = loses;
        }
        double expectedBursts = FRAMES * loss / mean;
        double deviation = 5 * loss * Math.sqrt(2 / expectedBursts);
        assertThat((double) lost / FRAMES).isCloseTo(loss, within(deviation));
        assertThat((double) lost / bursts).isCloseTo(mean, within(5 * mean / Math.sqrt(expectedBursts)));
    }

    @Test
    void allOrNothing() {
        LossModel all = new LossModel(1, 0, 1);
        LossModel none = new LossModel(0, 0, 1);
        for (int i = 0; i < 1000; i++) {
            assertThat(all.loses()).isTrue();
            assertThat(none.loses()).isFalse();
        }
    }

    @Test
    void theSameSeedLosesTheSameFrames() {
        LossModel one = new LossModel(0.3, 4, 42);
        LossModel same = new LossModel(0.3, 4, 42);
        LossModel other = new LossModel(0.3, 4, 43);
        int different = 0;
        for (int i = 0; i < 1000; i++) {
            boolean loses = one.loses();
            assertThat(same.loses()).isEqualTo(loses);
            different += other.loses() == loses ? 0 : 1;
        }
        assertThat(different).isPositive();
    }
}
