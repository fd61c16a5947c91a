package org.violin.control.os;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.file.Path;

/**
 * The system calls that the JDK lacks. Thread-safe. Each throws {@link LibcException} unless it says otherwise. Numbers
 * are those of Linux on x86-64.
 */
public final class Libc {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    public static final int ESRCH = 3;
    public static final int ENXIO = 6;
    public static final int EAGAIN = 11;

    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private static final int CLONE_NEWNET = 0x4000_0000;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {
    }

    /** @param mode as in {@code 0600}, before the umask */
    public static void makeFifo(Path path, int mode) {
        try {
            mkfifo(path.toString(), mode);
        } catch (LastErrorException e) {
            throw new LibcException("mkfifo " + path, e.getErrorCode());
        }
    }

    /** Returns whether the process was there to get the signal. Signal 0 only asks. */
    public static boolean sendSignal(long pid, int signal) {
        if (pid <= 1 || pid > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("pid: " + pid); // 0 and -1 would reach far more than one process
        }
        try {
            kill((int) pid, signal);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == ESRCH) {
                return false;
            }
            throw new LibcException("kill " + pid, e.getErrorCode());
        }
    }

    /** Returns a file descriptor, to be given to {@link #closeFile}. */
    public static int openFile(Path path, int flags, int mode) {
        try {
            return open(path.toString(), flags, mode);
        } catch (LastErrorException e) {
            throw new LibcException("open " + path, e.getErrorCode());
        }
    }

    /** Returns how many bytes were written. */
    public static int writeFile(int fd, byte[] bytes, int length) {
        try {
            return Math.toIntExact(write(fd, bytes, length));
        } catch (LastErrorException e) {
            throw new LibcException("write", e.getErrorCode());
        }
    }

    public static void closeFile(int fd) {
        try {
            close(fd);
        } catch (LastErrorException e) {
            throw new LibcException("close", e.getErrorCode());
        }
    }

    /** Where the first bytes at or after {@code offset} are that a file has on the disk; -1: there are none. */
    public static long seekData(int fd, long offset) {
        try {
            return lseek(fd, offset, SEEK_DATA);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == ENXIO) {
                return -1;
            }
            throw new LibcException("lseek", e.getErrorCode());
        }
    }

    /** Where the first hole at or after {@code offset} begins; there is one at the end of each file. */
    public static long seekHole(int fd, long offset) {
        try {
            return lseek(fd, offset, SEEK_HOLE);
        } catch (LastErrorException e) {
            throw new LibcException("lseek", e.getErrorCode());
        }
    }

    /** Takes an exclusive flock without waiting; false: somebody else holds it. Closing the descriptor ends it. */
    public static boolean tryLock(int fd) {
        try {
            flock(fd, LOCK_EX | LOCK_NB);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EAGAIN) {
                return false;
            }
            throw new LibcException("flock", e.getErrorCode());
        }
    }

    public static int effectiveUserId() {
        return geteuid();
    }

    public static boolean isRoot() {
        return geteuid() == 0;
    }

    /** Sets the process's umask and returns the one before. */
    public static int setUmask(int mask) {
        return umask(mask);
    }

    /** Moves the calling thread to a new network namespace, which those that it starts inherit. */
    public static void unshareNetwork() {
        try {
            unshare(CLONE_NEWNET);
        } catch (LastErrorException e) {
            throw new LibcException("unshare (network)", e.getErrorCode());
        }
    }

    /** Moves the calling thread to the network namespace that {@code fd} stands for. */
    public static void enterNetwork(int fd) {
        try {
            setns(fd, CLONE_NEWNET);
        } catch (LastErrorException e) {
            throw new LibcException("setns (network)", e.getErrorCode());
        }
    }

    /** {@code EPERM: Operation not permitted}. */
    public static String errnoName(int errno) {
        String name = strerrorname_np(errno);
        return name == null ? "errno " + errno : name + ": " + strerror(errno);
    }

    private static native int mkfifo(String path, int mode) throws LastErrorException;

    private static native int kill(int pid, int signal) throws LastErrorException;

    private static native int open(String path, int flags, int mode) throws LastErrorException;

    private static native long write(int fd, byte[] bytes, long length) throws LastErrorException;

    private static native int close(int fd) throws LastErrorException;

    private static native long lseek(int fd, long offset, int whence) throws LastErrorException;

    private static native int flock(int fd, int operation) throws LastErrorException;

    private static native int geteuid();

    private static native int umask(int mask);

    private static native int unshare(int flags) throws LastErrorException;

    private static native int setns(int fd, int kind) throws LastErrorException;

    private static native String strerrorname_np(int errno);

    private static native String strerror(int errno);
}
