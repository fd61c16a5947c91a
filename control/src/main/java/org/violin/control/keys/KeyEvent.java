package org.violin.control.keys;

import java.util.Locale;

/**
 * What a {@link KeyAgreement} counts. Every datagram that it is given is counted exactly once, as answered, agreed or
 * under the reason why it was refused.
 */
public enum KeyEvent {
    INITIATED("A handshake was begun: a first message was sent."),
    ANSWERED("A first message was answered, and its keys were installed to be confirmed by the peer."),
    AGREED("An answer to a handshake of this side came, and its keys were installed."),
    CONFIRMED("The peer has shown that it has the keys of a handshake that this side had answered."),

    HANDSHAKE_LENGTH("A datagram that has not a handshake's length."),
    HANDSHAKE_TYPE("A datagram of another version, or one that is no part of a handshake."),
    HANDSHAKE_RESERVED("A handshake with a bit set, in its header, that must be zero."),
    HANDSHAKE_EARLY("A first message that came before any control connection had given a key."),
    HANDSHAKE_REPEATED("A first message that has been seen before, or this side's own."),
    HANDSHAKE_FLOOD("A first message, or an answer, above the rate at which they are looked at."),
    HANDSHAKE_FORGED("A handshake that is not authentic: damaged, forged, or made with another key."),
    HANDSHAKE_FIELD("An authentic handshake with a field out of range."),
    HANDSHAKE_CROSSED("An answer to a handshake that the peer's own, begun at the same time, goes before."),
    HANDSHAKE_CIPHER("A first message that offers no cipher which this side takes."),
    HANDSHAKE_POINT("An authentic first message whose ephemeral key is a point of small order."),
    HANDSHAKE_UNKNOWN("An answer that names no handshake under way: late, repeated or forged.");

    private final String meaning;

    KeyEvent(String meaning) {
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
