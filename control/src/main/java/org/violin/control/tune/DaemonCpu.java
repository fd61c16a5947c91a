package org.violin.control.tune;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.Map;

/** The CPU time of this process without that of the threads which make the load. Thread-safe. */
final class DaemonCpu {
    private final OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    /** By thread, what it had used when it was last asked: one that has ended cannot be asked any more. */
    private final Map<Thread, Long> load = new LinkedHashMap<>();

    /** Starts a platform thread that is left out. */
    synchronized Thread start(String name, Runnable work) {
        Thread thread = Thread.ofPlatform().name(name).daemon().unstarted(work);
        load.put(thread, 0L);
        thread.start();
        return thread;
    }

    /** Since some moment, which is the same for each call. */
    synchronized long nanos() {
        load.replaceAll((thread, before) -> Math.max(before, threads.getThreadCpuTime(thread.threadId())));
        return process.getProcessCpuTime() - load.values().stream().mapToLong(Long::longValue).sum();
    }
}
