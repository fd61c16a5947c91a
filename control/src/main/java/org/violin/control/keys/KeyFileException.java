package org.violin.control.keys;

/** A key file cannot be used or made. The message names the file, what is wrong and, where known, how to mend it. */
public final class KeyFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public KeyFileException(String message) {
        super(message);
    }
}
