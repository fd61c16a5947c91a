package org.violin.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** libviolin's calls for interfaces and packet sockets as Java methods, as {@link Native} has the others. */
final class NativePacket {
    private static final MethodHandle LOOK = Native.bind("violin_device_look", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle OPEN = Native.bind("violin_packet_open", JAVA_INT);
    private static final MethodHandle FILTER =
        Native.bind("violin_packet_filter", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle BIND = Native.bind("violin_packet_bind", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BOUND = Native.bind("violin_packet_bound", JAVA_INT, JAVA_INT);
    private static final MethodHandle JOIN =
        Native.bind("violin_packet_join", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle DROPS = Native.bind("violin_packet_drops", JAVA_INT, JAVA_INT);
    private static final MethodHandle RECEIVE =
        Native.bind("violin_packet_receive", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);

    private NativePacket() {
    }

    static int look(String device, long found) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) LOOK.invokeExact(arena.allocateFrom(device).address(), found);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int open() {
        try {
            return (int) OPEN.invokeExact();
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int filter(int fd, long program, int count) {
        try {
            return (int) FILTER.invokeExact(fd, program, count);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int bind(int fd, int index) {
        try {
            return (int) BIND.invokeExact(fd, index);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int bound(int fd) {
        try {
            return (int) BOUND.invokeExact(fd);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int join(int fd, int index, int kind, long mac) {
        try {
            return (int) JOIN.invokeExact(fd, index, kind, mac);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int drops(int fd) {
        try {
            return (int) DROPS.invokeExact(fd);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int receive(int fd, long slices, int count) {
        try {
            return (int) RECEIVE.invokeExact(fd, slices, count);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }
}
