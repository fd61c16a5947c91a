package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Footprint;

/** What the C load generators print. */
class LoadOutputTest {

    @Test
    void lossIsWhatTheDeviceTookAndNobodyGot() {
        FrameMeasurement.Counts counts = FrameMeasurement.parse(
            "{\"sent\": 400000, \"refused\": 3, \"ns\": 2000000000}\n",
            "ready\n{\"received\": 300000, \"reordered\": 0, \"socketDrops\": 0, \"ns\": 1999000000}\n");
        assertThat(counts).isEqualTo(new FrameMeasurement.Counts(400_000, 300_000, 2));
        assertThat(counts.lossPercent()).isEqualTo(25);
    }

    @Test
    void aReceiverThatWasKilledHasNoResult() {
        assertThatThrownBy(() -> FrameMeasurement.parse("{\"sent\": 1, \"ns\": 1}\n", "ready\n"))
            .isInstanceOf(BenchException.class).hasMessageContaining("ready");
        assertThatThrownBy(() -> FrameMeasurement.parse("", "")).isInstanceOf(BenchException.class);
    }

    @Test
    void roundTripsCountFromWhenTheRequestWasDue() {
        RttMeasurement.Samples samples = RttMeasurement.parse("""
            sent 4 answered 3
            50000 1000
            60000 0
            9000000 8950000
            """);
        assertThat(samples.histogram().getTotalCount()).isEqualTo(3);
        assertThat((double) samples.histogram().getValueAtPercentile(50)).isCloseTo(60_000, within(100.0));
        assertThat((double) samples.histogram().getMaxValue()).isCloseTo(9_000_000, within(10_000.0));
        assertThat(samples.lostPercent()).isEqualTo(25);
    }

    @Test
    void anythingElseIsNoResult() {
        assertThatThrownBy(() -> RttMeasurement.parse("")).isInstanceOf(BenchException.class);
        assertThatThrownBy(() -> RttMeasurement.parse("rtt: connect: no route\n")).isInstanceOf(BenchException.class);
        assertThatThrownBy(() -> RttMeasurement.parse("sent 1 answered 1\nx y\n")).isInstanceOf(BenchException.class);
    }

    @Test
    void memoryIsResidentAndPeak() {
        assertThat(Footprint.parse("Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n"))
            .isEqualTo(new Footprint(1 << 20, 2 << 20));
        assertThat(Footprint.parse("Name:\tzombie\n")).isEqualTo(new Footprint(0, 0));
    }
}
