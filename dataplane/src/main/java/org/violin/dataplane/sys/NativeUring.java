package org.violin.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/** libviolin's io_uring calls as Java methods, as {@link Native} has the others. */
final class NativeUring {
    private static final MethodHandle OPEN = Native.bind("violin_uring_open", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = Native.bind("violin_uring_close", JAVA_INT, JAVA_LONG);
    private static final MethodHandle ENABLE = Native.bind("violin_uring_enable", JAVA_INT, JAVA_INT);
    private static final MethodHandle ENTER =
        Native.bind("violin_uring_enter", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PROVIDE =
        Native.bind("violin_uring_provide", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle WITHDRAW = Native.bind("violin_uring_withdraw", JAVA_INT, JAVA_INT, JAVA_INT);

    private NativeUring() {
    }

    static int open(long ring, int entries, int completions) {
        try {
            return (int) OPEN.invokeExact(ring, entries, completions);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int close(long ring) {
        try {
            return (int) CLOSE.invokeExact(ring);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int enable(int fd) {
        try {
            return (int) ENABLE.invokeExact(fd);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int enter(int fd, int submit, int wait, long timeoutNs) {
        try {
            return (int) ENTER.invokeExact(fd, submit, wait, timeoutNs);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int provide(int fd, int group, long address, int entries, int minLeft) {
        try {
            return (int) PROVIDE.invokeExact(fd, group, address, entries, minLeft);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int withdraw(int fd, int group) {
        try {
            return (int) WITHDRAW.invokeExact(fd, group);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }
}
