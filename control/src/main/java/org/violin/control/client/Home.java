package org.violin.control.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Where Violin keeps what outlives a command: {@code $VIOLIN_HOME}, else {@code /var/lib/violin} for root, else
 * {@code ~/.local/state/violin}.
 *
 * @param base absolute
 */
public record Home(Path base) {
    /** Where root keeps its own, unless told otherwise. */
    public static final Path OF_ROOT = Path.of("/var/lib/violin");

    public static Home find() {
        return find(System.getenv(), Processes.userId(), System.getProperty("user.home"));
    }

    static Home find(Map<String, String> environment, int userId, String userHome) {
        String given = environment.getOrDefault("VIOLIN_HOME", "");
        if (!given.isEmpty()) {
            return new Home(Path.of(given).toAbsolutePath().normalize());
        }
        if (userId == 0) {
            return new Home(OF_ROOT);
        }
        return new Home(Path.of(userHome, ".local", "state", "violin"));
    }

    /** A daemon's state directory. */
    public Path stateDirectory(String daemon) {
        return base.resolve("hosts").resolve(daemon);
    }

    /** The registry: one directory for each network brought up from this machine. */
    public Path networks() {
        return base.resolve("networks");
    }

    public Path locks() {
        return base.resolve("locks");
    }

    /** Makes a directory that only its owner may enter, with its parents. */
    public static Path makePrivate(Path directory) {
        try {
            return Files.createDirectories(directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": cannot be made: " + e.getMessage()
                + ": set VIOLIN_HOME to a directory of yours", e);
        }
    }
}
