package org.violin.control.stream;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What is told to people: failures of one kind once a minute, however many there are, until there is a connection. */
final class Notices {
    private static final long AGAIN_NS = TimeUnit.MINUTES.toNanos(1);

    private final Consumer<String> listener;
    private final Map<StreamEvent, Long> toldNs = new EnumMap<>(StreamEvent.class);
    private final Map<StreamEvent, Integer> untold = new EnumMap<>(StreamEvent.class);

    Notices(Consumer<String> listener) {
        this.listener = listener;
    }

    void tell(String text) {
        listener.accept(text);
    }

    void connected(String peer) {
        toldNs.clear();
        listener.accept("connected to " + peer);
    }

    /** @param who did it, of many perhaps */
    void failure(StreamEvent event, String who, String what) {
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
