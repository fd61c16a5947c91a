package org.violin.control.client;

/** A daemon that refused, failed or does not answer. The message names the host and is fit for an operator. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** In place of an HTTP status: the daemon does not answer at all. */
    public static final int UNREACHABLE = 0;

    private final int status;

    public ApiException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** HTTP status, or {@link #UNREACHABLE}. */
    public int status() {
        return status;
    }

    public boolean unreachable() {
        return status == UNREACHABLE;
    }

    /** It is understood, and does not fit what the daemon is or holds. */
    public boolean refused() {
        return status == 409;
    }

    public boolean notFound() {
        return status == 404;
    }
}
