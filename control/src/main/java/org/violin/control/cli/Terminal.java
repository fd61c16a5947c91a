package org.violin.control.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is at the other end of the standard streams. */
final class Terminal {
    private Terminal() {
    }

    /** @param descriptor 0 standard input, 1 standard output, 2 standard error */
    static boolean is(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.matches("/dev/(pts/\\d+|tty.*|console)") && !"dumb".equals(System.getenv("TERM"));
        } catch (IOException e) {
            return false;
        }
    }
}
