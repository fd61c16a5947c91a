package org.violin.dataplane.tunnel;

/**
 * What of a session's datagrams has come, told by their counters: how many, how far they have got, and how those that
 * are missing lie together. A datagram that comes late is taken out of the gap that it had been missed in. Belongs to
 * the worker that receives.
 */
final class ArrivalMeter {
    private long highest = -1;
    private long first = -1;
    private long received;
    private long gaps;
    private long late;

    void reset() {
        highest = -1;
        first = -1;
        received = 0;
        gaps = 0;
        late = 0;
    }

    /** One came that is not a repeat. */
    void onReceived(long counter) {
        received++;
        if (counter > highest) {
            if (highest < 0) {
                first = counter;
            } else if (counter != highest + 1) {
                gaps++;
            }
            highest = counter;
            return;
        }
        late++;
        // The gap was this one datagram, as far as can be told without keeping all of them.
        gaps = Math.max(0, gaps - 1);
    }

    /** From the first that came to the newest, whether they came or not; 0: none has. */
    long expected() {
        return received == 0 ? 0 : highest - first + 1;
    }

    long received() {
        return received;
    }

    /** Runs of datagrams that are missing. */
    long gaps() {
        return gaps;
    }

    /** Datagrams that came after one that was sent later. */
    long late() {
        return late;
    }
}
