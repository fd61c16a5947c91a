package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.Seeds;

class FecControlTest {
    private static final int BLOCKS = 200_000;
    private static final long DATAGRAMS = 1_000_000;

    private final FecControl control = FecControl.adaptive(false);

    @Test
    void nothingIsSentForLossesThatHardlyHurt() {
        assertThat(FecControl.wanted(0, 1)).isZero();
        assertThat(FecControl.wanted(0.0019, 1)).isZero();
        assertThat(FecControl.wanted(Double.NaN, 1)).isZero();
    }

    /** Held to chance itself: blocks that are lost for good are rarer than one in some thousands. */
    @ParameterizedTest
    @ValueSource(doubles = {0.002, 0.005, 0.01, 0.02, 0.03, 0.05})
    void parityIsEnoughAndNotTooMuch(double loss) {
        int shape = FecControl.wanted(loss, 1);
        int members = FecControl.members(shape);
        int rows = FecControl.rows(shape);
        assertThat((double) rows / members).as("%d+%d", members, rows)
            .isLessThanOrEqualTo(loss <= 0.01 ? 0.3 : 0.6);
        SplittableRandom random = Seeds.random("FecControlTest");
        int lostForGood = 0;
        for (int block = 0; block < BLOCKS; block++) {
            int lost = 0;
            for (int i = 0; i < members + rows; i++) {
                lost += random.nextDouble() < loss ? 1 : 0;
            }
            lostForGood += lost > rows ? 1 : 0;
        }
        assertThat(lostForGood).as("blocks of %d lost at %d+%d", BLOCKS, members, rows).isLessThan(BLOCKS / 1000);
    }

    @Test
    void overheadIsBoundedWhateverIsLost() {
        for (double loss = 0; loss <= 1; loss += 0.01) {
            int shape = FecControl.wanted(loss, 1);
            assertThat(FecControl.rows(shape)).isLessThanOrEqualTo(FecControl.members(shape) * 6 / 10);
        }
    }

    @Test
    void burstsAreSpread() {
        assertThat(FecControl.depth(FecControl.wanted(0.01, 1))).isEqualTo(1);
        assertThat(FecControl.depth(FecControl.wanted(0.01, 2))).isEqualTo(2);
        assertThat(FecControl.depth(FecControl.wanted(0.01, 3))).isEqualTo(4);
        assertThat(FecControl.depth(FecControl.wanted(0.01, 20))).isEqualTo(8);
    }

    private static PathQuality.Losses losses(double part, double burst) {
        PathQuality.Losses losses = new PathQuality.Losses();
        losses.onCount(DATAGRAMS, Math.round(DATAGRAMS * (1 - part)), Math.round(DATAGRAMS * part / burst), 0);
        return losses;
    }

    /** On a path without queues. */
    private void lose(double part, double burst, long nowNs) {
        PathQuality.Losses losses = losses(part, burst);
        control.onLoss(losses, losses, nowNs);
    }

    @Test
    void lossesToAQueueAreWorthNoParity() {
        control.onLoss(losses(0.05, 14), losses(0, 1), 0);
        assertThat(control.shape()).isZero();
        control.onLoss(losses(0.05, 14), new PathQuality.Losses(), 1);
        assertThat(control.shape()).as("nothing is known but of such").isZero();
        control.onLoss(losses(0.05, 14), losses(0.01, 1), 2);
        int shape = control.shape();
        assertThat(shape).as("for the others alone").isEqualTo(FecControl.wanted(0.01, 1));
        control.onLoss(losses(0.05, 14), losses(0.01, 1), FecControl.PATIENCE_NS + 3);
        assertThat(control.shape()).isEqualTo(shape);
    }

    /** A queue may hide for how long there have been none. */
    @Test
    void lossesThatWereTakeNoPartWhenThereAreNone() {
        control.onLoss(losses(0, 1), losses(0.01, 1), 0);
        assertThat(control.shape()).isZero();
        lose(0.01, 1, 1);
        control.onLoss(losses(0, 1), losses(0.01, 1), 2);
        control.onLoss(losses(0, 1), losses(0.01, 1), FecControl.PATIENCE_NS + 2);
        assertThat(control.shape()).isZero();
    }

    @Test
    void moreIsTakenAtOnceAndLessAfterPatience() {
        lose(0.01, 1, 0);
        int much = control.shape();
        assertThat(much).isEqualTo(FecControl.wanted(0.01, 1));
        lose(0, 1, 1);
        assertThat(control.shape()).isEqualTo(much);
        lose(0.003, 1, FecControl.PATIENCE_NS / 2);
        lose(0, 1, FecControl.PATIENCE_NS);
        assertThat(control.shape()).as("not yet").isEqualTo(much);
        lose(0, 1, FecControl.PATIENCE_NS + 1);
        assertThat(control.shape()).as("the most that was wanted since").isEqualTo(FecControl.wanted(0.003, 1));
        lose(0.05, 1, FecControl.PATIENCE_NS + 2);
        assertThat(control.shape()).isEqualTo(FecControl.wanted(0.05, 1));
    }

    @Test
    void aRelapseBeginsThePatienceAnew() {
        lose(0.01, 1, 0);
        int much = control.shape();
        lose(0, 1, 1);
        lose(0.01, 1, FecControl.PATIENCE_NS);
        lose(0, 1, FecControl.PATIENCE_NS + 1);
        lose(0, 1, 2 * FecControl.PATIENCE_NS);
        assertThat(control.shape()).isEqualTo(much);
        lose(0, 1, 2 * FecControl.PATIENCE_NS + 1);
        assertThat(control.shape()).isZero();
    }

    @Test
    void aFixedShapeStays() {
        FecControl fixed = FecControl.fixed(10, 3, 4, false);
        PathQuality.Losses losses = losses(0.5, 9);
        fixed.onLoss(losses, losses, 0);
        assertThat(fixed.shape()).isEqualTo(FecControl.shape(10, 3, 4));
    }
}
