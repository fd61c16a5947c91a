package org.violin.dataplane.worker;

import java.util.concurrent.TimeUnit;
import org.violin.dataplane.sys.Devices;

/**
 * A worker's place among the machine's threads. A tunnel in the kernel runs before all processes; a worker that waits
 * for its turn among those who send and receive lets their frames queue for milliseconds. So one that has much to do
 * runs before them too (SCHED_FIFO), by the share of a CPU that it had in the last {@link #WINDOW_NS}:
 *
 * <ul>
 * <li>with little to do it is an ordinary thread, which the kernel wakes where it is soonest awake;
 * <li>with more it goes first;
 * <li>one that has used up a CPU while it went first is an ordinary thread for {@link #PENALTY_NS}: a flood does not
 *     leave others nothing.
 * </ul>
 *
 * <p>Worker's thread.
 */
final class RealtimePriority {
    static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(5);
    static final long PENALTY_NS = 4 * WINDOW_NS;
    /** Shares of a CPU in per cent: less is little, and more is all of it. */
    private static final int LITTLE = 15;
    private static final int ALL = 95;

    /** What the kernel does for the calling thread. */
    interface Scheduler {
        /** Makes it go first, or ordinary again; false if the process may not. */
        boolean setRealtime(boolean on);

        /** The CPU time that it has had, in nanoseconds. */
        long cpuNs();
    }

    private static final Scheduler KERNEL = new Scheduler() {
        @Override
        public boolean setRealtime(boolean on) {
            return Devices.setRealtime(on);
        }

        @Override
        public long cpuNs() {
            return Devices.threadCpuNs();
        }
    };

    private final Scheduler scheduler;
    private boolean granted;
    private boolean raised;
    private long windowFromNs;
    private long windowCpuNs;
    private long ordinaryUntilNs;

    RealtimePriority() {
        this(KERNEL);
    }

    RealtimePriority(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Begins, if the process may: false otherwise. */
    boolean request(long nowNs) {
        granted = scheduler.setRealtime(true) && scheduler.setRealtime(false);
        begin(nowNs);
        ordinaryUntilNs = nowNs;
        return granted;
    }

    private void begin(long nowNs) {
        windowFromNs = nowNs;
        windowCpuNs = granted ? scheduler.cpuNs() : 0;
    }

    /** A cycle has ended. */
    void onCycle(long nowNs) {
        if (!granted || nowNs - windowFromNs < WINDOW_NS) {
            return;
        }
        long percent = 100 * (scheduler.cpuNs() - windowCpuNs) / (nowNs - windowFromNs);
        if (raised && percent >= ALL) {
            ordinaryUntilNs = nowNs + PENALTY_NS;
        }
        boolean first = percent >= LITTLE && nowNs - ordinaryUntilNs >= 0;
        if (first != raised) {
            scheduler.setRealtime(first);
            raised = first;
        }
        begin(nowNs);
    }
}
