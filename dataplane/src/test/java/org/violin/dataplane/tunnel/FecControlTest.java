package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.Seeds;

class FecControlTest {
    private static final int BLOCKS = 200_000;

    private final FecControl control = FecControl.adaptive();

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

    @Test
    void moreIsTakenAtOnceAndLessAfterPatience() {
        control.onLoss(0.01, 1, 0);
        int much = control.shape();
        assertThat(much).isEqualTo(FecControl.wanted(0.01, 1));
        control.onLoss(0, 1, 1);
        assertThat(control.shape()).isEqualTo(much);
        control.onLoss(0.003, 1, FecControl.PATIENCE_NS / 2);
        control.onLoss(0, 1, FecControl.PATIENCE_NS);
        assertThat(control.shape()).as("not yet").isEqualTo(much);
        control.onLoss(0, 1, FecControl.PATIENCE_NS + 1);
        assertThat(control.shape()).as("the most that was wanted since").isEqualTo(FecControl.wanted(0.003, 1));
        control.onLoss(0.05, 1, FecControl.PATIENCE_NS + 2);
        assertThat(control.shape()).isEqualTo(FecControl.wanted(0.05, 1));
    }

    @Test
    void aRelapseBeginsThePatienceAnew() {
        control.onLoss(0.01, 1, 0);
        int much = control.shape();
        control.onLoss(0, 1, 1);
        control.onLoss(0.01, 1, FecControl.PATIENCE_NS);
        control.onLoss(0, 1, FecControl.PATIENCE_NS + 1);
        control.onLoss(0, 1, 2 * FecControl.PATIENCE_NS);
        assertThat(control.shape()).isEqualTo(much);
        control.onLoss(0, 1, 2 * FecControl.PATIENCE_NS + 1);
        assertThat(control.shape()).isZero();
    }

    @Test
    void aFixedShapeStays() {
        FecControl fixed = FecControl.fixed(10, 3, 4);
        fixed.onLoss(0.5, 9, 0);
        assertThat(fixed.shape()).isEqualTo(FecControl.shape(10, 3, 4));
    }
}
