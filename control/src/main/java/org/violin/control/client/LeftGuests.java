package org.violin.control.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.violin.control.api.ApiJson;

/**
 * The guests that a daemon left running when it was killed. Each has a {@code guest.json} with its pid and the time it
 * started, in the kernel's ticks: a process that does not match both is somebody else's and is left alone.
 */
final class LeftGuests {
    private final Path guests;

    LeftGuests(Path stateDirectory) {
        guests = stateDirectory.resolve("guests");
    }

    /** Kills the guests of every network, each with all processes of its session. */
    void end() {
        list(guests).forEach(this::end);
    }

    /** Kills the guests of one network. */
    void end(String network) {
        end(guests.resolve(network));
    }

    private void end(Path networkDirectory) {
        for (Path guest : list(networkDirectory)) {
            long pid = livingPid(guest.resolve("guest.json"));
            if (pid > 0) {
                session(pid).forEach(Processes::kill);
            }
        }
    }

    /** 0 when there is no such guest, or it does not run any more. */
    private static long livingPid(Path file) {
        try {
            JsonNode guest = ApiJson.parse(Files.readAllBytes(file), JsonNode.class);
            long pid = guest.path("pid").asLong();
            List<String> stat = stat(pid);
            boolean same = !stat.isEmpty() && stat.get(19).equals(guest.path("startTicks").asText());
            return same ? pid : 0;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e, e);
        }
    }

    private static List<Long> session(long leader) {
        List<Long> pids = new ArrayList<>();
        ProcessHandle.allProcesses().map(ProcessHandle::pid).forEach(pid -> {
            List<String> stat = stat(pid);
            if (!stat.isEmpty() && stat.get(3).equals(Long.toString(leader))) {
                pids.add(pid);
            }
        });
        return pids;
    }

    /** The fields of /proc/PID/stat from the third on (state, parent, group, session, ...); empty: no such process. */
    private static List<String> stat(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return List.of(line.substring(line.lastIndexOf(')') + 2).split(" "));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": " + e, e);
        }
    }
}
