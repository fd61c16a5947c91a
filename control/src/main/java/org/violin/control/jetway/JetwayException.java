package org.violin.control.jetway;

/** A jetway that cannot be made; the message says why and how to mend it. */
public final class JetwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JetwayException(String message) {
        super(message);
    }
}
