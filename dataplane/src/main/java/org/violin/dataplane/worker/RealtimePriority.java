package org.violin.dataplane.worker;

import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.violin.dataplane.sys.Devices;

/**
 * A worker's place among the machine's threads. A tunnel in the kernel runs before all processes; a worker that waits
 * for its turn among those who send and receive lets their frames queue for milliseconds. So it runs before them too
 * (SCHED_FIFO), but not at any cost: one that has worked for {@link #BUDGET_NS} without a pause is an ordinary thread
 * until it has had one, or a flood would leave others nothing of its CPU. Worker's thread.
 */
final class RealtimePriority {
    /** Some times what a burst of a full socket takes, and short enough for those that wait on the same CPU. */
    static final long BUDGET_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Predicate<Boolean> kernel;
    private boolean granted;
    private boolean raised;

    RealtimePriority() {
        this(Devices::setRealtime);
    }

    /** @param kernel makes the calling thread real-time or ordinary; false if it may not */
    RealtimePriority(Predicate<Boolean> kernel) {
        this.kernel = kernel;
    }

    /** Begins, if the process may: false otherwise. */
    boolean request() {
        granted = kernel.test(true);
        raised = granted;
        return granted;
    }

    /** A cycle has ended; the worker has been busy for so long. */
    void onCycle(long busyNs) {
        if (raised && busyNs > BUDGET_NS) {
            kernel.test(false);
            raised = false;
        } else if (granted && !raised && busyNs == 0) {
            raised = kernel.test(true);
        }
    }
}
