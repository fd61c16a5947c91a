package org.violin.control.identity;

import java.util.Locale;

/** What a {@link ControlPort} counts: what has become of each connection, and of each attempt to make one. */
public enum ControlEvent {
    MADE("This side connected, and both have a key."),
    ACCEPTED("The peer connected, and both have a key."),
    REFUSED_HERE("The other end is not who it has to be: another key, another name, no certificate of the CA, a date."),
    REFUSED_THERE("The other end does not accept this host."),
    UNREACHABLE("Nobody listens at the peer's address, or nothing answers."),
    NOT_OURS("What the other end speaks is not TLS 1.3, or not Violin's control protocol."),
    TIMED_OUT("The other end did not say what it should in time."),
    CROWDED("Closed at once, or before it was done: more connections than are looked at, or no tunnel to give keys."),
    BROKEN("The connection ended half-way.");

    private final String meaning;

    ControlEvent(String meaning) {
        this.meaning = meaning;
    }

    /** Kebab-case, stable from release to release. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** One sentence. */
    public String meaning() {
        return meaning;
    }
}
