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
    private final PathQuality quality = new PathQuality(0);
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
        quality.onReport(arrivals.expected(), arrivals.received(), arrivals.gaps(), arrivals.late());
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
        // What was lost in a second that a queue was there before or after, may have been lost to it.
        seconds(2, 0.02, 21);
        seconds(1, 0.02, 70);
        assertThat(quality.there().part()).isCloseTo(0.02, within(0.005));
        assertThat(quality.thereUnqueued().part()).isZero();
        seconds(20, 0.03, 24);
        assertThat(quality.thereUnqueued().part()).as("no queue").isCloseTo(0.03, within(0.007));
    }

    /** As TCP fills a queue when it begins: within a second, between two round trips that have seen none. */
    @Test
    void aQueueThatIsSeenAfterwardsCounts() {
        seconds(10, 0, 20);
        seconds(1, 0.05, 20);
        seconds(10, 0.01, 70);
        seconds(3, 0, 20);
        assertThat(quality.there().part()).isGreaterThan(0.002);
        assertThat(quality.thereUnqueued().part()).isZero();
    }

    /** Two reports may come with one round trip. */
    @Test
    void aReportAloneSaysNothingOfQueues() {
        seconds(10, 0, 20);
        seconds(1, 0.05, 20);
        second(5000, 0, 1);
        second(5000, 0, 1);
        assertThat(quality.thereUnqueued().part()).isZero();
        seconds(1, 0, 70);
        seconds(4, 0, 20);
        assertThat(quality.thereUnqueued().part()).isZero();
    }

    @Test
    void aLongerWayIsAQueueForAMinuteOnly() {
        seconds(2, 0, 20);
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

    /** A second's datagrams, of which every fourth comes behind the two after it. */
    private void reorderedSecond() {
        for (int i = 0; i < 4000; i += 4) {
            for (int place : new int[] {1, 2, 0, 3}) {
                arrivals.onReceived(counter + i + place);
            }
        }
        counter += 4000;
        quality.onReport(arrivals.expected(), arrivals.received(), arrivals.gaps(), arrivals.late());
    }

    @Test
    void reorderingIsThatOfTheLastSeconds() {
        assertThat(quality.there().reordered()).isNaN();
        for (int i = 0; i < 20; i++) {
            reorderedSecond();
        }
        assertThat(quality.there().reordered()).isCloseTo(0.25, within(0.01));
        assertThat(quality.there().part()).isCloseTo(0, within(1e-9));
        for (int i = 0; i < 40; i++) {
            second(5000, 0.02, 1);
        }
        assertThat(quality.there().reordered()).isLessThan(0.001);
    }

    @Test
    void reorderingIsOfThoseThatCome() {
        quality.onReport(1000, 500, 100, 50);
        assertThat(quality.there().reordered()).isCloseTo(0.1, within(1e-9));
        quality.onReport(2000, 1000, 200, PathQuality.UNORDERED);
        assertThat(quality.there().reordered()).as("of a sender that keeps no order").isNaN();
    }

    @Test
    void whateverAPeerReportsIsAPart() {
        SplittableRandom any = random.split();
        for (int i = 0; i < 100_000; i++) {
            quality.onReport(any.nextLong() >> any.nextInt(64), any.nextLong() >> any.nextInt(64),
                any.nextLong() >> any.nextInt(64), any.nextLong() >>> 1 + any.nextInt(63));
            for (double part : new double[] {quality.there().part(), quality.there().reordered()}) {
                assertThat(Double.isNaN(part) || part >= 0 && part <= 1).as("%s", part).isTrue();
            }
        }
    }

    @Test
    void throughputIsThatOfTheLastSeconds() {
        Throughput throughput = new Throughput(-500);
        long ns = -500;
        long bytes = 0;
        for (int i = 0; i < 30; i++) {
            ns += TimeUnit.MILLISECONDS.toNanos(1000 + 100 * (i % 3));
            bytes += 1_250_000 + 125_000 * (i % 3);
            assertThat(throughput.isDue(ns - TimeUnit.MILLISECONDS.toNanos(300))).isFalse();
            assertThat(throughput.isDue(ns)).isTrue();
            throughput.onBytes(bytes, ns);
            assertThat(throughput.bitsPerSecond()).isCloseTo(10_000_000, within(10L));
        }
        for (int i = 0; i < 10; i++) {
            ns += Throughput.INTERVAL_NS;
            throughput.onBytes(bytes, ns);
        }
        assertThat(throughput.bitsPerSecond()).as("nothing for ten seconds").isBetween(1L, 1_500_000L);
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
