package org.violin.control.stream;

/** What carries a tunnel's datagrams. */
public enum Transport {
    UDP("udp"),
    TCP("tcp"),
    TLS("tls"),
    /** Datagrams where they pass, and TLS where they do not: see {@link TransportChoice}. */
    AUTO("auto");

    private final String label;

    Transport(String label) {
        this.label = label;
    }

    /** As people write it. */
    public String label() {
        return label;
    }

    /** Whether it is a stream and nothing else. */
    public boolean isStream() {
        return this == TCP || this == TLS;
    }
}
