package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;

class PathQualityTest {
    private final SplittableRandom random = Seeds.random("PathQualityTest");
    private final ArrivalMeter arrivals = new ArrivalMeter();
    private final PathQuality quality = new PathQuality();
    private long counter = 1000;

    /** A second's datagrams, of which {@code part} are lost, {@code burst} in a row. */
    private void second(int datagrams, double part, int burst) {
        int losing = 0;
        for (int i = 0; i < datagrams; i++) {
            if (losing == 0 && random.nextDouble() < part / burst) {
                losing = burst;
            }
            if (losing > 0) {
                losing--;
                counter++;
            } else {
                arrivals.onReceived(counter++);
            }
        }
        quality.onReport(arrivals.expected(), arrivals.received(), arrivals.gaps());
    }

    /** Some seconds after each of which the round trip is that long. */
    private void seconds(int count, double part, long rttMillis) {
        for (int i = 0; i < count; i++) {
            quality.onRoundTrip(TimeUnit.MILLISECONDS.toNanos(rttMillis));
            second(5000, part, 1);
        }
    }

    @Test
    void lossesAreThoseOfTheLastSeconds() {
        for (int i = 0; i < 20; i++) {
            second(5000, 0.02, 1);
        }
        assertThat(quality.there().part()).isCloseTo(0.02, within(0.005));
        assertThat(quality.there().burst()).isCloseTo(1, within(0.1));
        for (int i = 0; i < 20; i++) {
            second(5000, 0, 1);
        }
        assertThat(quality.there().part()).isLessThan(0.001);
    }

    @Test
    void burstsAreTold() {
        for (int i = 0; i < 20; i++) {
            second(20_000, 0.02, 5);
        }
        assertThat(quality.there().part()).isCloseTo(0.02, within(0.006));
        assertThat(quality.there().burst()).isCloseTo(5, within(0.5));
    }

    @Test
    void whatIsLostWhileAQueueStandsIsToldApart() {
        seconds(10, 0, 20);
        seconds(10, 0.02, 70);
        // What was lost in a second that a queue was there at the beginning of, may have been lost to it.
        seconds(1, 0.02, 21);
        assertThat(quality.there().part()).isCloseTo(0.02, within(0.005));
        assertThat(quality.thereUnqueued().part()).isZero();
        seconds(20, 0.03, 24);
        assertThat(quality.thereUnqueued().part()).as("no queue").isCloseTo(0.03, within(0.007));
    }

    @Test
    void aLongerWayIsAQueueForAMinuteOnly() {
        seconds(1, 0, 20);
        seconds(PathQuality.SAMPLES, 0.05, 100);
        assertThat(quality.thereUnqueued().part()).isZero();
        seconds(20, 0.05, 100);
        assertThat(quality.thereUnqueued().part()).isCloseTo(0.05, within(0.01));
    }

    @Test
    void fewDatagramsTellNothing() {
        for (int i = 0; i < 50; i++) {
            second(10, 0.5, 1);
        }
        assertThat(quality.there().part()).isNaN();
    }

    @Test
    void whatComesLateIsNotLost() {
        for (int i = 0; i < 10_000; i += 4) {
            for (int late : new int[] {0, 2, 1, 3}) {
                arrivals.onReceived(i + late);
            }
        }
        assertThat(arrivals.expected()).isEqualTo(10_000);
        assertThat(arrivals.received()).isEqualTo(10_000);
        assertThat(arrivals.late()).isEqualTo(2500);
        assertThat(arrivals.gaps()).isZero();
    }

    @Test
    void anotherSessionBeginsAnewAndDisturbsNothing() {
        for (int i = 0; i < 5; i++) {
            second(5000, 0.02, 1);
        }
        double before = quality.there().part();
        arrivals.reset();
        counter = 0;
        second(100, 0, 1);
        assertThat(quality.there().part()).isEqualTo(before);
        second(5000, 0.02, 1);
        assertThat(quality.there().part()).isCloseTo(0.02, within(0.01));
    }

    @Test
    void roundTripsOfTheLastMinuteAreKept() {
        for (int i = 0; i < 1000; i++) {
            quality.onRoundTrip(i % 2 == 0 ? 10_000 : 14_000);
        }
        assertThat(quality.roundTrips()).hasSize(PathQuality.SAMPLES).isSorted().startsWith(10_000).endsWith(14_000);
        assertThat(quality.jitterNs()).isEqualTo(4000);
        quality.forgetRoundTrips();
        assertThat(quality.roundTrips()).isEmpty();
        assertThat(quality.jitterNs()).isZero();
    }
}
