package org.violin.control.tune;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What one end of a trial does with its sockets, on threads of its own. */
abstract class Load implements AutoCloseable {
    private final DaemonCpu cpu = new DaemonCpu();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    /** The daemon's, without that of these threads. */
    DaemonCpu cpu() {
        return cpu;
    }

    /** Runs something that ends when its thread is interrupted, as what blocks in a channel does. */
    void start(String name, Runnable work) {
        threads.add(cpu.start(name, work));
    }

    /** Any thread. */
    abstract TrialReport report(long ageMillis);

    /** Ends the threads, one after the other: each may have started those behind it. */
    @Override
    public void close() {
        try {
            for (int i = 0; i < threads.size(); i++) {
                threads.get(i).interrupt();
                threads.get(i).join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
