package org.violin.control.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the kernel says of processes, and how to end some. */
final class Processes {
    private static final Duration KERNEL_LIMIT = Duration.ofSeconds(10);

    private Processes() {
    }

    /** The numeric user id this process runs as. */
    static int userId() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new ClientException("/proc/self: " + e.getMessage() + ": is /proc mounted?");
        }
    }

    /** The process's arguments; empty when it is gone or a kernel thread. */
    static List<String> arguments(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return List.of(line.split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Asks a process to end, insists after {@code grace}, and returns when it is gone. */
    static void end(long pid, Duration grace) {
        ProcessHandle process = ProcessHandle.of(pid).orElse(null);
        if (process == null) {
            return;
        }
        process.destroy();
        if (!gone(process, grace)) {
            kill(List.of(pid));
        }
    }

    /** Kills processes at once and returns when all are gone. One may stay, dead, until its parent is gone as well. */
    static void kill(List<Long> pids) {
        List<ProcessHandle> processes = pids.stream().map(ProcessHandle::of).flatMap(Optional::stream).toList();
        processes.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : processes) {
            if (!gone(process, KERNEL_LIMIT)) {
                throw new ClientException("process " + process.pid() + " does not end: the kernel holds it");
            }
        }
    }

    /** Waits for a process to end by itself. */
    static boolean gone(ProcessHandle process, Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
