package org.violin.control.os;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * A connection to a unix socket of a kind that the JDK has not, or by which other connections can be passed
 * (SCM_RIGHTS), as the JDK's cannot. Each call throws {@link LibcException}. For one thread.
 */
public final class UnixSocket implements AutoCloseable {
    /** A stream of bytes; or messages that stay whole, without a connection and with one. */
    public enum Kind {
        STREAM(1), DATAGRAM(2), SEQPACKET(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    private static final short AF_UNIX = 1;
    private static final int SOCK_CLOEXEC = Libc.O_CLOEXEC;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    /** What fits sockaddr_un with its final NUL. */
    private static final int PATH_BYTES_MAX = 107;

    /** {@code struct msghdr}, and behind it the iovec, the control message and the bytes that it speaks of. */
    private static final int MESSAGE_IOVEC = 16;
    private static final int MESSAGE_IOVECS = 24;
    private static final int MESSAGE_CONTROL = 32;
    private static final int MESSAGE_CONTROL_BYTES = 40;
    private static final int IOVEC = 56;
    private static final int CONTROL = 72;
    private static final int CONTROL_BYTES = 20;
    private static final int DATA = 96;

    static {
        Native.register(UnixSocket.class, "c");
    }

    private final int fd;
    private boolean closed;

    private UnixSocket(int fd) {
        this.fd = fd;
    }

    /** @param limit of each read; it ends with {@code EAGAIN} then */
    public static UnixSocket connect(Path server, Kind kind, Duration limit) {
        byte[] path = server.toString().getBytes(StandardCharsets.UTF_8);
        if (path.length > PATH_BYTES_MAX) {
            throw new IllegalArgumentException(server + ": a unix socket's path has at most " + PATH_BYTES_MAX
                + " bytes, this one " + path.length);
        }
        int fd = -1;
        boolean connected = false;
        try {
            fd = socket(AF_UNIX, kind.number | SOCK_CLOEXEC, 0);
            byte[] timeval = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder())
                .putLong(limit.toSeconds()).putLong(limit.toNanosPart() / 1000).array();
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval, timeval.length);
            byte[] address = ByteBuffer.allocate(Short.BYTES + path.length + 1).order(ByteOrder.nativeOrder())
                .putShort(AF_UNIX).put(path).array();
            if (kind == Kind.DATAGRAM) {
                bind(fd, address, Short.BYTES); // the family alone: the kernel finds a name for the answer
            }
            connect(fd, address, address.length);
            connected = true;
            return new UnixSocket(fd);
        } catch (LastErrorException e) {
            throw new LibcException("connect " + server, e.getErrorCode());
        } finally {
            if (fd >= 0 && !connected) {
                Libc.closeFile(fd);
            }
        }
    }

    /** Returns how many bytes have come; 0: the other side has closed. */
    public int read(byte[] into) {
        try {
            return Math.toIntExact(recv(fd, into, into.length, 0));
        } catch (LastErrorException e) {
            throw new LibcException("recv", e.getErrorCode());
        }
    }

    /**
     * Writes all of it.
     *
     * @param passed the other process gets it, too, with the first of the bytes; null: none
     */
    public void write(byte[] bytes, UnixSocket passed) {
        try {
            int at = 0;
            if (passed != null) {
                at = pass(bytes, passed.fd);
            }
            while (at < bytes.length) {
                byte[] rest = at == 0 ? bytes : Arrays.copyOfRange(bytes, at, bytes.length);
                at += Math.toIntExact(send(fd, rest, rest.length, MSG_NOSIGNAL));
            }
        } catch (LastErrorException e) {
            throw new LibcException("send", e.getErrorCode());
        }
    }

    private int pass(byte[] bytes, int passed) {
        try (Memory message = new Memory(DATA + bytes.length)) {
            message.clear();
            message.setPointer(MESSAGE_IOVEC, message.share(IOVEC));
            message.setLong(MESSAGE_IOVECS, 1);
            message.setPointer(MESSAGE_CONTROL, message.share(CONTROL));
            message.setLong(MESSAGE_CONTROL_BYTES, CONTROL_BYTES);
            message.setPointer(IOVEC, message.share(DATA));
            message.setLong(IOVEC + Long.BYTES, bytes.length);
            message.setLong(CONTROL, CONTROL_BYTES);
            message.setInt(CONTROL + Long.BYTES, SOL_SOCKET);
            message.setInt(CONTROL + Long.BYTES + Integer.BYTES, SCM_RIGHTS);
            message.setInt(CONTROL + 2 * Long.BYTES, passed);
            message.write(DATA, bytes, 0, bytes.length);
            return Math.toIntExact(sendmsg(fd, message, MSG_NOSIGNAL));
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.closeFile(fd);
        }
    }

    private static native int socket(int domain, int type, int protocol) throws LastErrorException;

    private static native int setsockopt(int fd, int level, int option, byte[] value, int length)
        throws LastErrorException;

    private static native int bind(int fd, byte[] address, int length) throws LastErrorException;

    private static native int connect(int fd, byte[] address, int length) throws LastErrorException;

    private static native long send(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    private static native long sendmsg(int fd, Pointer message, int flags) throws LastErrorException;

    private static native long recv(int fd, byte[] bytes, long length, int flags) throws LastErrorException;
}
