package org.violin.control.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.violin.control.tune.TrialReport.Received;
import org.violin.control.tune.TrialReport.Sent;

/** How what the two ends have counted becomes figures. */
class MeasurementTest {
    private static final long MILLI = 1_000_000;
    private static final RoundTrips ROUND_TRIPS = new RoundTrips(100, 100, 1, 2);

    private static TrialReport sender(Sent sent, String failure) {
        return new TrialReport(0, TrialReport.DONE, failure, sent, null);
    }

    private static TrialReport receiver(Received received) {
        return new TrialReport(0, "receiving", null, null, received);
    }

    @Test
    void bothEndsMakeTheFigures() {
        Figures figures = Measurement.of(Variant.UDP,
            sender(new Sent(1200, 40 * MILLI, 62_500_000, ROUND_TRIPS, ROUND_TRIPS), null),
            receiver(new Received(50_000_000, 2000 * MILLI, 60 * MILLI, 1188, 6, 12))).figures();
        assertThat(figures.bitsPerSecond()).isEqualTo(200e6);
        assertThat(figures.wireRatio()).isEqualTo(1.25);
        assertThat(figures.cpuSecondsPerGb()).isCloseTo(2, within(1e-9));
        assertThat(figures.lost()).isCloseTo(0.01, within(1e-9));
        assertThat(figures.late()).isEqualTo(0.005);
        assertThat(figures.reordered()).isEqualTo(0.01);
    }

    @Test
    void aPathThatDiesIsAResult() {
        Received nothing = new Received(0, 0, 0, 10, 0, 0);
        assertThat(Measurement.of(Variant.UDP, sender(null, "nothing comes back"), receiver(nothing)).failure())
            .isEqualTo("nothing comes back");
        assertThat(Measurement.of(Variant.UDP, sender(new Sent(10, 0, 0, ROUND_TRIPS, ROUND_TRIPS), null),
            receiver(nothing)).failure()).contains("path died");
    }

    @Test
    void aQuestionWithoutAnAnswerTakesForEver() {
        long[] answers = LongStream.rangeClosed(1, 98).map(i -> 99 - i).toArray();
        assertThat(RoundTrips.of(100, answers)).isEqualTo(new RoundTrips(100, 98, 50, -1));
        assertThat(RoundTrips.of(98, answers)).isEqualTo(new RoundTrips(98, 98, 49, 98));
        assertThat(RoundTrips.of(1, new long[0])).isEqualTo(new RoundTrips(1, 0, -1, -1));
    }

    private static void take(DatagramCount count, int number, long sentMillis, long receivedMillis) {
        ByteBuffer datagram = ByteBuffer.allocate(DatagramCount.BYTES);
        DatagramCount.write(datagram, number, sentMillis * MILLI);
        count.take(datagram, receivedMillis * MILLI);
    }

    /** The two clocks have nothing to do with each other. */
    @Test
    void datagramsCountOnceInTheirWindowAndLateBehindTheFastest() {
        DatagramCount count = new DatagramCount(1);
        take(count, -1, 0, 5_000);
        take(count, 0, 10, 5_020);
        take(count, 2, 30, 5_031);
        take(count, 1, 20, 5_032);
        take(count, 1, 20, 5_033);
        take(count, 3, 40, 5_142);
        take(count, DatagramCount.PER_SECOND, 50, 5_050);
        count.take(ByteBuffer.allocate(12), 5_050 * MILLI);
        assertThat(count.count()).isEqualTo(4);
        assertThat(count.reordered()).isOne();
        assertThat(count.late()).isOne();
    }

    @Test
    void theBulkStreamCountsFromItsPaceToTheEndOfTheWindow() {
        BulkCount count = new BulkCount(new DaemonCpu(), 3000 * MILLI);
        assertThat(count.nanos(0)).isZero();
        count.begin(-5);
        long from = 2000 * MILLI - 5;
        count.take(1, from - 1);
        assertThat(count.bytes()).isZero();
        count.take(10, from);
        count.take(100, from + 3000 * MILLI - 1);
        assertThat(count.nanos(from + 1000 * MILLI)).isEqualTo(1000 * MILLI);
        count.take(1000, from + 3000 * MILLI);
        count.take(10_000, from + 1);
        assertThat(count.bytes()).isEqualTo(110);
        assertThat(count.nanos(from + 9000 * MILLI)).isEqualTo(3000 * MILLI);
        assertThat(count.cpuNanos()).isNotNegative();
    }

    @Test
    void transportsAreAskedForByTheirNames() {
        assertThat(Variant.parseList("udp+fec,udp,udp+fec")).containsExactly(Variant.UDP, Variant.UDP_FEC);
        assertThatThrownBy(() -> Variant.parseList("udp,")).hasMessage("'': udp, udp+fec, tcp, tls");
        assertThatThrownBy(() -> Variant.parseList("sctp")).hasMessageContaining("'sctp': udp");
    }
}
