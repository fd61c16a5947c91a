package org.violin.dataplane.sys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * libviolin's functions as Java methods. Pointers travel as longs: the callers own off-heap memory and know its
 * address, and a long costs no object. Results are the C functions' own: negative is -errno.
 */
final class Native {
    /** The version of the contract that these signatures and {@link Layout} were written for. */
    static final int ABI_VERSION = 10;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final SymbolLookup LIBRARY = load();

    private static final MethodHandle ABI = bind("violin_abi_version", INT);
    private static final MethodHandle ABI_LAYOUT = bind("violin_abi_layout", INT, INT);
    private static final MethodHandle MEMORY_MAP = bind("violin_memory_map", LONG, LONG);
    private static final MethodHandle MEMORY_UNMAP = bind("violin_memory_unmap", INT, LONG, LONG);
    private static final MethodHandle EPOLL_CREATE = bind("violin_epoll_create", INT);
    private static final MethodHandle EPOLL_ADD = bind("violin_epoll_add", INT, INT, INT, INT, LONG);
    private static final MethodHandle EPOLL_REMOVE = bind("violin_epoll_remove", INT, INT, INT);
    private static final MethodHandle EPOLL_WAIT = bind("violin_epoll_wait", INT, INT, LONG, INT, LONG);
    private static final MethodHandle EVENTFD_CREATE = bind("violin_eventfd_create", INT);
    private static final MethodHandle EVENTFD_SIGNAL = bind("violin_eventfd_signal", INT, INT);
    private static final MethodHandle EVENTFD_DRAIN = bind("violin_eventfd_drain", INT, INT);
    private static final MethodHandle FD_CLOSE = bind("violin_fd_close", INT, INT);
    private static final MethodHandle FD_DUPLICATE = bind("violin_fd_duplicate", INT, INT);
    private static final MethodHandle THREAD_PIN = bind("violin_thread_pin", INT, INT);
    private static final MethodHandle THREAD_CPU_NS = bind("violin_thread_cpu_ns", LONG);
    private static final MethodHandle THREAD_REALTIME = bind("violin_thread_realtime", INT, INT);
    private static final MethodHandle THREAD_SHORT_TURNS = bind("violin_thread_short_turns", INT);
    private static final MethodHandle TAP_OPEN = bind("violin_tap_open", INT, LONG, INT);
    private static final MethodHandle TAP_OFFLOAD = bind("violin_tap_offload", INT, INT);
    private static final MethodHandle TAP_CONFIGURE = bind("violin_tap_configure", INT, LONG, LONG, INT);
    private static final MethodHandle TAP_READ = bind("violin_tap_read", INT, INT, LONG, INT);
    private static final MethodHandle TAP_WRITE = bind("violin_tap_write", INT, INT, LONG, LONG, INT);
    private static final MethodHandle UNIX_LISTEN = bind("violin_unix_listen", INT, LONG);
    private static final MethodHandle UNIX_CONNECT = bind("violin_unix_connect", INT, LONG);
    private static final MethodHandle UNIX_ACCEPT = bind("violin_unix_accept", INT, INT);
    private static final MethodHandle UNIX_IS_HUNG_UP = bind("violin_unix_is_hung_up", INT, INT);
    private static final MethodHandle UNIX_SHUTDOWN = bind("violin_unix_shutdown", INT, INT);
    private static final MethodHandle UNIX_RECEIVE = bind("violin_unix_receive", INT, INT, LONG, INT);
    private static final MethodHandle UNIX_SEND = bind("violin_unix_send", INT, INT, LONG, LONG, INT);
    private static final MethodHandle UDP_OPEN = bind("violin_udp_open", INT, LONG, INT);
    private static final MethodHandle UDP_OPEN_PORT = bind("violin_udp_open_port", INT, LONG, LONG);
    private static final MethodHandle UDP_STEER = bind("violin_udp_steer", INT, INT, INT);
    private static final MethodHandle UDP_OFFLOAD = bind("violin_udp_offload", INT, INT);
    private static final MethodHandle UDP_LOCAL_PORT = bind("violin_udp_local_port", INT, INT);
    private static final MethodHandle UDP_OVERFLOWS = bind("violin_udp_overflows", LONG, INT);
    private static final MethodHandle UDP_PATH_MTU = bind("violin_udp_path_mtu", INT, LONG);
    private static final MethodHandle UDP_RECEIVE = bind("violin_udp_receive", INT, INT, LONG, INT);
    private static final MethodHandle UDP_SEND = bind("violin_udp_send", INT, INT, LONG, LONG, INT);

    static {
        int version = callInt(ABI);
        if (version != ABI_VERSION) {
            throw new UnsatisfiedLinkError("libviolin.so has ABI version " + version + ", this jar needs "
                + ABI_VERSION + ": build both from the same source");
        }
    }

    private Native() {
    }

    static int abiLayout(int index) {
        try {
            return (int) ABI_LAYOUT.invokeExact(index);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static long memoryMap(long bytes) {
        try {
            return (long) MEMORY_MAP.invokeExact(bytes);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int memoryUnmap(long address, long bytes) {
        try {
            return (int) MEMORY_UNMAP.invokeExact(address, bytes);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int epollCreate() {
        return callInt(EPOLL_CREATE);
    }

    static int epollAdd(int epoll, int fd, int events, long token) {
        try {
            return (int) EPOLL_ADD.invokeExact(epoll, fd, events, token);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int epollRemove(int epoll, int fd) {
        try {
            return (int) EPOLL_REMOVE.invokeExact(epoll, fd);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int epollWait(int epoll, long events, int count, long timeoutNs) {
        try {
            return (int) EPOLL_WAIT.invokeExact(epoll, events, count, timeoutNs);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int eventfdCreate() {
        return callInt(EVENTFD_CREATE);
    }

    static int eventfdSignal(int fd) {
        try {
            return (int) EVENTFD_SIGNAL.invokeExact(fd);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int eventfdDrain(int fd) {
        return callInt(EVENTFD_DRAIN, fd);
    }

    static int close(int fd) {
        return callInt(FD_CLOSE, fd);
    }

    static int duplicate(int fd) {
        return callInt(FD_DUPLICATE, fd);
    }

    static int threadPin(int cpu) {
        return callInt(THREAD_PIN, cpu);
    }

    static long threadCpuNs() {
        try {
            return (long) THREAD_CPU_NS.invokeExact();
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int threadRealtime(int on) {
        return callInt(THREAD_REALTIME, on);
    }

    static int threadShortTurns() {
        return callInt(THREAD_SHORT_TURNS);
    }

    static int tapOpen(String device, int role) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) TAP_OPEN.invokeExact(arena.allocateFrom(device).address(), role);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int tapOffload(int fd) {
        return callInt(TAP_OFFLOAD, fd);
    }

    static int tapConfigure(String device, long mac, int mtu) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) TAP_CONFIGURE.invokeExact(arena.allocateFrom(device).address(), mac, mtu);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int tapRead(int fd, long slices, int count) {
        try {
            return (int) TAP_READ.invokeExact(fd, slices, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int tapWrite(int fd, long parts, long messages, int count) {
        try {
            return (int) TAP_WRITE.invokeExact(fd, parts, messages, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int unixListen(String path) {
        return callWithString(UNIX_LISTEN, path);
    }

    static int unixConnect(String path) {
        return callWithString(UNIX_CONNECT, path);
    }

    static int unixAccept(int fd) {
        return callInt(UNIX_ACCEPT, fd);
    }

    static int unixIsHungUp(int fd) {
        return callInt(UNIX_IS_HUNG_UP, fd);
    }

    static int unixShutdown(int fd) {
        return callInt(UNIX_SHUTDOWN, fd);
    }

    static int unixReceive(int fd, long slices, int count) {
        try {
            return (int) UNIX_RECEIVE.invokeExact(fd, slices, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int unixSend(int fd, long parts, long messages, int count) {
        try {
            return (int) UNIX_SEND.invokeExact(fd, parts, messages, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int udpOpen(long endpoint, int role) {
        try {
            return (int) UDP_OPEN.invokeExact(endpoint, role);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** @param only 0: none */
    static int udpOpenPort(long local, long only) {
        try {
            return (int) UDP_OPEN_PORT.invokeExact(local, only);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int udpSteer(int fd, int count) {
        try {
            return (int) UDP_STEER.invokeExact(fd, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int udpOffload(int fd) {
        return callInt(UDP_OFFLOAD, fd);
    }

    static int udpLocalPort(int fd) {
        return callInt(UDP_LOCAL_PORT, fd);
    }

    static long udpOverflows(int fd) {
        try {
            return (long) UDP_OVERFLOWS.invokeExact(fd);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int udpPathMtu(long endpoint) {
        return callWithAddress(UDP_PATH_MTU, endpoint);
    }

    static int udpReceive(int fd, long datagrams, int count) {
        try {
            return (int) UDP_RECEIVE.invokeExact(fd, datagrams, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int udpSend(int fd, long parts, long messages, int count) {
        try {
            return (int) UDP_SEND.invokeExact(fd, parts, messages, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static int callInt(MethodHandle function) {
        try {
            return (int) function.invokeExact();
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static int callInt(MethodHandle function, int argument) {
        try {
            return (int) function.invokeExact(argument);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static int callWithAddress(MethodHandle function, long address) {
        try {
            return (int) function.invokeExact(address);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static int callWithString(MethodHandle function, String argument) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) function.invokeExact(arena.allocateFrom(argument).address());
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static AssertionError broken(Throwable e) {
        return new AssertionError("a downcall cannot throw", e);
    }

    static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
        MemorySegment symbol = LIBRARY.find(name).orElseThrow(() -> new UnsatisfiedLinkError("libviolin.so: " + name));
        return Linker.nativeLinker().downcallHandle(symbol, FunctionDescriptor.of(result, arguments));
    }

    /** The library is unpacked from the jar; once it is mapped, its file can go. */
    private static SymbolLookup load() {
        String resource = "/org/violin/native/linux-x86_64/libviolin.so";
        try (InputStream in = Native.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new UnsatisfiedLinkError("no " + resource + " on the class path: Violin runs on Linux x86-64");
            }
            Path file = Files.createTempFile("libviolin", ".so");
            try {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                return SymbolLookup.libraryLookup(file, Arena.global());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("unpacking libviolin.so: is the temporary directory writable?", e);
        }
    }
}
