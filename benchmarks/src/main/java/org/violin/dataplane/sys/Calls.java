package org.violin.dataplane.sys;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** C functions that do next to nothing, called as {@link Native} calls its own. */
public final class Calls {
    private static final MethodHandle GETPPID = getppidHandle();

    private Calls() {
    }

    private static MethodHandle getppidHandle() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find("getppid").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT));
    }

    /** A function of libviolin that reads a number from a table. */
    public static int nothing() {
        return Native.abiLayout(0);
    }

    /** A system call that reads one number: its C library keeps no copy of it. */
    public static int getppid() {
        try {
            return (int) GETPPID.invokeExact();
        } catch (Throwable e) {
            throw Native.broken(e);
        }
    }
}
