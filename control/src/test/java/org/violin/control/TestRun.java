package org.violin.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.os.Command;

/**
 * Names for what the tests of this JVM make on the machine, and how long they wait for it. No other run has the names,
 * so that one which was killed half way never stands in the way of the next, which removes what is left of it.
 */
public final class TestRun {
    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final long PID = ProcessHandle.current().pid();
    /** A namespace of a test, or of a network that a test named. */
    private static final Pattern OURS = Pattern.compile("(?:violin-)?vt-(\\d+)-.*");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Of {@link #await}: many times what a loaded machine takes, as only a failure lasts so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long POLL_NS = 5_000_000;

    static {
        removeLeftovers();
    }

    private TestRun() {
    }

    /** The name of a network or of a namespace, such as {@code vt-4711-cli} for {@code cli}. */
    public static String name(String what) {
        return "vt-" + PID + "-" + what;
    }

    /** Waits for what has to come, however long a loaded machine takes; fails if it has not come in a minute. */
    public static void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    /** @param evidence what tells why it has not come, such as the log of whoever should have brought it about */
    public static void await(String what, BooleanSupplier condition, Supplier<String> evidence) {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("waited " + PATIENCE.toSeconds() + " s for " + what + ": " + evidence.get());
            }
            if (Thread.interrupted()) {
                throw new AssertionError("interrupted while waiting for " + what + ": " + evidence.get());
            }
            LockSupport.parkNanos(POLL_NS);
        }
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

    /** Another JVM of the same run may be about it, too. */
    private static void remove(String namespace) {
        Command.Result pids = Command.run(List.of("ip", "netns", "pids", namespace), LIMIT);
        if (pids.exit() == 0) {
            pids.output().lines().forEach(
                pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
        }
        Command.Result deleted = Command.run(List.of("ip", "netns", "delete", namespace), LIMIT);
        if (Files.exists(NAMESPACES.resolve(namespace))) {
            deleted.orThrow();
        }
    }
}
