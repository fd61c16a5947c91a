package org.violin.benchmarks.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.violin.control.os.Command;
import org.violin.control.os.Libc;

/** The network namespaces of this program, which all begin with one prefix. */
public final class Namespaces {
    static final String PREFIX = "violin-bench-";

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final double GRACE_SECONDS = 3;

    private Namespaces() {
    }

    static void add(String name) {
        Command.run(List.of("ip", "netns", "add", name), LIMIT).orThrow();
    }

    /** Moves the calling thread, and no other, into a namespace. */
    public static void enter(String name) {
        int file = Libc.openFile(Path.of("/run/netns", name), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        try {
            Libc.enterNetwork(file);
        } finally {
            Libc.closeFile(file);
        }
    }

    /** What {@code work} makes in a namespace, such as a socket, which stays one of there whoever uses it. */
    public static <T> T inside(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter(name);
            return work.call();
        });
        Thread.ofPlatform().name("inside-" + name).daemon().start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new BenchException(name + ": " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    /** Every process in the namespace. */
    public static List<Long> pids(String name) {
        Command.Result result = Command.run(List.of("ip", "netns", "pids", name), LIMIT);
        return result.exit() != 0 ? List.of() : result.output().lines().map(String::strip).map(Long::valueOf).toList();
    }

    /** Ends every process in the namespace, by its id, and deletes the namespace and the devices in it. */
    static void remove(String name) {
        pids(name).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy));
        if (!Deadline.await(GRACE_SECONDS, () -> pids(name).isEmpty())) {
            pids(name).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            Deadline.await(GRACE_SECONDS, () -> pids(name).isEmpty());
        }
        Command.run(List.of("ip", "netns", "delete", name), LIMIT);
    }

    /** What an earlier run left that was killed. The caller holds the lock that only one run can hold. */
    public static List<String> leftovers() {
        return Command.run(List.of("ip", "netns", "list"), LIMIT).orThrow().output().lines()
            .map(line -> line.split(" ")[0]).filter(name -> name.startsWith(PREFIX)).toList();
    }
}
