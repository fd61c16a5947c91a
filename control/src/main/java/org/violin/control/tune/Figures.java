package org.violin.control.tune;

import java.util.Locale;

/**
 * What was measured of one transport, as guests see it.
 *
 * @param bitsPerSecond of one TCP stream
 * @param wireRatio     bytes that the tunnel sent for each byte of the stream that arrived
 * @param cpuSecondsPerGb of both daemons, for 10^9 bytes of the stream
 * @param alone         round trips with nothing beside them
 * @param loaded        round trips beside the stream
 * @param lost          the part of a paced stream's datagrams that did not arrive, 0 to 1
 * @param late          the part that arrived late, 0 to 1
 * @param reordered     the part that arrived after one that was sent later, 0 to 1
 */
public record Figures(double bitsPerSecond, double wireRatio, double cpuSecondsPerGb, RoundTrips alone,
    RoundTrips loaded, double lost, double late, double reordered) {

    /** Of both ends' reports, with a stream that has arrived. */
    static Figures of(TrialReport.Sent sent, TrialReport.Received received) {
        double bytes = received.bulkBytes();
        double seconds = received.bulkNanos() / 1e9;
        double datagrams = sent.datagrams();
        return new Figures(bytes * Byte.SIZE / seconds, sent.wireBytes() / bytes,
            (sent.cpuNanos() + received.cpuNanos()) / bytes, sent.alone(), sent.loaded(),
            1 - received.datagrams() / datagrams, received.late() / datagrams, received.reordered() / datagrams);
    }

    /** A number with about three digits, for people. */
    public static String text(double number) {
        return String.format(Locale.ROOT, number >= 99.95 ? "%.0f" : number >= 9.995 ? "%.1f" : "%.2f", number);
    }
}
