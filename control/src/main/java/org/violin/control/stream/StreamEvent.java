package org.violin.control.stream;

/** What a relay counts. */
public enum StreamEvent {
    CONNECTED("connected", "connections whose other end has proved to be the peer"),
    REPLACED("replaced", "connections that gave way to a newer one of the peer's"),
    CONNECTION_LOST("connection-lost", "connections to the peer that have ended otherwise"),
    CONNECT_FAILED("connect-failed", "attempts that have not come to the peer's hello: nobody there, or a proxy's no"),
    TLS_FAILED("tls-failed", "connections on which TLS was not agreed"),
    HELLO_FOREIGN("hello-foreign", "connections of whoever does not speak this protocol, or not in the same mode"),
    HELLO_FORGED("hello-forged", "connections of whoever has another key"),
    HELLO_UNKNOWN("hello-unknown", "connections for a tunnel that this end does not have, or not by such a stream"),
    HELLO_TIMEOUT("hello-timeout", "connections closed for having said too little in time"),
    HELLO_EVICTED("hello-evicted", "connections closed for newer ones, as too many had not proved anything yet"),
    FLOOD("flood", "connections closed at once, as too many came in a second"),
    BAD_FRAME("bad-frame", "connections to the peer closed for a length that no datagram has"),
    NO_CONNECTION("no-connection", "datagrams dropped as there was no connection", true),
    CODEL("codel", "datagrams dropped as the queue in front of the stream had stood too long", true),
    QUEUE_FULL("queue-full", "datagrams dropped as the queue in front of the stream was full", true),
    RELAY_FULL("relay-full", "datagrams that the relay was too late to read", true),
    DATAPLANE_FULL("dataplane-full", "datagrams from the peer that the dataplane's socket did not take", true);

    private final String label;
    private final String meaning;
    private final boolean drop;

    StreamEvent(String label, String meaning) {
        this(label, meaning, false);
    }

    StreamEvent(String label, String meaning, boolean drop) {
        this.label = label;
        this.meaning = meaning;
        this.drop = drop;
    }

    public String label() {
        return label;
    }

    /** One sentence for people. */
    public String meaning() {
        return meaning;
    }

    /** Whether it counts datagrams that were dropped; else connections. */
    public boolean isDrop() {
        return drop;
    }
}
