package org.violin.control.guest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.os.Libc;

/**
 * The main process of a guest, which confines its virtual machine and ends with it. A pid alone may come to mean
 * another process; with the start time it cannot.
 *
 * @param startTicks since the machine's boot, as /proc/PID/stat has it; 0: not known
 */
record GuestProcess(long pid, long startTicks) {
    private static final int KILL_SECONDS_MAX = 10;

    static final GuestProcess NONE = new GuestProcess(0, 0);

    /** The process that has this pid now; {@link #NONE} when there is none or only a zombie. */
    static GuestProcess of(long pid) {
        if (pid <= 0) {
            return NONE;
        }
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name, field 2, is in parentheses and may hold anything; fields 3 (state) and 22 (start) follow it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[0].equals("Z") || fields[0].equals("X") ? NONE
                : new GuestProcess(pid, Long.parseLong(fields[19]));
        } catch (IOException e) {
            return NONE;
        }
    }

    /** Starts a guest's main process, which does not end with this one. */
    static Process spawn(List<String> command, GuestDirectory home, GuestPlatform platform) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
            .directory(home.path().toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin");
        builder.environment().put("HOME", home.path().toString());
        builder.environment().put("TMPDIR", platform.memory().toString());
        return builder.start();
    }

    boolean isAlive() {
        return pid > 0 && of(pid).equals(this);
    }

    /** Sends a signal, unless the process has ended. */
    void signal(int signal) {
        if (isAlive()) {
            Libc.sendSignal(pid, signal);
        }
    }

    /** Sends a signal to the virtual machine, the child of the process that confines it. */
    void signalChild(int signal) {
        if (isAlive()) {
            ProcessHandle.of(pid).ifPresent(process ->
                process.children().forEach(child -> Libc.sendSignal(child.pid(), signal)));
        }
    }

    /**
     * Kills every process of a guest. When UML's main process is killed, its helper threads and some of the processes
     * that stand for the guest's own live on, so all that run this executable in the guest's directory go.
     * Returns when none is left.
     */
    static void killAll(Path executable, Path directory) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILL_SECONDS_MAX);
        for (List<Long> pids = all(executable, directory); !pids.isEmpty(); pids = all(executable, directory)) {
            pids.forEach(pid -> Libc.sendSignal(pid, Libc.SIGKILL));
            if (System.nanoTime() > deadline) {
                throw new GuestException(directory + ": SIGKILL does not end the processes " + pids);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** The processes that run {@code wanted} with {@code directory} as their working directory. */
    static List<Long> all(Path wanted, Path directory) {
        List<Long> pids = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (isOf(process, wanted, directory)) {
                    pids.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new GuestException("/proc: " + e.getMessage(), e);
        }
        return pids;
    }

    private static boolean isOf(Path process, Path wanted, Path directory) {
        try {
            String executable = Files.readSymbolicLink(process.resolve("exe")).toString();
            return (executable.equals(wanted.toString()) || executable.equals(wanted + " (deleted)"))
                && Files.readSymbolicLink(process.resolve("cwd")).equals(directory);
        } catch (IOException e) {
            return false; // it has ended, or is another user's
        }
    }
}
