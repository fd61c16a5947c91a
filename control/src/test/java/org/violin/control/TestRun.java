package org.violin.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.os.Command;

/**
 * Names for what the tests of this JVM make on the machine. No other run has them, so that one which was killed half
 * way never stands in the way of the next, which removes what is left of it.
 */
public final class TestRun {
    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final long PID = ProcessHandle.current().pid();
    /** A namespace of a test, or of a network that a test named. */
    private static final Pattern OURS = Pattern.compile("(?:violin-)?vt-(\\d+)-.*");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    static {
        removeLeftovers();
    }

    private TestRun() {
    }

    /** The name of a network or of a namespace, such as {@code vt-4711-cli} for {@code cli}. */
    public static String name(String what) {
        return "vt-" + PID + "-" + what;
    }

    /** Leaves the test out, and says why, on a machine that has no means to run guests. */
    public static GuestPlatform requireGuests() {
        try {
            return GuestPlatform.find();
        } catch (GuestException e) {
            return Assumptions.abort(e.getMessage());
        }
    }

    private static void removeLeftovers() {
        if (!Files.isDirectory(NAMESPACES) || !Files.isWritable(NAMESPACES)) {
            return;
        }
        try (Stream<Path> entries = Files.list(NAMESPACES)) {
            entries.map(entry -> entry.getFileName().toString()).filter(TestRun::isLeftover).forEach(TestRun::remove);
        } catch (IOException e) {
            throw new IllegalStateException("cannot look for what a killed run left: " + e.getMessage(), e);
        }
    }

    /** This JVM has made nothing yet: what has its number is of an earlier process. */
    private static boolean isLeftover(String namespace) {
        Matcher matcher = OURS.matcher(namespace);
        if (!matcher.matches()) {
            return false;
        }
        long pid = Long.parseLong(matcher.group(1));
        return pid == PID || ProcessHandle.of(pid).isEmpty();
    }

    private static void remove(String namespace) {
        Command.run(List.of("ip", "netns", "pids", namespace), LIMIT).orThrow().output().lines()
            .forEach(pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
        Command.run(List.of("ip", "netns", "delete", namespace), LIMIT).orThrow();
    }
}
