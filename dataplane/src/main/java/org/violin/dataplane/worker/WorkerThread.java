package org.violin.dataplane.worker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.KernelException;
import org.violin.dataplane.sys.OffHeap;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.tunnel.TunnelSocket;

/**
 * A worker with all that is its own: thread, poller, frame pool, commands, and the tunnels' socket. Any thread may call
 * this; what the worker owns is reached by commands.
 */
public final class WorkerThread {
    private static final long MAX_WAIT_NS = TimeUnit.SECONDS.toNanos(1);

    private final OffHeap memory;
    private final FramePool pool;
    private final TunnelSocket socket;
    private final Worker worker;
    private final RealtimePriority priority = new RealtimePriority();
    private final WorkerProxy proxy;
    private final Thread thread;
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();
    private volatile boolean running = true;

    /**
     * Starts the thread.
     *
     * @param frameSlots slots of the worker's pool
     * @param opener     makes the worker's poller
     * @param socket     the worker's socket; null: no tunnels
     */
    public WorkerThread(String name, int frameSlots, Function<FramePool, Poller> opener, TunnelSocket socket) {
        this.socket = socket;
        memory = OffHeap.map(FramePool.storageBytes(frameSlots, FramePool.SLOT_BYTES));
        pool = new FramePool(memory.buffer(), frameSlots, FramePool.SLOT_BYTES);
        Poller poller = open(opener);
        MpscVarHandleArrayQueue<Runnable> commands = new MpscVarHandleArrayQueue<>(WorkerProxy.QUEUE_CAPACITY);
        worker = new Worker(poller, pool, socket, System::nanoTime, commands);
        proxy = new WorkerProxy(commands, poller);
        thread = new Thread(this::work, name);
        thread.start();
    }

    private Poller open(Function<FramePool, Poller> opener) {
        try {
            return opener.apply(pool);
        } catch (KernelException e) {
            memory.close();
            throw e;
        }
    }

    private void work() {
        try {
            Devices.requestShortTurns();
            while (running) {
                worker.doWork(MAX_WAIT_NS);
                priority.onCycle(worker.nowNs());
            }
            worker.onClose();
            memory.close();
            terminated.complete(null);
        } catch (Throwable e) {
            running = false;
            terminated.completeExceptionally(e);
        }
    }

    /** Binds the thread to one CPU. */
    public void pin(int cpu) {
        proxy.run(thread.getName(), () -> Devices.pinThread(cpu));
    }

    /** Has the thread run before ordinary ones when it has much to do; false if the process may not. */
    public boolean requestRealtime() {
        return proxy.call(thread.getName(), () -> {
            boolean granted = priority.request(worker.nowNs());
            worker.onPriority(granted);
            return granted;
        });
    }

    /** For commands. */
    public Worker worker() {
        return worker;
    }

    /** For commands. */
    public FramePool pool() {
        return pool;
    }

    public TunnelSocket socket() {
        return socket;
    }

    public WorkerProxy proxy() {
        return proxy;
    }

    /** Completes when the worker has ended; exceptionally, if a defect ended it. */
    public CompletableFuture<Void> terminated() {
        return terminated;
    }

    /** Asks the worker to close all that it has, and to end. Idempotent, and does not wait. */
    public void stop() {
        running = false;
        proxy.wakeUp();
    }

    /** Waits until the worker has ended after {@link #stop}. */
    public void join() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
