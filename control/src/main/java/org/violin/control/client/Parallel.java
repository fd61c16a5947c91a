package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Asks many daemons at once. */
final class Parallel {
    private Parallel() {
    }

    /** Applies {@code call} to each item on a thread of its own; the answers come in the order of the items. */
    static <T, R> List<R> map(List<T> items, Function<T, R> call) {
        if (items.size() == 1) {
            return List.of(call.apply(items.getFirst()));
        }
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<R>> futures = new ArrayList<>();
            items.forEach(item -> futures.add(threads.submit(() -> call.apply(item))));
            List<R> answers = new ArrayList<>();
            for (Future<R> future : futures) {
                answers.add(future.get());
            }
            return answers;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
