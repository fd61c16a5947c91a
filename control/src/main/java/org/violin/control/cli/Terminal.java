package org.violin.control.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What is at the other end of the standard streams. */
final class Terminal {
    private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]|[\\p{Cntrl}&&[^\n\t]]");

    private Terminal() {
    }

    /** A guest's words without what would move the cursor; lines after the first are indented. */
    static String printable(String text, String indent) {
        return ESCAPE.matcher(text).replaceAll("").strip().replace("\n", "\n" + indent);
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
