package org.violin.control.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.violin.control.os.Libc;
import org.violin.control.spec.GuestSpec;

/** The files of one guest. All that the guest itself opens has a short name relative to here, its working directory. */
final class GuestDirectory {
    static final String IMAGE = "image";
    static final String OVERLAY = "root.cow";
    static final String CONSOLE_IN = "console.in";
    static final String CONSOLE_LOG = "console.log";
    static final String AGENT_IN = "agent.in";
    static final String AGENT_OUT = "agent.out";
    static final String RECORD = "guest.json";
    /** What is preloaded into UML: see native/uml/xstate.c. */
    static final String PRELOAD = "xstate.so";
    /** UML's own directory, and the socket in it by which its kernel is given devices. */
    static final String UMID = "uml";
    static final String MCONSOLE = UMID + "/mconsole";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private static final long DISK_POLL_NANOS = 5_000_000;

    private final Path path;

    GuestDirectory(Path path) {
        this.path = path;
    }

    /** @param guests where each guest has {@code <network>/<guest>/} */
    static GuestDirectory of(Path guests, String network, String guest) {
        for (String name : List.of(network, guest)) {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
                throw new GuestException("'" + name + "' is no name: letters, digits, '.', '_' and '-' only");
            }
        }
        return new GuestDirectory(guests.resolve(network).resolve(guest));
    }

    Path path() {
        return path;
    }

    Path file(String name) {
        return path.resolve(name);
    }

    /** A vNIC's socket, relative to the directory. */
    static String socketName(String nic) {
        return nic + ".sock";
    }

    boolean exists() {
        return Files.exists(file(RECORD));
    }

    /** Makes what any guest finds when it starts. Its overlay stays, unless it is of another image or another kind. */
    void prepare(Path image, GuestSpec.Vmm vmm) {
        try {
            make();
            GuestRecord before = read();
            if (before == null || !image.toString().equals(before.image()) || before.spec().vmm() != vmm) {
                Files.deleteIfExists(file(OVERLAY));
            }
            Files.deleteIfExists(file(IMAGE));
            Files.createSymbolicLink(file(IMAGE), image);
            for (String fifo : List.of(CONSOLE_IN, AGENT_IN, AGENT_OUT)) {
                Files.deleteIfExists(file(fifo)); // an old one may hold bytes of the boot before
                Libc.makeFifo(file(fifo), 0600);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What only UML finds. */
    void prepareUml() {
        try {
            // Of a UML that was killed. The next one would think it alive: both are process 1 of their namespaces.
            for (String left : List.of(MCONSOLE, UMID + "/pid", UMID)) {
                Files.deleteIfExists(file(left));
            }
            unpackPreload();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void make() throws IOException {
        Files.createDirectories(path, PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString("rwx------")));
    }

    private void unpackPreload() throws IOException {
        String resource = "/org/violin/native/linux-x86_64/libviolin-uml.so";
        try (InputStream in = GuestDirectory.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new GuestException("no " + resource + " on the class path: guests run on Linux x86-64");
            }
            // Another file than that of a UML that may still be about to end.
            Files.deleteIfExists(file(PRELOAD));
            Files.copy(in, file(PRELOAD));
        }
    }

    /**
     * Waits until no process holds the disk. A process that was killed is gone from sight before its files are closed,
     * and UML panics over a disk that is locked.
     */
    void awaitDisk(Duration atMost) {
        Path disk = file(OVERLAY);
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!isFree(disk)) {
            if (System.nanoTime() > deadline) {
                throw new GuestException(disk + ": still in use after " + atMost.toSeconds() + " s; 'fuser " + disk
                    + "' tells by whom");
            }
            LockSupport.parkNanos(DISK_POLL_NANOS);
        }
    }

    private static boolean isFree(Path disk) {
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(disk.toString(), e);
        }
    }

    /** Null when the guest was never started. */
    GuestRecord read() {
        return read(RECORD);
    }

    /** Null when there is no such file. */
    GuestRecord read(String name) {
        try {
            return JSON.readValue(Files.readAllBytes(file(name)), GuestRecord.class);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(file(name).toString(), e);
        }
    }

    /** Replaces the record; after a crash either the old or the new one is there. */
    void write(GuestRecord record) {
        write(RECORD, record);
    }

    void write(String name, GuestRecord record) {
        Path fresh = file(name + ".new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(record));
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
