package org.violin.benchmarks.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Files of /proc. They say that they are empty, and some give their content to the first read alone. */
public final class Proc {
    private static final int MAX_BYTES = 1 << 20;

    private Proc() {
    }

    /** Empty if the file is not there, such as that of a process which has ended. */
    public static Optional<String> read(String file) {
        byte[] buffer = new byte[MAX_BYTES];
        int length = 0;
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            for (int read = 0; read >= 0 && length < MAX_BYTES; read = in.read(buffer, length, MAX_BYTES - length)) {
                length += read;
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(new String(buffer, 0, length, StandardCharsets.UTF_8).strip());
    }

    /** The number in the line of {@code status} that begins with {@code name}; 0 if there is none. */
    static long number(String status, String name) {
        return status.lines().filter(line -> line.startsWith(name)).findFirst()
            .map(line -> Long.parseLong(line.replaceAll("\\D", ""))).orElse(0L);
    }

    /** How often a process's threads have given up the CPU by themselves: to wait for something, mostly. */
    public static long waits(long pid) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return tasks.mapToLong(task -> number(read(task + "/status").orElse(""), "voluntary_ctxt_switches:")).sum();
        } catch (IOException e) {
            return 0;
        }
    }
}
