package org.violin.control.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.violin.control.client.ApiException;
import org.violin.control.client.DaemonClient.ByteStream;
import org.violin.control.client.Home;
import org.violin.control.client.NodeFinder;
import org.violin.control.client.NodeFinder.Found;
import org.violin.control.client.Registry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code violin console}. The main thread copies the keyboard to the guest, another one the guest to the screen; the
 * terminal is raw for as long as both run.
 */
@Command(name = "console", mixinStandardHelpOptions = true,
    description = {"Joins the terminal to a guest's console. Ctrl-] leaves; the guest goes on.",
        "When standard input is no terminal, what it has is typed, and the command ends once the console has been"
            + " silent for a second."})
final class ConsoleCommand implements Callable<Integer> {
    private static final int LEAVE = 0x1d;
    private static final int LAST_LINES = 20;
    private static final Duration SILENCE = Duration.ofSeconds(1);

    @Parameters(paramLabel = "NODE", description = "A guest: NODE, or NETWORK/NODE.")
    private String node;

    private final AtomicLong lastOutputNanos = new AtomicLong(System.nanoTime());
    private volatile boolean leaving;

    @Override
    public Integer call() throws IOException {
        Found found = NodeFinder.find(new Registry(Home.find()), node);
        boolean terminal = Terminal.is(0);
        if (terminal) {
            System.err.println("console of " + found.fullName() + ": Ctrl-] leaves");
        }
        long shown = showLastLines(found);
        try (RawTerminal raw = terminal ? RawTerminal.enter() : null;
            ByteStream output = found.daemon().console(found.network(), found.node().name(), true)) {
            assert terminal == (raw != null);
            Thread screen = Thread.ofPlatform().daemon().name("screen").start(() -> copyToScreen(output, shown));
            copyKeyboard(found, screen);
            leaving = true;
        }
        if (terminal) {
            System.err.println();
        }
        return Exit.OK;
    }

    /** Returns how many bytes of the log are accounted for. */
    private static long showLastLines(Found found) throws IOException {
        byte[] log;
        try (ByteStream past = found.daemon().console(found.network(), found.node().name(), false)) {
            log = past.bytes().readAllBytes();
        }
        int from = log.length;
        for (int lines = 0; from > 0; from--) {
            if (log[from - 1] == '\n' && from < log.length && ++lines == LAST_LINES) {
                break;
            }
        }
        System.out.write(log, from, log.length - from);
        System.out.flush();
        return log.length;
    }

    private void copyToScreen(ByteStream output, long alreadyShown) {
        try (InputStream in = output.bytes()) {
            in.skipNBytes(alreadyShown);
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                System.out.write(buffer, 0, count);
                System.out.flush();
                lastOutputNanos.set(System.nanoTime());
            }
        } catch (IOException e) {
            if (!leaving) {
                System.err.println("\r\nviolin: the console has ended: " + e.getMessage() + "\r");
            }
        }
    }

    private void copyKeyboard(Found found, Thread screen) throws IOException {
        byte[] buffer = new byte[1024];
        while (screen.isAlive()) {
            int count = System.in.read(buffer);
            if (count < 0) {
                awaitSilence(screen);
                return;
            }
            int leave = indexOf(buffer, count);
            byte[] typed = Arrays.copyOf(buffer, leave < 0 ? count : leave);
            if (typed.length > 0) {
                type(found, typed);
            }
            if (leave >= 0) {
                return;
            }
        }
    }

    private static int indexOf(byte[] buffer, int count) {
        for (int i = 0; i < count; i++) {
            if (buffer[i] == LEAVE) {
                return i;
            }
        }
        return -1;
    }

    private void type(Found found, byte[] bytes) {
        try {
            found.daemon().consoleInput(found.network(), found.node().name(), bytes);
            lastOutputNanos.set(System.nanoTime());
        } catch (ApiException e) {
            leaving = true;
            throw e;
        }
    }

    private void awaitSilence(Thread screen) {
        try {
            long left = SILENCE.toNanos();
            while (screen.isAlive() && left > 0) {
                screen.join(Duration.ofNanos(left));
                left = SILENCE.toNanos() - (System.nanoTime() - lastOutputNanos.get());
            }
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
