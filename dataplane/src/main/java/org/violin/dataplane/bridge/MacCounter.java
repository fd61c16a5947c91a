package org.violin.dataplane.bridge;

import org.violin.dataplane.counters.Documented;

/** What a table of stations counts. */
public enum MacCounter implements Documented {
    LEARNED("Stations learned that were not in the table."),
    MOVED("Stations seen on another port than before."),
    AGED("Stations forgotten because nothing came from them for the ageing time."),
    EVICTED("Stations forgotten to make room for another."),
    REFUSED("Stations not learned, for lack of room that their port is entitled to: in the table, or by its limit.");

    private final String meaning;

    MacCounter(String meaning) {
        this.meaning = meaning;
    }

    @Override
    public String label() {
        return "mac-" + Documented.super.label();
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
