package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.violin.benchmarks.lab.BenchException;

/**
 * Our load generators, which are C programs in the jar.
 *
 * @param frames sends and counts frames
 * @param rtt    sends requests and answers them
 */
record Tools(Path frames, Path rtt) {
    private static final String RESOURCES = "/org/violin/benchmarks/linux-x86_64/";

    /** Unpacks them into {@code directory}. */
    static Tools unpack(Path directory) {
        return new Tools(unpack(directory, "frames"), unpack(directory, "rtt"));
    }

    private static Path unpack(Path directory, String name) {
        Path file = directory.resolve(name);
        try (InputStream program = Tools.class.getResourceAsStream(RESOURCES + name)) {
            if (program == null) {
                throw new BenchException("the load generator " + name + " is not in this build: build it again");
            }
            Files.copy(program, file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
