package org.violin.control.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short-lived program to its end: {@code ip}, {@code mke2fs} and their like. */
public final class Command {

    /**
     * @param exit   exit status; 128 + signal when a signal ended it
     * @param output standard output and standard error as they came, UTF-8
     */
    public record Result(List<String> argv, int exit, String output) {
        /** Throws with the command and its output unless it exited with 0. */
        public Result orThrow() {
            if (exit != 0) {
                throw new CommandException(String.join(" ", argv) + ": exit " + exit + ": " + output.strip());
            }
            return this;
        }
    }

    /** A program that could not be started, did not end in time, or failed. */
    public static final class CommandException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public CommandException(String message) {
            super(message);
        }
    }

    private Command() {
    }

    public static Result run(List<String> argv, Duration timeout) {
        return run(argv, "", timeout);
    }

    /** Runs {@code argv} with {@code input} as its standard input; kills it when {@code timeout} has passed. */
    public static Result run(List<String> argv, String input, Duration timeout) {
        Path stdin = null;
        Path output = null;
        try {
            stdin = Files.createTempFile("violin-in", null);
            output = Files.createTempFile("violin-out", null);
            Files.writeString(stdin, input);
            Process process = new ProcessBuilder(argv)
                .redirectInput(stdin.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new CommandException(String.join(" ", argv) + ": not done after " + timeout.toSeconds() + " s");
            }
            String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
            return new Result(List.copyOf(argv), process.exitValue(), text);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(String.join(" ", argv) + ": interrupted");
        } catch (IOException e) {
            throw new CommandException(String.join(" ", argv) + ": " + e.getMessage());
        } finally {
            delete(stdin);
            delete(output);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
