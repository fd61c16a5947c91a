package org.violin.dataplane;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures what the current thread allocates. */
public final class Allocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocations() {
    }

    /** Bytes that one run of the work allocates, after as many runs as it takes to load and compile it. */
    public static long of(int warmUps, Runnable work) {
        for (int i = 0; i < warmUps; i++) {
            work.run();
        }
        long thread = Thread.currentThread().threadId();
        THREADS.getThreadAllocatedBytes(thread);
        long before = THREADS.getThreadAllocatedBytes(thread);
        work.run();
        return THREADS.getThreadAllocatedBytes(thread) - before;
    }
}
