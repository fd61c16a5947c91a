package org.violin.dataplane.sys;

/** A set-up call that the kernel refused: {@code tap vt0: TUNSETIFF: EBUSY (the name is taken)}. */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    public KernelException(String object, String call, int errno) {
        super(object + ": " + call + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    /** {@code result}, unless it is a negative errno. */
    static int check(int result, String object, String call) {
        if (result < 0) {
            throw new KernelException(object, call, -result);
        }
        return result;
    }
}
