package org.violin.control.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.violin.control.client.ClientException;

/** The program {@code violin} itself, which finds the JDK and its settings for every kind of command. */
final class Launcher {
    private Launcher() {
    }

    /** Absolute. The launcher names itself to the JVM. */
    static Path path() {
        String given = System.getProperty("violin.launcher", "");
        if (given.isEmpty() || !Files.isExecutable(Path.of(given))) {
            throw new ClientException("violin does not know its own program ('" + given
                + "'): start it by scripts/violin");
        }
        return Path.of(given).toAbsolutePath();
    }
}
