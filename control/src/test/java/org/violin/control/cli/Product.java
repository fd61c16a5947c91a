package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.violin.control.os.Command;

/** The packaged product, run as its users run it: by {@code scripts/violin}, with a home of its own. */
final class Product {
    static final Path ROOT = Path.of(System.getProperty("violin.root", "..")).toAbsolutePath().normalize();
    static final Path LAUNCHER = ROOT.resolve("scripts/violin");
    private static final Duration LIMIT = Duration.ofSeconds(180);
    /** Daemons end here before the second compiler is of use, which takes a third of their CPU time. */
    private static final String JVM_OPTIONS = "-XX:TieredStopAtLevel=1";

    private final Path directory;
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> prefix;
    private Path launcher = LAUNCHER;

    /**
     * @param directory for the home and for what commands write
     * @param prefix    what runs the product, such as {@code setpriv} and its options
     */
    Product(Path directory, String... prefix) {
        this.directory = directory;
        this.prefix = List.of(prefix);
        environment.put("VIOLIN_HOME", home().toString());
        environment.put("VIOLIN_JVM_OPTIONS", JVM_OPTIONS);
    }

    Path home() {
        return directory.resolve("home");
    }

    Product with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Runs a copy of the product under {@code folder}, for a user who cannot enter the folder it was built in. */
    Product copiedTo(Path folder) {
        Path dist = folder.resolve("control/target/dist");
        launcher = folder.resolve("scripts/violin");
        if (!Files.exists(launcher)) {
            Command.run(List.of("sh", "-c", "umask 022 && mkdir -p \"$0/scripts\" \"$0/control/target\""
                + " && cp -r \"$1/control/target/dist\" \"$2\""
                + " && cp \"$1/scripts/violin\" \"$1/scripts/product.bash\" \"$0/scripts/\"",
                folder.toString(), ROOT.toString(), dist.toString()), LIMIT).orThrow();
        }
        return this;
    }

    /** A command that has ended. */
    record Result(int exit, String out, String err) {
        String all() {
            return "exit " + exit + "\n--- out\n" + out + "--- err\n" + err;
        }
    }

    /** A command under way; its output goes to files. */
    final class Running {
        final Process process;
        private final Path out;
        private final Path err;

        private Running(Process process, Path out, Path err) {
            this.process = process;
            this.out = out;
            this.err = err;
        }

        String out() {
            return read(out);
        }

        String err() {
            return read(err);
        }

        /** Ends it as its user would, and sees that it ends well. */
        Result stop() {
            process.destroy();
            Result result = await();
            assertThat(result.exit()).as(result.all()).isZero();
            return result;
        }

        Result await() {
            try {
                if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("not done after " + LIMIT + ":\n" + out() + err());
                }
                return new Result(process.exitValue(), out(), err());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Running start(String... arguments) {
        // A test run in the background may have been started with Ctrl-C ignored, which its children inherit.
        List<String> argv = new ArrayList<>(List.of("env", "--default-signal=INT"));
        argv.addAll(prefix);
        argv.add(launcher.toString());
        argv.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(directory, "out", ".txt");
            Path err = Files.createTempFile(directory, "err", ".txt");
            ProcessBuilder builder = new ProcessBuilder(argv)
                .redirectInput(new File("/dev/null")).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().putAll(environment);
            return new Running(builder.start(), out, err);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Result run(String... arguments) {
        return start(arguments).await();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
