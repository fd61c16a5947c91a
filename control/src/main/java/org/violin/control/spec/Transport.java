package org.violin.control.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What carries a tunnel's datagrams. */
public enum Transport {
    UDP("udp"),
    TCP("tcp"),
    TLS("tls"),
    /** Datagrams where they pass, and TLS where they do not. */
    AUTO("auto");

    private final String label;

    Transport(String label) {
        this.label = label;
    }

    /**
     * Reads a {@link #label}.
     *
     * @throws IllegalArgumentException with a message that says what is expected
     */
    @JsonCreator
    public static Transport parse(String text) {
        return Arrays.stream(values()).filter(transport -> transport.label.equals(text)).findFirst().orElseThrow(() ->
            new IllegalArgumentException("'" + text + "': one of "
                + Arrays.stream(values()).map(Transport::label).collect(Collectors.joining(", "))));
    }

    /** As people write it. */
    @JsonValue
    public String label() {
        return label;
    }

    /** Whether it is a stream and nothing else. */
    public boolean isStream() {
        return this == TCP || this == TLS;
    }
}
