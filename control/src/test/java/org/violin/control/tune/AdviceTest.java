package org.violin.control.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AdviceTest {
    private static final long NEVER = -1;

    private static Measurement measured(Variant transport, double mbits, double wire, double p99Millis, int answered,
            double lost, double late) {
        RoundTrips loaded = new RoundTrips(300, answered, 20_000_000,
            p99Millis < 0 ? NEVER : (long) (p99Millis * 1e6));
        return new Measurement(transport, null,
            new Figures(mbits * 1e6, wire, 5, new RoundTrips(100, 100, 20_300_000, 21_000_000), loaded, lost, late, 0));
    }

    private static List<Variant> chosen(Measurement... measurements) {
        return Advice.of(List.of(measurements), "a", "b").stream().map(Advice::transport).toList();
    }

    /** Recorded over 200 Mbit/s and 20 ms with 1 % of losses by chance each way. */
    @Test
    void lossesThatAreNoSignOfCongestionWantErrorCorrection() {
        List<Advice> advice = Advice.of(List.of(measured(Variant.UDP, 4.45, 1.173, NEVER, 294, 0.01008, 0),
            measured(Variant.UDP_FEC, 134, 1.43, 74.1, 300, 0, 0)), "princeton", "washington");
        assertThat(advice).extracting(Advice::goal).containsExactly(Goal.BULK, Goal.INTERACTIVE, Goal.VIDEO);
        assertThat(advice).extracting(Advice::transport).containsOnly(Variant.UDP_FEC);
        assertThat(advice).extracting(Advice::reason).containsExactly(
            "134 Mbit/s instead of 4.45 Mbit/s with udp, at 22 % more on the wire",
            "99 of 100 answered within 74.1 ms instead of 2.00 % without an answer with udp, at 22 % more on the wire",
            "0.00 % lost or late instead of 1.01 % lost or late with udp, at 22 % more on the wire");
        assertThat(advice).extracting(Advice::line)
            .containsOnly("- { ends: [princeton, washington], fec: auto }");
    }

    /** Recorded over the same path without losses. */
    @Test
    void ofThoseThatAreAsGoodItIsTheSimplest() {
        List<Advice> advice = Advice.of(List.of(measured(Variant.UDP_FEC, 171, 1.1, 23.7, 300, 0, 0),
            measured(Variant.UDP, 175, 1.1, 22.8, 300, 0, 0)), "a", "b");
        assertThat(advice).extracting(Advice::transport).containsOnly(Variant.UDP);
        assertThat(advice.getFirst().reason()).isEqualTo("175 Mbit/s; the others are no better");
        assertThat(advice.getFirst().line()).isEqualTo("- { ends: [a, b], fec: off }");
    }

    @Test
    void whatDiffersFromOneMeasurementToTheNextDecidesNothing() {
        assertThat(chosen(measured(Variant.UDP, 160, 1.1, 29, 300, 0.001, 0),
            measured(Variant.UDP_FEC, 175, 1.1, 20, 300, 0, 0))).containsOnly(Variant.UDP);
    }

    @Test
    void eachGoalHasItsOwn() {
        assertThat(chosen(measured(Variant.UDP, 60, 1.1, 21, 300, 0.004, 0),
            measured(Variant.UDP_FEC, 150, 1.3, 75, 300, 0, 0)))
            .containsExactly(Variant.UDP_FEC, Variant.UDP, Variant.UDP_FEC);
    }

    @Test
    void whatIsLateIsAsGoodAsLost() {
        assertThat(chosen(measured(Variant.UDP, 100, 1.1, 21, 300, 0.01, 0),
            measured(Variant.UDP_FEC, 100, 1.1, 21, 300, 0, 0.05))).containsOnly(Variant.UDP);
    }

    @Test
    void whereAllLoseAnswersTheOneThatLosesFewer() {
        assertThat(chosen(measured(Variant.UDP, 5, 1.1, NEVER, 270, 0.05, 0),
            measured(Variant.UDP_FEC, 5, 1.1, NEVER, 290, 0.05, 0)))
            .containsExactly(Variant.UDP, Variant.UDP_FEC, Variant.UDP);
    }

    @Test
    void whatDoesNotPassIsNotChosen() {
        Measurement fec = measured(Variant.UDP_FEC, 5, 1.3, 30, 300, 0.02, 0);
        List<Advice> advice = Advice.of(List.of(Measurement.failed(Variant.UDP, "nothing comes back"), fec), "a", "b");
        assertThat(advice).extracting(Advice::transport).containsOnly(Variant.UDP_FEC);
        assertThat(advice).extracting(Advice::reason)
            .containsExactly("5.00 Mbit/s", "99 of 100 answered within 30.0 ms", "2.00 % lost or late");
    }

    @Test
    void whereNothingPassesThereIsNothingToChoose() {
        assertThat(Advice.of(List.of(Measurement.failed(Variant.UDP, "nothing comes back")), "a", "b")).isEmpty();
    }
}
