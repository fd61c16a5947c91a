package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Spread;

class SpreadTest {

    @Test
    void aDisturbedRoundDoesNotMoveTheMedian() {
        Spread spread = Spread.of(List.of(10.0, 11.0, 1.0, 12.0, 10.5));
        assertThat(spread).isEqualTo(new Spread(10.5, 1, 12, 0.5, 5));
    }

    @Test
    void anEvenNumberOfRoundsHasItsMedianBetweenTheMiddleTwo() {
        assertThat(Spread.of(List.of(4.0, 1.0, 3.0, 2.0)).median()).isEqualTo(2.5);
    }

    @Test
    void failedRoundsDoNotCount() {
        Spread spread = Spread.of(List.of(Double.NaN, 3.0, Double.POSITIVE_INFINITY));
        assertThat(spread).isEqualTo(new Spread(3, 3, 3, 0, 1));
        assertThat(Spread.of(List.of(Double.NaN)).isEmpty()).isTrue();
    }

    @Test
    void ratiosAreOfTheSameRound() {
        Side fast = Fixtures.side("fast");
        Side slow = Fixtures.side("slow");
        Metric metric = Metric.gigabits("tcp1");
        Results results = new Results();
        results.addSide(fast);
        results.addSide(slow);
        // The machine runs at half speed in the second round; slow has no figure in the third.
        double[][] rounds = {{10, 2}, {5, 1}, {12, Double.NaN}, {11, 2}};
        for (int round = 0; round < rounds.length; round++) {
            results.record(fast, metric, round, rounds[round][0]);
            if (Double.isFinite(rounds[round][1])) {
                results.record(slow, metric, round, rounds[round][1]);
            }
        }
        Spread ratio = results.ratio(fast, slow, metric);
        assertThat(ratio.count()).isEqualTo(3);
        assertThat(ratio.median()).isEqualTo(5);
        assertThat(ratio.max()).isCloseTo(5.5, within(1e-9));
    }
}
