package org.violin.dataplane.sys;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The part of {@link Native} that corrects errors, loaded when the first tunnel wants it. */
final class NativeFec {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final MethodHandle TABLES = Native.bind("violin_fec_tables", INT, LONG);
    private static final MethodHandle DECODE = Native.bind("violin_fec_decode", INT, LONG);
    private static final MethodHandle ADD = Native.bind("violin_fec_add", INT, LONG, LONG, INT);

    private NativeFec() {
    }

    static int tables(long memory) {
        return call(TABLES, memory);
    }

    static int decode(long decode) {
        return call(DECODE, decode);
    }

    static int add(long encoder, long datagram, int bytes) {
        try {
            return (int) ADD.invokeExact(encoder, datagram, bytes);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }

    private static int call(MethodHandle function, long address) {
        try {
            return (int) function.invokeExact(address);
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }
}
