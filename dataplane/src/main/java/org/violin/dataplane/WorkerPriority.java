package org.violin.dataplane;

/** Whether a dataplane's workers run before the machine's ordinary threads. */
public enum WorkerPriority {
    /** A worker waits its turn, and then finds more to do at once: the most frames a second. */
    NORMAL("normal"),
    /** As the kernel's own network code does, as long as a worker keeps up with its load: short queues. */
    REALTIME("realtime");

    private final String label;

    WorkerPriority(String label) {
        this.label = label;
    }

    /** The name that people use. */
    public String label() {
        return label;
    }
}
