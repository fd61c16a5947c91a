package org.violin.dataplane.bridge;

import org.violin.dataplane.counters.Documented;

/** What a table of groups counts. */
public enum GroupCounter implements Documented {
    JOINED("Memberships noted that were not in the table."),
    AGED("Memberships forgotten because no report renewed them in time, after a leave too."),
    REFUSED("Memberships not noted, for lack of room or of their port's share: the port gets all groups instead.");

    private final String meaning;

    GroupCounter(String meaning) {
        this.meaning = meaning;
    }

    @Override
    public String label() {
        return "group-" + Documented.super.label();
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
