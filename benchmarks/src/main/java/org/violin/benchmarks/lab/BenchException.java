package org.violin.benchmarks.lab;

/** A benchmark, or a part of it, that cannot go on; the message is for the user. */
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong and what would help, for the user */
    public BenchException(String message) {
        super(message);
    }

    /** The same, with what caused it. */
    public BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
