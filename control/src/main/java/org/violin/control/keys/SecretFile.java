package org.violin.control.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/** Files that only their owner may read. All errors are {@link KeyFileException}s that name the file and the mend. */
public final class SecretFile {
    private SecretFile() {
    }

    /**
     * Writes a file of mode 0600, which is on the disk when this returns. A file that is there already is never
     * changed.
     *
     * @param content not kept; for the caller to overwrite
     */
    public static void create(Path file, byte[] content) {
        // With the permissions in open(2), there is no moment at which others could open it.
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel = FileChannel.open(file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
            writeAll(file, channel, content);
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static void writeAll(Path file, FileChannel channel, byte[] content) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
            try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
                directory.force(true); // the name as well
            }
        } catch (IOException e) {
            Files.deleteIfExists(file); // half a key is of no use, and would stand in the way of the next try
            throw e;
        }
    }

    /**
     * Reads a file that belongs to this process's user or to root, and is closed to everybody else.
     *
     * @param bytesMax of a file that is not too long
     * @param tooLong  what is wrong with a longer one
     * @return for the caller to overwrite
     */
    public static byte[] read(Path file, int bytesMax, String tooLong) {
        return read(file, bytesMax, tooLong, true);
    }

    /** Reads a regular file, of anybody's, with nothing secret in it. */
    public static byte[] readPublic(Path file, int bytesMax, String tooLong) {
        return read(file, bytesMax, tooLong, false);
    }

    private static byte[] read(Path file, int bytesMax, String tooLong, boolean secret) {
        try {
            Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,uid,size,isRegularFile,isDirectory");
            checkKind(file, attributes);
            if (secret) {
                checkAccess(file, attributes);
            }
            byte[] content = (Long) attributes.get("size") > bytesMax ? null : readAtMost(file, bytesMax + 1);
            if (content == null || content.length > bytesMax) {
                throw new KeyFileException(file + ": " + tooLong);
            }
            return content;
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static void checkKind(Path file, Map<String, Object> attributes) {
        if ((Boolean) attributes.get("isDirectory")) {
            throw new KeyFileException(file + ": is a directory: name the key file in it");
        }
        if (!(Boolean) attributes.get("isRegularFile")) {
            throw new KeyFileException(file + ": is not a regular file");
        }
    }

    private static void checkAccess(Path file, Map<String, Object> attributes) throws IOException {
        int mode = (Integer) attributes.get("mode") & 0777;
        int owner = (Integer) attributes.get("uid");
        // The owner of a process's directory in /proc is its effective user; the JDK has no other way to ask.
        int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (owner != 0 && owner != self) {
            throw new KeyFileException(file + ": belongs to user " + owner + ", who could read and change it: chown "
                + self + " " + file);
        }
        if ((mode & 077) != 0) {
            throw new KeyFileException("%s: is open to other users (mode %04o): chmod 600 %s".formatted(
                file, mode, file));
        }
    }

    private static byte[] readAtMost(Path file, int bytesMax) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytesMax);
        try (FileChannel channel = FileChannel.open(file)) {
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                continue;
            }
            return Arrays.copyOf(buffer.array(), buffer.position());
        } finally {
            Arrays.fill(buffer.array(), (byte) 0);
        }
    }

    private static KeyFileException failure(Path file, IOException e) {
        return new KeyFileException(file + ": " + switch (e) {
            case NoSuchFileException none -> "ENOENT: no such file or directory";
            case FileAlreadyExistsException there -> "is there already, and is left as it is: choose another name";
            case AccessDeniedException denied -> "EACCES: permission denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(e.getMessage());
        });
    }
}
