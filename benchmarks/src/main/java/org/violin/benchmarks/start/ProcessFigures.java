package org.violin.benchmarks.start;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel tells of a process, from {@code /proc}. */
final class ProcessFigures {
    /** USER_HZ, which is 100 on every Linux that is still built. */
    private static final int TICKS_PER_SECOND = 100;
    /** utime is field 14 of {@code stat}; fields are counted here from the one behind the name. */
    private static final int UTIME = 14 - 3;

    private ProcessFigures() {
    }

    /** User and system time of all threads, in seconds. */
    static double cpuSeconds(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / (double) TICKS_PER_SECOND;
    }

    /** Resident memory in MiB. */
    static double residentMiB(long pid) {
        return status(pid, "VmRSS:") / 1024.0;
    }

    /** How often the process's threads have given up the CPU by themselves: to wait for something, mostly. */
    static long waits(long pid) {
        try (var tasks = Files.list(Path.of("/proc", "" + pid, "task"))) {
            return tasks.mapToLong(task -> status(task, "voluntary_ctxt_switches:")).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long status(long pid, String key) {
        return status(Path.of("/proc", "" + pid), key);
    }

    private static long status(Path folder, String key) {
        return read(folder.resolve("status")).lines().filter(line -> line.startsWith(key))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
    }

    private static String read(long pid, String file) {
        return read(Path.of("/proc", "" + pid, file));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
