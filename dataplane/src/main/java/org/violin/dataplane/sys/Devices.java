package org.violin.dataplane.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Opens descriptors, on any thread: what takes locks in the kernel must not hold up a worker. Who opens a descriptor
 * closes it ({@link #close}) until a poller's channel has taken it.
 */
public final class Devices {
    /** How many descriptors there are of a device or an address; the values are libviolin's. */
    private static final int ALONE = 0;
    private static final int FIRST = 1;
    private static final int NEXT = 2;

    private Devices() {
    }

    private static int role(int index, int count) {
        return count == 1 ? ALONE : index == 0 ? FIRST : NEXT;
    }

    /**
     * Makes a TAP device of {@code queues} queues, sets its MAC address and MTU and brings it up. It goes away when all
     * descriptors, one a queue, are closed. The kernel keeps a flow on one queue. A device that is there already is
     * refused, and stays as it is.
     *
     * @param mac 48 bits, the first octet the highest; 0: the kernel makes one up
     */
    public static int[] openTap(String device, long mac, int mtu, int queues) {
        String object = "tap " + device;
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            throw new KernelException(object, "/dev/net/tun is missing ('modprobe tun' makes it): open", Errno.ENOENT);
        }
        int[] fds = new int[queues];
        for (int i = 0; i < queues; i++) {
            fds[i] = Native.tapOpen(device, role(i, queues));
            check(fds, i, fds[i], object, "TUNSETIFF");
        }
        check(fds, queues, Native.tapConfigure(device, mac, mtu), object, "set MAC and MTU " + mtu + " and bring up");
        return fds;
    }

    /** Throws if a call has failed, when the first {@code count} descriptors are closed. */
    private static void check(int[] fds, int count, int result, String object, String call) {
        if (result < 0) {
            for (int i = 0; i < count; i++) {
                Native.close(fds[i]);
            }
            throw new KernelException(object, call, -result);
        }
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

    /** What an interface is like in the network namespace of the calling thread; null: there is none of that name. */
    public static HostInterface lookAt(String device) {
        try (OffHeap image = OffHeap.map(Layout.INTERFACE_BYTES)) {
            int result = NativePacket.look(device, image.address());
            if (result == -Errno.ENODEV) {
                return null;
            }
            KernelException.check(result, "interface " + device, "SIOCGIFINDEX");
            UnsafeBuffer found = image.buffer();
            return new HostInterface(found.getInt(Layout.INTERFACE_INDEX), found.getInt(Layout.INTERFACE_MTU),
                found.getInt(Layout.INTERFACE_FLAGS), found.getInt(Layout.INTERFACE_TYPE));
        }
    }

    /**
     * Opens a packet socket for what comes in by an interface and passes the filter: {@code count} descriptors of it.
     * It works as long as the interface is there, and rests while that is down; another interface under the same name
     * needs another socket.
     *
     * @param index of the interface, as {@link #lookAt} tells it
     */
    public static int[] openPacket(String device, int index, PacketFilter filter, int count) {
        String object = "interface " + device;
        int[] fds = new int[count];
        fds[0] = KernelException.check(NativePacket.open(), object, "socket(AF_PACKET)");
        // Before it is bound, so that nothing comes that was not asked for.
        check(fds, 1, attach(fds[0], filter.program()), object, "SO_ATTACH_FILTER");
        check(fds, 1, NativePacket.bind(fds[0], index), object, "bind");
        for (PacketFilter.Membership each : filter.memberships()) {
            check(fds, 1, NativePacket.join(fds[0], index, each.kind(), each.mac()), object, "PACKET_ADD_MEMBERSHIP");
        }
        for (int i = 1; i < count; i++) {
            fds[i] = Native.duplicate(fds[0]);
            check(fds, i, fds[i], object, "dup");
        }
        return fds;
    }

    private static int attach(int fd, List<PacketFilter.Instruction> program) {
        if (program.isEmpty()) {
            return 0;
        }
        try (OffHeap image = OffHeap.map((long) program.size() * Layout.INSTRUCTION_BYTES)) {
            for (int i = 0; i < program.size(); i++) {
                PacketFilter.Instruction each = program.get(i);
                int at = i * Layout.INSTRUCTION_BYTES;
                image.buffer().putShort(at + Layout.INSTRUCTION_CODE, (short) each.code());
                image.buffer().putByte(at + Layout.INSTRUCTION_IF_TRUE, (byte) each.ifTrue());
                image.buffer().putByte(at + Layout.INSTRUCTION_IF_FALSE, (byte) each.ifFalse());
                image.buffer().putInt(at + Layout.INSTRUCTION_OPERAND, each.operand());
            }
            return NativePacket.filter(fd, image.address(), program.size());
        }
    }

    /** The index of the interface that a packet socket is bound to; not positive: that has gone. */
    public static int boundInterface(int fd) {
        return NativePacket.bound(fd);
    }

    /** Frames that found a packet socket's buffer full since the last call. */
    public static int takePacketDrops(int fd) {
        return Math.max(NativePacket.drops(fd), 0);
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

    /**
     * Binds {@code count} UDP sockets to one address; port 0 takes a free one. What comes from a peer goes to the
     * socket that {@link Endpoint#worker} tells. An address that anybody else has is refused.
     */
    public static int[] openUdp(InetSocketAddress local, int count) {
        Endpoint endpoint = Endpoint.of(local);
        String object = "udp " + endpoint;
        int[] fds = new int[count];
        try (OffHeap image = OffHeap.map(Layout.ENDPOINT_BYTES)) {
            for (int i = 0; i < count; i++) {
                endpoint.put(image.buffer(), 0);
                fds[i] = Native.udpOpen(image.address(), role(i, count));
                check(fds, i, fds[i], object, "bind");
                endpoint = Endpoint.of(new InetSocketAddress(local.getAddress(), localPort(fds[0])));
            }
        }
        if (count > 1) {
            check(fds, count, Native.udpSteer(fds[0], count), object, "SO_ATTACH_REUSEPORT_CBPF");
        }
        return fds;
    }

    /**
     * Binds a UDP socket of a port's own; what exceeds the path goes in fragments of IP.
     *
     * @param only  the one endpoint that datagrams come from: the kernel drops others, and tells of what is refused
     *              there, as far as it can; null: they may come from any
     * @param count descriptors of the one socket that are wanted
     */
    public static int[] openUdpPort(InetSocketAddress local, Endpoint only, int count) {
        Endpoint endpoint = Endpoint.of(local);
        String object = "udp " + endpoint;
        int[] fds = new int[count];
        try (OffHeap images = OffHeap.map(2L * Layout.ENDPOINT_BYTES)) {
            endpoint.put(images.buffer(), 0);
            if (only != null) {
                only.put(images.buffer(), Layout.ENDPOINT_BYTES);
            }
            fds[0] = Native.udpOpenPort(images.address(), only == null ? 0 : images.address() + Layout.ENDPOINT_BYTES);
        }
        check(fds, 0, fds[0], object, only == null ? "bind" : "bind, connect to " + only);
        for (int i = 1; i < count; i++) {
            fds[i] = Native.duplicate(fds[0]);
            check(fds, i, fds[i], object, "dup");
        }
        return fds;
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

    /** Another descriptor of the same thing, which lives until both are closed; -1 when the process has too many. */
    public static int duplicate(int fd) {
        return Math.max(Native.duplicate(fd), -1);
    }

    /** Ends a connection for all descriptors of it; they stay open. */
    public static void shutdown(int fd) {
        Native.unixShutdown(fd);
    }

    /** Has the calling thread run on one CPU alone. */
    public static void pinThread(int cpu) {
        KernelException.check(Native.threadPin(cpu), "cpu " + cpu, "sched_setaffinity");
    }

    /**
     * Has the calling thread run before all ordinary ones (SCHED_FIFO), or makes it ordinary again, with short turns.
     *
     * @return false where the process may not do so, or runs by a policy that its user chose
     */
    public static boolean setRealtime(boolean on) {
        return KernelException.check(Native.threadRealtime(on ? 1 : 0), "thread", "sched_setattr") == 1;
    }

    /**
     * Has the calling thread, an ordinary one, ask for short turns (a slice of 100 us): by that Linux 6.12 and later
     * lets it in as soon as it has something to do, instead of after the turn of who runs.
     *
     * @return false where there are no such turns, or the thread runs by a policy that its user chose
     */
    public static boolean requestShortTurns() {
        return KernelException.check(Native.threadShortTurns(), "thread", "sched_setattr") == 1;
    }

    /** The CPU time that the calling thread has had, in nanoseconds. */
    public static long threadCpuNs() {
        return Native.threadCpuNs();
    }

    private static void deleteIfExists(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
