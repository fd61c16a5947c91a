package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Measures what the current thread or the workers allocate. */
public final class Allocations {
    private static final int ROUNDS = 4;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocations() {
    }

    /**
     * Bytes that one run of the work allocates, after as many runs as it takes to load and compile it: the least of
     * some runs, as the JVM allocates on the thread itself when it gives up compiled code for better, whenever that is
     * on a busy machine.
     */
    public static long of(int warmUps, Runnable work) {
        for (int i = 0; i < warmUps; i++) {
            work.run();
        }
        long thread = Thread.currentThread().threadId();
        THREADS.getThreadAllocatedBytes(thread);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS && least != 0; i++) {
            long before = THREADS.getThreadAllocatedBytes(thread);
            work.run();
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        return least;
    }

    /**
     * Repeats the work until the workers of all dataplanes have allocated nothing meanwhile, a few times at most. The
     * JVM itself allocates on a worker once for each method handle of a rare call (the 127th call through the
     * interpreter makes it a form of its own), so on a slow machine the first rounds may not be free of that: a later
     * one is.
     */
    public static void assertWorkersNeedNone(Callable<?> work) throws Exception {
        List<Long> allocated = new ArrayList<>();
        while (allocated.size() < ROUNDS && !allocated.contains(0L)) {
            long before = byWorkers();
            work.call();
            allocated.add(byWorkers() - before);
        }
        assertThat(allocated).as("bytes allocated by the workers in each round").contains(0L);
    }

    private static long byWorkers() {
        long bytes = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("worker-")) {
                bytes += THREADS.getThreadAllocatedBytes(thread.threadId());
            }
        }
        return bytes;
    }
}
