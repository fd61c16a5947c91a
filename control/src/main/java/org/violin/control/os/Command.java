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
     * @param output standard output, UTF-8
     * @param errors standard error, UTF-8: also what a program that succeeds warns of
     */
    public record Result(List<String> argv, int exit, String output, String errors) {
        /** All that it said, for people: its output, then its errors. */
        public String said() {
            return (output + errors).strip();
        }

        /** Throws with the command and its output unless it exited with 0. */
        public Result orThrow() {
            if (exit != 0) {
                throw new CommandException(String.join(" ", argv) + ": exit " + exit + ": " + said());
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
        Path errors = null;
        try {
            stdin = Files.createTempFile("violin-in", null);
            output = Files.createTempFile("violin-out", null);
            errors = Files.createTempFile("violin-err", null);
            Files.writeString(stdin, input);
            Process process = new ProcessBuilder(argv)
                .redirectInput(stdin.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new CommandException(String.join(" ", argv) + ": not done after " + timeout.toSeconds() + " s");
            }
            return new Result(List.copyOf(argv), process.exitValue(), text(output), text(errors));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(String.join(" ", argv) + ": interrupted");
        } catch (IOException e) {
            throw new CommandException(String.join(" ", argv) + ": " + e.getMessage());
        } finally {
            delete(stdin);
            delete(output);
            delete(errors);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
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
