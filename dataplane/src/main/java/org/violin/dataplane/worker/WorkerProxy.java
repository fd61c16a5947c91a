package org.violin.dataplane.worker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.violin.dataplane.sys.Poller;

/**
 * The way from control threads to a worker: each verb becomes a command in the worker's bounded queue and the caller
 * waits for its result. A full queue or a worker that does not answer is an error, never silence. Any thread.
 */
public final class WorkerProxy {
    /** Commands that may wait at a time. */
    public static final int QUEUE_CAPACITY = 1024;

    private static final long ANSWER_TIMEOUT_S = 10;

    private final MpscVarHandleArrayQueue<Runnable> commands;
    private final Poller poller;

    public WorkerProxy(MpscVarHandleArrayQueue<Runnable> commands, Poller poller) {
        this.commands = commands;
        this.poller = poller;
    }

    /** Has the worker run {@code command} and returns what it returned, or throws what it threw. */
    public <T> T call(String what, Supplier<T> command) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        boolean accepted = commands.offer(() -> {
            try {
                answer.complete(command.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        if (!accepted) {
            throw new IllegalStateException(what + ": the worker has " + QUEUE_CAPACITY + " commands waiting");
        }
        poller.wakeup();
        try {
            return answer.get(ANSWER_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (RuntimeException) e.getCause();
        } catch (TimeoutException e) {
            throw new IllegalStateException(what + ": the worker did not answer in " + ANSWER_TIMEOUT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(what + ": interrupted while waiting for the worker", e);
        }
    }

    /** Has the worker look at its state, without a command. */
    public void wakeUp() {
        poller.wakeup();
    }

    /** As {@link #call}, for a command without a result. */
    public void run(String what, Runnable command) {
        call(what, () -> {
            command.run();
            return null;
        });
    }
}
