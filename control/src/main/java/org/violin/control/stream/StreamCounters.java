package org.violin.control.stream;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** How often what has happened. Written by the loop, read by any thread. */
final class StreamCounters {
    private final AtomicLongArray counts = new AtomicLongArray(StreamEvent.values().length);

    void increment(StreamEvent event) {
        counts.setRelease(event.ordinal(), counts.getPlain(event.ordinal()) + 1);
    }

    /** What somebody else has counted. */
    void set(StreamEvent event, long count) {
        counts.setRelease(event.ordinal(), count);
    }

    /** A copy of those that are not 0. */
    Map<StreamEvent, Long> toMap() {
        Map<StreamEvent, Long> all = new EnumMap<>(StreamEvent.class);
        for (StreamEvent event : StreamEvent.values()) {
            long count = counts.getAcquire(event.ordinal());
            if (count > 0) {
                all.put(event, count);
            }
        }
        return all;
    }

    /** By label, for people. */
    Map<String, Long> byLabel(boolean drops) {
        Map<String, Long> all = new LinkedHashMap<>();
        toMap().forEach((event, count) -> {
            if (event.isDrop() == drops) {
                all.put(event.label(), count);
            }
        });
        return all;
    }
}
