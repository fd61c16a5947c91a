package org.violin.control.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.violin.control.host.HostException.Kind;
import org.violin.dataplane.UnixPortConfig;

/**
 * A daemon's directory, locked for as long as this is open. The lock is the process's (POSIX record lock): the kernel
 * drops it when the daemon dies in whatever way, and the guests that outlive it do not inherit it.
 */
public final class StateDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private StateDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Makes the directory, closes it to other users, and takes the lock. */
    public static StateDirectory open(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        int socketBytes = path.resolve("api.sock").toString().getBytes(StandardCharsets.UTF_8).length;
        if (socketBytes > UnixPortConfig.MAX_PATH_BYTES) {
            throw new HostException(Kind.STATE, "state directory " + path + ": its api.sock would have a path of "
                + socketBytes + " bytes, a unix socket's has at most " + UnixPortConfig.MAX_PATH_BYTES
                + ": use a shorter --state-dir");
        }
        FileChannel lockFile = null;
        try {
            var ownerOnly = PosixFilePermissions.fromString("rwx------");
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(ownerOnly));
            Files.setPosixFilePermissions(path, ownerOnly);
            lockFile = FileChannel.open(path.resolve("daemon.lock"), StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE);
            lock(path, lockFile);
            return new StateDirectory(path, lockFile);
        } catch (IOException | HostException e) {
            close(lockFile);
            throw e instanceof HostException known ? known : unusable(path, (IOException) e);
        }
    }

    private static void lock(Path path, FileChannel file) throws IOException {
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            ByteBuffer pid = ByteBuffer.allocate(20);
            file.read(pid, 0);
            throw new HostException(Kind.STATE, "state directory " + path + ": another daemon runs on it (pid "
                + new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip()
                + "): give each daemon its own --state-dir");
        }
        file.truncate(0);
        file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
    }

    private static HostException unusable(Path path, IOException e) {
        String reason = switch (e) {
            case AccessDeniedException denied ->
                denied.getFile() + ": EACCES: permission denied: choose a --state-dir of your own";
            case FileAlreadyExistsException file -> file.getFile() + ": ENOTDIR: is not a directory";
            case FileSystemException other -> other.getMessage() + ": choose another --state-dir";
            default -> e.getMessage();
        };
        return new HostException(Kind.STATE, "state directory " + path + ": " + reason, e);
    }

    /** Absolute. */
    public Path path() {
        return path;
    }

    public Path socket() {
        return path.resolve("api.sock");
    }

    public Path journal() {
        return path.resolve("journal.ndjson");
    }

    public Path guests() {
        return path.resolve("guests");
    }

    @Override
    public void close() {
        close(lockFile);
    }

    private static void close(FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new HostException(Kind.STATE, "daemon.lock: " + e.getMessage(), e);
        }
    }
}
