package org.violin.control.guest;

/** A guest could not do what was asked. The message names the guest, what is wrong and, where known, how to mend it. */
public final class GuestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GuestException(String message) {
        super(message);
    }

    public GuestException(String message, Throwable cause) {
        super(message, cause);
    }
}
