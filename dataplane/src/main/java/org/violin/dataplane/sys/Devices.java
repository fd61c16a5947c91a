package org.violin.dataplane.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens descriptors, on any thread: what takes locks in the kernel must not hold up a worker. Who opens a descriptor
 * closes it ({@link #close}) until a poller's channel has taken it.
 */
public final class Devices {
    private Devices() {
    }

    /** Makes a TAP device, sets its MTU and brings it up. It goes away when the descriptor is closed. */
    public static int openTap(String device, int mtu) {
        String object = "tap " + device;
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            throw new KernelException(object, "/dev/net/tun is missing ('modprobe tun' makes it): open", Errno.ENOENT);
        }
        int fd = KernelException.check(Native.tapOpen(device), object, "TUNSETIFF");
        int result = Native.tapConfigure(device, mtu);
        if (result < 0) {
            Native.close(fd);
            throw new KernelException(object, "set MTU " + mtu + " and bring up", -result);
        }
        return fd;
    }

    /** Asks a TAP to leave to others what it can: what that is, for {@link Poller#tap} and {@link #describeTap}. */
    public static int tapOffload(int fd) {
        return Native.tapOffload(fd);
    }

    /** What a TAP leaves to others, for people; empty: nothing. */
    public static String describeTap(int offload) {
        return (offload & Layout.TAP_UDP) != 0 ? "csum tso uso"
            : (offload & Layout.TAP_TCP) != 0 ? "csum tso" : (offload & Layout.TAP_CHECKSUM) != 0 ? "csum" : "";
    }

    /**
     * Listens for guests at {@code path}. A socket file that a dead process left behind is replaced; one that
     * answers is somebody else's.
     */
    public static int listenUnix(Path path) {
        String object = "socket " + path;
        int fd = Native.unixListen(path.toString());
        if (fd == -Errno.EADDRINUSE) {
            int probe = Native.unixConnect(path.toString());
            if (probe >= 0) {
                Native.close(probe);
                throw new KernelException(object, "bind", Errno.EADDRINUSE);
            }
            deleteIfExists(path);
            fd = Native.unixListen(path.toString());
        }
        return KernelException.check(fd, object, "bind");
    }

    /** Accepts a guest; -1 when none is waiting. */
    public static int acceptUnix(int fd) {
        return Math.max(Native.unixAccept(fd), -1);
    }

    /** Connects to a unix SEQPACKET socket, as a guest does. */
    public static int connectUnix(Path path) {
        return KernelException.check(Native.unixConnect(path.toString()), "socket " + path, "connect");
    }

    /** Binds a UDP socket; port 0 takes a free one. */
    public static int openUdp(InetSocketAddress local) {
        Endpoint endpoint = Endpoint.of(local);
        try (OffHeap image = OffHeap.map(Layout.ENDPOINT_BYTES)) {
            endpoint.put(image.buffer(), 0);
            return KernelException.check(Native.udpOpen(image.address()), "udp " + endpoint, "bind");
        }
    }

    /** The port a UDP socket is bound to. */
    public static int localPort(int fd) {
        return KernelException.check(Native.udpLocalPort(fd), "udp socket", "getsockname");
    }

    /** The MTU of the route to {@code remote} in bytes, as the kernel knows it. */
    public static int pathMtu(Endpoint remote) {
        try (OffHeap image = OffHeap.map(Layout.ENDPOINT_BYTES)) {
            remote.put(image.buffer(), 0);
            return KernelException.check(Native.udpPathMtu(image.address()), "path to " + remote, "connect");
        }
    }

    public static void close(int fd) {
        Native.close(fd);
    }

    private static void deleteIfExists(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
