package org.violin.control.stream;

/** Whoever is at the other end has not proved to be the peer; the message says what is wrong, for people. */
final class HelloException extends Exception {
    private static final long serialVersionUID = 1;

    private final StreamEvent event;

    HelloException(StreamEvent event, String message) {
        super(message);
        this.event = event;
    }

    StreamEvent event() {
        return event;
    }
}
