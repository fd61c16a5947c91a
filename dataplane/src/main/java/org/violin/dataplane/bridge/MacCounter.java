package org.violin.dataplane.bridge;

import org.violin.dataplane.counters.Documented;

/** What a table of stations counts. */
public enum MacCounter implements Documented {
    LEARNED("mac-learned", "Stations learned that were not in the table."),
    MOVED("mac-moved", "Stations seen on another port than before."),
    AGED("mac-aged", "Stations forgotten because nothing came from them for the ageing time."),
    EVICTED("mac-evicted", "Stations forgotten to make room for another."),
    REFUSED("mac-refused", "Stations not learned, for lack of room that their port is entitled to.");

    private final String label;
    private final String meaning;

    MacCounter(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
