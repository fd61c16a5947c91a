package org.violin.dataplane;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** System calls that tests make as a host's programs do, apart from the code under test. Numbers are of x86-64. */
public final class Libc {
    /** Of {@link #openTap}. */
    public static final int O_NONBLOCK = 0x800;
    public static final int IFF_VNET_HDR = 0x4000;

    static final int CLONE_NEWNET = 0x4000_0000;
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_PACKET = 17;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_SEQPACKET = 5;
    static final int IPPROTO_IP = 0;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_PMTUDISC_DO = 2;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int SOL_PACKET = 263;
    static final int PACKET_VNET_HDR = 15;
    static final int MSG_DONTWAIT = 0x40;
    static final int SHUT_RDWR = 2;
    static final int ENOBUFS = 105;
    static final int EAGAIN = 11;

    private static final int O_RDWR = 2;
    private static final long TUNSETIFF = 0x4004_54CAL;
    private static final int IFF_TAP_NO_PI = 2 | 0x1000;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ_BYTES = 40;
    private static final short POLLIN = 1;

    static {
        Native.register("c");
    }

    private Libc() {
    }

    static native int unshare(int flags) throws LastErrorException;

    static native int gettid();

    static native int socket(int family, int type, int protocol) throws LastErrorException;

    static native int bind(int fd, byte[] address, int length) throws LastErrorException;

    static native int connect(int fd, byte[] address, int length) throws LastErrorException;

    static native int setsockopt(int fd, int level, int option, int[] value, int length) throws LastErrorException;

    static native long send(int fd, byte[] bytes, long count, int flags) throws LastErrorException;

    static native long recv(int fd, byte[] bytes, long count, int flags) throws LastErrorException;

    public static native long read(int fd, byte[] bytes, long count) throws LastErrorException;

    public static native long write(int fd, byte[] bytes, long count) throws LastErrorException;

    static native int if_nametoindex(String device) throws LastErrorException;

    static native int shutdown(int fd, int how) throws LastErrorException;

    public static native int close(int fd) throws LastErrorException;

    private static native int open(String path, int flags) throws LastErrorException;

    public static native int ioctl(int fd, long request, long argument) throws LastErrorException;

    private static native int ioctl(int fd, long request, byte[] argument) throws LastErrorException;

    private static native int poll(long[] pollFds, long count, int timeoutMs) throws LastErrorException;

    /**
     * Makes a TAP device, of one queue and without the packet information; its reads and writes are complete frames.
     *
     * @param openFlags 0 or {@link #O_NONBLOCK}
     * @param tapFlags  0 or {@link #IFF_VNET_HDR}: without it the device has no offloads
     */
    public static int openTap(String device, int openFlags, int tapFlags) {
        int fd = open("/dev/net/tun", O_RDWR | openFlags);
        byte[] request = Arrays.copyOf(device.getBytes(StandardCharsets.US_ASCII), IFREQ_BYTES);
        int flags = IFF_TAP_NO_PI | tapFlags;
        request[IFNAMSIZ] = (byte) flags;
        request[IFNAMSIZ + 1] = (byte) (flags >>> 8);
        ioctl(fd, TUNSETIFF, request);
        return fd;
    }

    /** Connects to a unix SEQPACKET socket. */
    static int connectUnix(Path path) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        byte[] address = new byte[Short.BYTES + name.length + 1];
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, Short.BYTES, name.length);
        int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        connect(fd, address, address.length);
        return fd;
    }

    static void setOption(int fd, int level, int option, int value) {
        setsockopt(fd, level, option, new int[] {value}, Integer.BYTES);
    }

    public static boolean isReadable(int fd, int timeoutMs) {
        return poll(new long[] {fd | (long) POLLIN << 32}, 1, timeoutMs) > 0;
    }
}
