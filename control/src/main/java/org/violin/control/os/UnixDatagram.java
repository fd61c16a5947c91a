package org.violin.control.os;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Unix datagram sockets, for which the JDK has no channels. Thread-safe. */
public final class UnixDatagram {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = Libc.O_CLOEXEC;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    /** What fits sockaddr_un with its final NUL. */
    private static final int PATH_BYTES_MAX = 107;

    static {
        Native.register(UnixDatagram.class, "c");
    }

    private UnixDatagram() {
    }

    /**
     * Sends a datagram to the socket at {@code server} and returns the one that comes back. Throws
     * {@link LibcException}; with {@code EAGAIN} when none has come within {@code limit}.
     *
     * @param answerBytesMax what is longer is cut
     */
    public static byte[] ask(Path server, byte[] question, int answerBytesMax, Duration limit) {
        byte[] path = server.toString().getBytes(StandardCharsets.UTF_8);
        if (path.length > PATH_BYTES_MAX) {
            throw new IllegalArgumentException(server + ": a unix socket's path has at most " + PATH_BYTES_MAX
                + " bytes, this one " + path.length);
        }
        String call = "socket";
        int fd = -1;
        try {
            fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            call = "setsockopt";
            byte[] timeval = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder())
                .putLong(limit.toSeconds()).putLong(limit.toNanosPart() / 1000).array();
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval, timeval.length);
            call = "bind";
            bind(fd, address(new byte[0]), Short.BYTES); // the family alone: the kernel finds a name for the answer
            call = "connect " + server;
            byte[] address = address(path);
            connect(fd, address, address.length);
            call = "send to " + server;
            send(fd, question, question.length, 0);
            call = "answer of " + server;
            byte[] answer = new byte[answerBytesMax];
            return Arrays.copyOf(answer, Math.toIntExact(recv(fd, answer, answer.length, 0)));
        } catch (LastErrorException e) {
            throw new LibcException(call, e.getErrorCode());
        } finally {
            if (fd >= 0) {
                Libc.closeFile(fd);
            }
        }
    }

    private static byte[] address(byte[] path) {
        return ByteBuffer.allocate(Short.BYTES + path.length + 1).order(ByteOrder.nativeOrder()).putShort(AF_UNIX)
            .put(path).array();
    }

    private static native int socket(int domain, int type, int protocol) throws LastErrorException;

    private static native int setsockopt(int fd, int level, int option, byte[] value, int length)
        throws LastErrorException;

    private static native int bind(int fd, byte[] address, int length) throws LastErrorException;

    private static native int connect(int fd, byte[] address, int length) throws LastErrorException;

    private static native long send(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    private static native long recv(int fd, byte[] bytes, long length, int flags) throws LastErrorException;
}
