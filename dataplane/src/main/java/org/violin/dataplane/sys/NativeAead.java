package org.violin.dataplane.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The part of {@link Native} that seals and opens, loaded when the first key comes. */
final class NativeAead {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final MethodHandle NEW = Native.bind("violin_aead_new", LONG, INT, INT, LONG);
    private static final MethodHandle FREE = Native.bind("violin_aead_free", INT, LONG);
    private static final MethodHandle SEAL = Native.bind("violin_aead_seal", INT, LONG, LONG, INT);
    private static final MethodHandle OPEN = Native.bind("violin_aead_open", INT, LONG, LONG, INT);

    private NativeAead() {
    }

    static long create(int cipher, boolean seals, byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, key);
            try {
                return (long) NEW.invokeExact(cipher, seals ? 1 : 0, copy.address());
            } finally {
                copy.fill((byte) 0);
            }
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int free(long aead) {
        try {
            return (int) FREE.invokeExact(aead);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int seal(long aead, long datagrams, int count) {
        try {
            return (int) SEAL.invokeExact(aead, datagrams, count);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    static int open(long aead, long datagrams, int count) {
        try {
            return (int) OPEN.invokeExact(aead, datagrams, count);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }
}
