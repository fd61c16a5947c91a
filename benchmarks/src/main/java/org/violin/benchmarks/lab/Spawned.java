package org.violin.benchmarks.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that runs beside us; what it prints goes to a file. */
public final class Spawned {
    private static final int GRACE_MS = 2000;

    private final List<String> command;
    private final Path log;
    private final Process process;

    Spawned(List<String> command, Path log) {
        this.command = List.copyOf(command);
        this.log = log;
        try {
            process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        } catch (IOException e) {
            throw new BenchException(String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }

    /** Of a program that {@code ip netns exec} becomes, its own. */
    public long pid() {
        return process.pid();
    }

    /** Whether the program is running. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Throws unless the program is running. */
    public void check() {
        if (!process.isAlive()) {
            throw new BenchException(String.join(" ", command) + ": exit " + process.exitValue() + ": " + lastLine());
        }
    }

    /** Waits until the program has printed {@code text}; throws when it ends or {@code seconds} pass before. */
    public void awaitLog(String text, double seconds) {
        boolean said = Deadline.await(seconds, () -> {
            check();
            return log().contains(text);
        });
        if (!said) {
            throw new BenchException(String.join(" ", command) + ": has not said \"" + text + "\" after " + seconds
                + " s: " + lastLine());
        }
    }

    /** Waits for the end of a program that ends by itself and returns its exit status; kills it if it does not. */
    public int awaitEnd(double seconds) {
        try {
            if (process.waitFor((long) (seconds * 1000), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop();
        throw new BenchException(String.join(" ", command) + ": not done after " + seconds + " s: " + lastLine());
    }

    /** The same, for one that must not fail; returns what it printed. */
    public String awaitSuccess(double seconds) {
        int exit = awaitEnd(seconds);
        if (exit != 0) {
            throw new BenchException(String.join(" ", command) + ": exit " + exit + ": " + lastLine());
        }
        return log();
    }

    /** Asks the program to end, by SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Ends the program: asks, then kills. */
    public void stop() {
        terminate();
        try {
            if (!process.waitFor(GRACE_MS, TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the program at once. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All that it has printed. */
    public String log() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String lastLine() {
        List<String> lines = log().lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty() ? "it said nothing" : lines.getLast();
    }
}
