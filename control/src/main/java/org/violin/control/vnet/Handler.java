package org.violin.control.vnet;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.violin.control.stream.Backoff;
import org.violin.control.stream.StreamRelay;

/**
 * A handler that there is: up, by a connection or by UDP; or waiting for a connection. Its state is the work thread's.
 */
final class Handler {
    private static final long PAUSE_FIRST_MS = 100;
    private static final long PAUSE_MAX_MS = 5_000;

    private final String id;
    private final StreamRelay relay;
    /** Of attempts to connect again: the loop's. */
    private final Backoff backoff = new Backoff(PAUSE_FIRST_MS, PAUSE_MAX_MS);
    private final AtomicReference<Bond> bond = new AtomicReference<>();
    /** Whose connection the relay has got last: the loop's. */
    private Bond joined;
    private boolean connected;
    private boolean hasBeenUp;
    /** Of one that may go by UDP, when that was last looked at. */
    private Cables.Via via = Cables.Via.NONE;
    private long viaNs = System.nanoTime();
    private boolean stuck;
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

    Bond joined() {
        return joined;
    }

    void join(Bond next) {
        joined = next;
    }

    /** Has none from now on; the last one. */
    Bond end() {
        return bond.getAndSet(null);
    }

    boolean isUp() {
        return connected || via == Cables.Via.UDP;
    }

    boolean isConnected() {
        return connected;
    }

    boolean hasBeenUp() {
        return hasBeenUp;
    }

    /**
     * There is a connection from now on, or none any more.
     *
     * @param drops all that it has dropped in its life
     */
    void turn(boolean nowConnected, long drops) {
        connected = nowConnected;
        hasBeenUp |= nowConnected;
        begin(drops);
    }

    private void begin(long drops) {
        since = Instant.now();
        sinceNs = System.nanoTime();
        dropped = drops;
    }

    /** Frames go this way now; whether it is another one. */
    boolean go(Cables.Via now, long drops) {
        boolean was = isUp();
        boolean changed = via != now;
        if (changed) {
            via = now;
            viaNs = System.nanoTime();
            stuck = false;
        }
        if (was != isUp()) {
            begin(drops);
        }
        return changed;
    }

    /** Whether it is up and nothing has passed for so long; once. */
    boolean isStuck(long afterSeconds) {
        boolean now = via == Cables.Via.NONE && isUp() && seconds() >= afterSeconds
            && TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - viaNs) >= afterSeconds;
        boolean first = now && !stuck;
        stuck |= now;
        return first;
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
        return "HANDLER " + id + " " + (isUp() ? "up " : "waiting ") + since.truncatedTo(ChronoUnit.SECONDS) + " "
            + now.peer() + " " + now.spec().text() + (now.spec().way().isSealed() ? " VIA " + via : "");
    }
}
