package org.violin.dataplane.sys;

/** The kernel's error numbers (Linux, x86-64) that Violin handles or explains. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EMSGSIZE = 90;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;

    private Errno() {
    }

    /** The number's name and what it means: {@code EADDRINUSE (address already in use)}. */
    public static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (operation not permitted: needs root, or CAP_NET_ADMIN, a packet socket CAP_NET_RAW)";
            case ENOENT -> "ENOENT (no such file or directory)";
            case EIO -> "EIO (the device is down)";
            case EAGAIN -> "EAGAIN (would block)";
            case EACCES -> "EACCES (permission denied)";
            case EBUSY -> "EBUSY (the name is taken)";
            case ENODEV -> "ENODEV (there is no such interface)";
            case EINVAL -> "EINVAL (invalid argument)";
            case ENOSYS -> "ENOSYS (this kernel has it not, or a filter forbids it)";
            case EOPNOTSUPP -> "EOPNOTSUPP (this kernel is too old)";
            case EBADFD -> "EBADFD (the device is gone)";
            case EMSGSIZE -> "EMSGSIZE (message too long)";
            case EADDRINUSE -> "EADDRINUSE (address already in use)";
            case EADDRNOTAVAIL -> "EADDRNOTAVAIL (not an address of this host)";
            case ENETDOWN -> "ENETDOWN (the interface is down: 'ip link set' sets it up)";
            case ENETUNREACH -> "ENETUNREACH (no route)";
            case ENOBUFS -> "ENOBUFS (no buffer space)";
            case ECONNREFUSED -> "ECONNREFUSED (nobody listens there)";
            case EHOSTUNREACH -> "EHOSTUNREACH (host unreachable)";
            default -> "errno " + errno;
        };
    }
}
