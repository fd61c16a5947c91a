package org.violin.control.host;

/** A request that the daemon refuses, or that failed; the message is fit to be shown to an operator as it is. */
public final class HostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What a caller may want to tell apart. */
    public enum Kind {
        /** The specification contradicts itself. */
        INVALID,
        /** No such network or guest. */
        NOT_FOUND,
        /** It does not fit what the daemon holds now. */
        CONFLICT,
        /** A change failed half-way and was undone: all is as it was before. */
        ROLLED_BACK,
        /** A change failed half-way and could not be undone altogether. */
        HALF_DONE,
        /** The daemon's own directory, lock or journal cannot be used. */
        STATE
    }

    private final Kind kind;

    public HostException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public HostException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
