package org.violin.control.stream;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Counts failures, and tells people what happens: failures of one kind once a minute, however many there are, until
 * there is a connection.
 */
final class Notices {
    private static final long AGAIN_NS = TimeUnit.MINUTES.toNanos(1);

    private final StreamCounters counters;
    private final Consumer<String> listener;
    private final Map<StreamEvent, Long> toldNs = new EnumMap<>(StreamEvent.class);
    private volatile String trouble = "";
    private final Map<StreamEvent, Integer> untold = new EnumMap<>(StreamEvent.class);

    Notices(StreamCounters counters, Consumer<String> listener) {
        this.counters = counters;
        this.listener = listener;
    }

    void tell(String text) {
        listener.accept(text);
    }

    /** Any thread: the last failure; empty: none since there was a connection. */
    String trouble() {
        return trouble;
    }

    void connected(String peer) {
        toldNs.clear();
        trouble = "";
        listener.accept("connected to " + peer);
    }

    /** @param who did it, of many perhaps */
    void failure(StreamEvent event, String who, String what) {
        counters.increment(event);
        trouble = who + " " + what;
        long nowNs = System.nanoTime();
        Long lastNs = toldNs.get(event);
        if (lastNs != null && nowNs - lastNs < AGAIN_NS) {
            untold.merge(event, 1, Integer::sum);
            return;
        }
        toldNs.put(event, nowNs);
        Integer others = untold.remove(event);
        listener.accept(who + " " + what + (others == null ? "" : " (" + others + " more since the last time)"));
    }
}
