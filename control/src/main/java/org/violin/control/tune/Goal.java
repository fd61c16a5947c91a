package org.violin.control.tune;

import com.fasterxml.jackson.annotation.JsonValue;

/** What a link may be for. */
public enum Goal {
    /** A TCP stream that goes as fast as it can. */
    BULK("bulk"),
    /** Short questions and answers, beside such a stream. */
    INTERACTIVE("interactive"),
    /** A stream of datagrams at its own pace, for which one that comes too late is as good as lost. */
    VIDEO("lossy video");

    private final String label;

    Goal(String label) {
        this.label = label;
    }

    @JsonValue
    public String label() {
        return label;
    }
}
