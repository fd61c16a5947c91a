package org.violin.benchmarks.profile;

import java.util.List;

/**
 * Where a CPU was at one moment.
 *
 * @param thread name of the thread, of at most 15 characters
 * @param pid    of its process; 0 is a CPU that runs none
 * @param stack  from the outermost caller to the function that was running; empty if it could not be read
 */
public record Sample(String thread, long pid, List<Frame> stack) {
    /** Of no program, but of a thread of the kernel's, or of an interrupt on an idle CPU. */
    public boolean isOfKernel() {
        return pid == 0 || !stack.isEmpty() && stack.getFirst().name().startsWith("ret_from_fork");
    }

    /** The kernel's loop for a CPU without work, and not an interrupt in it. */
    boolean isIdle() {
        return pid == 0 && stack.stream().noneMatch(frame -> frame.name().contains("softirq"));
    }
}
