package org.violin.dataplane;

/** How a dataplane's worker waits for frames and reads them. */
public enum IoEngine {
    /** {@link #EPOLL}, as it measures better. */
    AUTO("auto"),
    /** The kernel reads ahead into the pool's slots (Linux 6.7). */
    IO_URING("io_uring"),
    /** Readiness, then a system call for each descriptor's batch. */
    EPOLL("epoll");

    private final String label;

    IoEngine(String label) {
        this.label = label;
    }

    /** The name that people use. */
    public String label() {
        return label;
    }
}
