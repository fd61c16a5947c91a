package org.violin.control.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.client.ClientException;

/**
 * The terminal as a guest's console needs it: every key goes through as it is pressed, nothing is echoed. Put back by
 * {@link #close}, and by a shutdown hook when a signal ends the JVM.
 */
final class RawTerminal implements AutoCloseable {
    private final String before;
    private final Thread hook = new Thread(this::restore, "terminal");

    private RawTerminal(String before) {
        this.before = before;
    }

    static RawTerminal enter() {
        RawTerminal terminal = new RawTerminal(stty("-g"));
        Runtime.getRuntime().addShutdownHook(terminal.hook);
        try {
            stty("raw", "-echo");
            return terminal;
        } catch (RuntimeException e) {
            terminal.close();
            throw e;
        }
    }

    private void restore() {
        stty(before);
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook restores the terminal once more, which changes nothing.
            return;
        }
    }

    /** Runs stty on standard input, which is the terminal. */
    private static String stty(String... arguments) {
        List<String> argv = new ArrayList<>(List.of("stty"));
        argv.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(argv).redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new ClientException(String.join(" ", argv) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new ClientException("stty: " + e.getMessage() + ": sudo apt-get install -y coreutils");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted");
        }
    }
}
