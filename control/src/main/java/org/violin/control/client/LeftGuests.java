package org.violin.control.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The guests that a daemon left running when it was killed. A guest's processes run User-Mode-Linux or QEMU with a
 * directory below the daemon's {@code guests} as their working directory; a process that differs in either is somebody
 * else's and is left alone. That also finds what is left of a guest whose main process was killed.
 */
final class LeftGuests {
    private static final Set<String> PROGRAMS = Set.of("linux.uml", "qemu-system-x86_64");

    private final Path guests;

    LeftGuests(Path stateDirectory) {
        guests = stateDirectory.resolve("guests");
    }

    /** Kills the guests of every network. */
    void end() {
        endBelow(guests);
    }

    /** Kills the guests of one network. */
    void end(String network) {
        endBelow(guests.resolve(network));
    }

    private static void endBelow(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        List<Long> pids = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (isGuest(process, directory.toRealPath())) {
                    pids.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("/proc: " + e, e);
        }
        Processes.kill(pids);
    }

    private static boolean isGuest(Path process, Path directory) {
        try {
            String program = Files.readSymbolicLink(process.resolve("exe")).getFileName().toString();
            return PROGRAMS.contains(program.replace(" (deleted)", ""))
                && Files.readSymbolicLink(process.resolve("cwd")).startsWith(directory);
        } catch (IOException e) {
            // It has ended, or is another user's.
            return false;
        }
    }
}
