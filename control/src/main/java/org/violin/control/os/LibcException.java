package org.violin.control.os;

/** A system call that failed. The message has call, object and errno: {@code mkfifo x: EEXIST: File exists}. */
public final class LibcException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    LibcException(String what, int errno) {
        super(what + ": " + Libc.errnoName(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
