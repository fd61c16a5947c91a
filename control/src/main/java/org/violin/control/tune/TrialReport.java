package org.violin.control.tune;

/**
 * What one end of a trial has come to.
 *
 * @param ageMillis since it began
 * @param phase     what it is at, in a word or two; {@link #DONE}: at nothing more
 * @param failure   why there are no figures; null: there is no reason yet
 * @param sent      null before it is done, and at the end that receives
 * @param received  so far; null at the end that sends
 */
public record TrialReport(long ageMillis, String phase, String failure, Sent sent, Received received) {
    public static final String DONE = "done";

    public boolean hasEnded() {
        return phase.equals(DONE);
    }

    /**
     * What the end that sends knows.
     *
     * @param datagrams of the paced stream that count
     * @param cpuNanos  of the daemon, its load's left out, while the bulk stream was measured
     * @param wireBytes that the tunnel sent meanwhile
     * @param alone     round trips with nothing beside them
     * @param loaded    round trips beside the bulk stream
     */
    public record Sent(int datagrams, long cpuNanos, long wireBytes, RoundTrips alone, RoundTrips loaded) {
    }

    /**
     * What the end that receives knows.
     *
     * @param bulkBytes of the bulk stream, in {@code bulkNanos}
     * @param cpuNanos  of the daemon, its load's left out, meanwhile
     * @param datagrams of the paced stream that count and have come, each once
     * @param late      those that took {@link DatagramCount#LATE_NANOS} longer than the fastest
     * @param reordered those that came after one that was sent later
     */
    public record Received(long bulkBytes, long bulkNanos, long cpuNanos, int datagrams, int late, int reordered) {
    }
}
