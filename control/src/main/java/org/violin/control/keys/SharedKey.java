package org.violin.control.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * A key that two hosts share: {@value #BYTES} random bytes, in a file as one line of base64 that only its owner may
 * read. Whoever has it can be either host of a tunnel. Closing it overwrites it; otherwise immutable and thread-safe.
 */
public final class SharedKey implements AutoCloseable {
    public static final int BYTES = 32;

    /** Base64 of {@link #BYTES}, with its padding. */
    private static final int TEXT_BYTES = 44;
    /** With the end of the line, be it that of another system. */
    private static final int FILE_BYTES_MAX = TEXT_BYTES + 2;
    private static final int FINGERPRINT_BYTES = 8;
    private static final byte[] FINGERPRINT_LABEL = "violin shared key".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;

    /** @param bytes {@link #BYTES} of them, which are this object's from now on */
    SharedKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException(bytes.length + " bytes");
        }
        this.bytes = bytes;
    }

    /**
     * Makes a key and its file, which is on the disk when this returns. A file that is there already is never changed.
     *
     * @throws KeyFileException if there is such a file, or it cannot be made
     */
    public static SharedKey create(Path file) {
        SharedKey key = new SharedKey(new byte[BYTES]);
        new SecureRandom().nextBytes(key.bytes);
        byte[] text = Base64.getEncoder().encode(key.bytes);
        byte[] line = Arrays.copyOf(text, TEXT_BYTES + 1);
        line[TEXT_BYTES] = '\n';
        // With the permissions in open(2), there is no moment at which others could open it.
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel = FileChannel.open(file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
            writeAll(file, channel, line);
        } catch (IOException e) {
            throw failure(file, e);
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(line, (byte) 0);
        }
        return key;
    }

    private static void writeAll(Path file, FileChannel channel, byte[] line) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(line);
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
     * Reads a key's file.
     *
     * @throws KeyFileException if it is not there, belongs to somebody else, is open to others, or holds no key
     */
    public static SharedKey read(Path file) {
        byte[] content = null;
        try {
            check(file, Files.readAttributes(file, "unix:mode,uid,size,isRegularFile,isDirectory"));
            content = readAtMost(file, FILE_BYTES_MAX + 1);
            return parse(file, content);
        } catch (IOException e) {
            throw failure(file, e);
        } finally {
            if (content != null) {
                Arrays.fill(content, (byte) 0);
            }
        }
    }

    /** What is known of the file before its content is. */
    private static void check(Path file, Map<String, Object> attributes) throws IOException {
        int mode = (Integer) attributes.get("mode") & 0777;
        int owner = (Integer) attributes.get("uid");
        if ((Boolean) attributes.get("isDirectory")) {
            throw new KeyFileException(file + ": is a directory: name the key file in it");
        }
        if (!(Boolean) attributes.get("isRegularFile")) {
            throw new KeyFileException(file + ": is not a regular file");
        }
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
        if ((Long) attributes.get("size") > FILE_BYTES_MAX) {
            throw tooLong(file);
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

    private static SharedKey parse(Path file, byte[] content) {
        if (content.length > FILE_BYTES_MAX) {
            throw tooLong(file);
        }
        int end = content.length;
        if (end > 0 && content[end - 1] == '\n') {
            end -= end > 1 && content[end - 2] == '\r' ? 2 : 1;
        }
        byte[] text = Arrays.copyOf(content, end);
        byte[] bytes = null;
        try {
            bytes = Base64.getDecoder().decode(text);
            if (bytes.length == BYTES) {
                return new SharedKey(bytes.clone());
            }
            throw new KeyFileException(file + ": holds " + bytes.length + " bytes, a shared key has " + BYTES
                + hint());
        } catch (IllegalArgumentException e) {
            // The decoder's message would name a character of the key.
            throw new KeyFileException(file + ": holds no shared key: it is not one line of base64" + hint());
        } finally {
            Arrays.fill(text, (byte) 0);
            if (bytes != null) {
                Arrays.fill(bytes, (byte) 0);
            }
        }
    }

    /** What people compare to see that two hosts have the same key: 16 hexadecimal digits that do not tell it. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(FINGERPRINT_LABEL);
            return HexFormat.of().formatHex(digest.digest(bytes), 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /** Not a copy. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SharedKey[" + fingerprint() + "]";
    }

    private static String hint() {
        return ": make one with: violin key new --shared FILE";
    }

    private static KeyFileException tooLong(Path file) {
        return new KeyFileException(file + ": is longer than a shared key's file (" + (TEXT_BYTES + 1) + " bytes)"
            + hint());
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
