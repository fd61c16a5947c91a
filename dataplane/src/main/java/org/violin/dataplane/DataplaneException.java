package org.violin.dataplane;

/**
 * A set-up call that failed. The message names the object, the call and the errno
 * ({@code tap vt0: TUNSETIFF: EBUSY: the name is taken}) and is fit to be shown to an operator as it is.
 */
public final class DataplaneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DataplaneException(String message) {
        super(message);
    }

    public DataplaneException(String message, Throwable cause) {
        super(message, cause);
    }
}
