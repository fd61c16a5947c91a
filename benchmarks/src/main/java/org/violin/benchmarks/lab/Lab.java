package org.violin.benchmarks.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * This machine, taken for one run: a lock that one run alone can hold, a folder for its files, its namespaces and the
 * programs in them. When it is closed, or the JVM is told to end, whatever the run is doing, all of that goes; what a
 * run that was killed has left, the next one removes.
 */
public final class Lab implements AutoCloseable {
    private static final Path LOCK = Path.of("/run/lock/violin-bench.lock");
    /** Programs run from it, which /run and /tmp may forbid. */
    private static final Path DIRECTORY = Path.of("/var/cache/violin/bench");

    private final FileChannel lockFile;
    private boolean closed;

    /** Takes the machine: throws {@link BenchException} if another run has it, or without root. */
    public Lab() {
        checkRoot();
        try {
            Files.createDirectories(LOCK.getParent());
            lockFile = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lockFile.tryLock() == null) {
                lockFile.close();
                throw new BenchException("another benchmark is running on this machine (it holds " + LOCK + ")");
            }
            deleteTree(DIRECTORY);
            Files.createDirectories(DIRECTORY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "clean-up"));
        Namespaces.leftovers().forEach(Namespaces::remove);
    }

    /** Throws unless this program runs as root. */
    public static void checkRoot() {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new BenchException("network namespaces and TAPs need root: run it as root, such as with sudo");
        }
    }

    /** For files of the run, which are gone at its end. */
    public Path directory() {
        return DIRECTORY;
    }

    /** Throws when the lab is closed: then hosts go under the feet of whoever works with them. */
    public synchronized void checkOpen() {
        if (closed) {
            throw new BenchException("stopped");
        }
    }

    /** What begins either comes before the end, and is ended with the rest, or does not begin. */
    synchronized void addNamespace(String name) {
        checkOpen();
        Namespaces.add(name);
    }

    /** The same for a program that stays; {@code log} takes what it prints. */
    synchronized Spawned spawn(List<String> command, Path log) {
        checkOpen();
        return new Spawned(command, log);
    }

    /** Ends every program and removes every namespace of the run, and its folder. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        Namespaces.leftovers().forEach(Namespaces::remove);
        deleteTree(DIRECTORY);
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What cannot be deleted stays until the next run. */
    private static void deleteTree(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            return;
        }
    }
}
