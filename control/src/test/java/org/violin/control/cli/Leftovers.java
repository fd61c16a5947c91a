package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a network may not leave behind. */
final class Leftovers {
    private Leftovers() {
    }

    /** No namespace of the network, no process that has anything to do with the home, no state, no registry entry. */
    static void assertNone(String network, Path home) {
        assertThat(namespaces(network)).as("namespaces").isEmpty();
        assertThat(processes(home)).as("processes").isEmpty();
        assertThat(entries(home.resolve("hosts"))).as("state directories").isEmpty();
        assertThat(entries(home.resolve("networks"))).as("registry").isEmpty();
    }

    static List<String> namespaces(String network) {
        return entries(Path.of("/run/netns")).stream().filter(name -> name.startsWith("violin-" + network + "-"))
            .toList();
    }

    /** Processes with a path below {@code home} among their arguments, or with their working directory there. */
    static List<String> processes(Path home) {
        List<String> found = new ArrayList<>();
        for (String pid : entries(Path.of("/proc"))) {
            if (pid.matches("\\d+")) {
                String line = commandLine(pid);
                if (line.contains(home + "/hosts/") || workingDirectory(pid).startsWith(home + "/")) {
                    found.add(pid + " " + line);
                }
            }
        }
        return found;
    }

    private static String commandLine(String pid) {
        try {
            return Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.ISO_8859_1).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    private static String workingDirectory(String pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", pid, "cwd")).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
