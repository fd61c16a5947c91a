package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files of /proc. They say that they are empty, and some give their content to the first read alone. */
final class Proc {
    private static final int MAX_BYTES = 1 << 20;

    private Proc() {
    }

    /** Empty if the file is not there, such as that of a process which has ended. */
    static Optional<String> read(String file) {
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
}
