package org.violin.benchmarks.lab;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What is installed on this machine. */
public final class Programs {
    private Programs() {
    }

    /** Where in PATH a program is. */
    public static Optional<Path> find(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst();
    }
}
