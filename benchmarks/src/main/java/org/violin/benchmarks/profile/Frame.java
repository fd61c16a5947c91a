package org.violin.benchmarks.profile;

/**
 * A function in a stack.
 *
 * @param name of the kernel and of native code the symbol, of Java {@code package.Class.method}
 */
public record Frame(String name, Kind kind) {
    /** Whose code it is. */
    public enum Kind {
        /** Not a function: the process or thread that a stack belongs to. */
        PROCESS(""),
        /** Java, compiled or interpreted, and what the JVM makes for it: stubs, adapters. */
        JAVA("_[j]"),
        /** Compiled ahead of time, in user space. */
        NATIVE(""),
        /** The kernel's. */
        KERNEL("_[k]");

        private final String mark;

        Kind(String mark) {
            this.mark = mark;
        }
    }

    /** As other programs that read folded stacks know it: marked as Java or kernel. */
    String folded() {
        return name.replace(';', ':') + kind.mark;
    }

    /** Without the package. */
    String shortName() {
        int method = name.lastIndexOf('.');
        return kind == Kind.JAVA && method > 0 ? name.substring(name.lastIndexOf('.', method - 1) + 1) : name;
    }

    /** The package of a Java method; empty for what is no method, or has none. */
    String javaPackage() {
        int end = 0;
        while (Character.isLowerCase(name.charAt(end)) && name.indexOf('.', end) > 0) {
            end = name.indexOf('.', end) + 1;
        }
        return end == 0 ? "" : name.substring(0, end - 1);
    }
}
