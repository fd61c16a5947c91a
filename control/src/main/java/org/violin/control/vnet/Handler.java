package org.violin.control.vnet;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.violin.control.stream.Backoff;
import org.violin.control.stream.StreamRelay;

/** A handler that there is, with a connection or waiting for one. Its state is the work thread's. */
final class Handler {
    private static final long PAUSE_FIRST_MS = 100;
    private static final long PAUSE_MAX_MS = 5_000;

    private final String id;
    private final StreamRelay relay;
    /** Of attempts to connect again: the loop's. */
    private final Backoff backoff = new Backoff(PAUSE_FIRST_MS, PAUSE_MAX_MS);
    private final AtomicReference<Bond> bond = new AtomicReference<>();
    private boolean up;
    private boolean hasBeenUp;
    private Instant since = Instant.now();
    private long sinceNs = System.nanoTime();
    private long dropped;

    /**
     * @param id    what clients call it
     * @param relay between its connection and the dataplane
     */
    Handler(String id, StreamRelay relay) {
        this.id = id;
        this.relay = relay;
    }

    String id() {
        return id;
    }

    StreamRelay relay() {
        return relay;
    }

    Backoff backoff() {
        return backoff;
    }

    /** Any thread: null when it has ended. */
    Bond bond() {
        return bond.get();
    }

    /** Before anybody else knows it. */
    Bond begin(Bond first) {
        bond.set(first);
        return first;
    }

    /** Any thread: has another bond from now on; false if it has ended. */
    boolean bind(Bond next) {
        return bond.updateAndGet(now -> now == null ? null : next) != null;
    }

    /** Has none from now on; the last one. */
    Bond end() {
        return bond.getAndSet(null);
    }

    boolean isUp() {
        return up;
    }

    boolean hasBeenUp() {
        return hasBeenUp;
    }

    /** @param drops all that it has dropped in its life */
    void turn(boolean nowUp, long drops) {
        up = nowUp;
        hasBeenUp |= nowUp;
        since = Instant.now();
        sinceNs = System.nanoTime();
        dropped = drops;
    }

    /** For how long it has been up, or waiting. */
    long seconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - sinceNs);
    }

    /** As given to {@link #turn}. */
    long dropped() {
        return dropped;
    }

    /** As HANDLERS? lists it. */
    String line(Bond now) {
        return "HANDLER " + id + " " + (up ? "up " : "waiting ") + since.truncatedTo(ChronoUnit.SECONDS) + " "
            + now.peer() + " " + now.spec().text();
    }
}
