package org.violin.control.vnet;

import java.util.Locale;

/** What a server says no with: {@code ERROR}, a word for programs, and a sentence for people. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int TEXT_MAX = 400;

    /** Why, for programs (docs/vnet.md, Errors). */
    enum Word {
        SYNTAX, TOO_LONG, ORDER, VERSION, PASSWORD, BUSY, LIMIT, TIMEOUT, ROLE, DEVICE, MAC, TRANSPORT, HANDLER, REMOTE,
        FAILED;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Word word;

    Refusal(Word word, String text) {
        super(text);
        this.word = word;
    }

    Word word() {
        return word;
    }

    /** The line; some of the text may be what somebody else has said. */
    String line() {
        String text = getMessage().replaceAll("[^ -~]", "?");
        return "ERROR " + word.label() + " " + text.substring(0, Math.min(text.length(), TEXT_MAX));
    }
}
