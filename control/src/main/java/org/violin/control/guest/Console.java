package org.violin.control.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.violin.control.os.Libc;
import org.violin.control.os.LibcException;

/** A guest's console: the log that the guest appends to, and the FIFO it reads its keyboard from. */
final class Console {
    /** The log is cut when it has grown to this; one older part is kept beside it. */
    static final long LOG_BYTES_MAX = 1 << 20;
    /** As much as a kernel says when it panics. */
    private static final int TAIL_BYTES = 4096;
    private static final int TYPED_BYTES = 512;
    private static final long TYPED_PAUSE_NANOS = 20_000_000;

    private final Path log;
    private final Path older;
    private final Path input;

    Console(GuestDirectory directory) {
        log = directory.file(GuestDirectory.CONSOLE_LOG);
        older = directory.file(GuestDirectory.CONSOLE_LOG + ".1");
        input = directory.file(GuestDirectory.CONSOLE_IN);
    }

    Path log() {
        return log;
    }

    /** Moves a log that has grown too long aside. The guest goes on writing to the same file, at its new end. */
    void bound() {
        try {
            if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
                Files.copy(log, older, StandardCopyOption.REPLACE_EXISTING);
                FileChannel.open(log, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING).close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(log.toString(), e);
        }
    }

    /** The log's last lines without control characters, from before the cut as well; empty when there is none. */
    String tail() {
        try {
            boolean isShort = !Files.exists(log) || Files.size(log) < TAIL_BYTES;
            String text = (isShort ? tail(older) : "") + tail(log);
            return text.replaceAll("\u001b\\[[0-9;?]*[a-zA-Z]", "").replaceAll("[\\p{Cntrl}&&[^\n\t]]", "").strip();
        } catch (IOException e) {
            return "(" + log + ": " + e.getMessage() + ")";
        }
    }

    private static String tail(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(TAIL_BYTES);
            channel.position(Math.max(0, channel.size() - TAIL_BYTES));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                continue;
            }
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            return bytes.hasRemaining() ? text : text.substring(text.indexOf('\n') + 1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /**
     * Types at the guest's keyboard, no faster than a shell reads: UML stops reading its console for good once 4 KiB
     * wait there. Never waits for the guest.
     */
    void type(String guest, byte[] bytes) {
        int fd;
        try {
            fd = Libc.openFile(input, Libc.O_WRONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        } catch (LibcException e) {
            throw e.errno() == Libc.ENXIO ? new GuestException(guest + ": not running") : e;
        }
        try {
            for (int at = 0; at < bytes.length; at += TYPED_BYTES) {
                if (at > 0) {
                    LockSupport.parkNanos(TYPED_PAUSE_NANOS);
                }
                byte[] typed = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + TYPED_BYTES));
                if (Libc.writeFile(fd, typed, typed.length) < typed.length) {
                    throw new GuestException(guest + ": its console takes no more input, part of it is lost");
                }
            }
        } catch (LibcException e) {
            throw e.errno() == Libc.EAGAIN ? new GuestException(guest + ": its console takes no more input") : e;
        } finally {
            Libc.closeFile(fd);
        }
    }
}
