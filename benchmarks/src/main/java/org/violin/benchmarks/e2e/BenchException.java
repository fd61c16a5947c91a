package org.violin.benchmarks.e2e;

/** A benchmark, or a part of it, that cannot go on; the message is for the user. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
