package org.violin.control.guest;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Stands for the switch: listens on two unix SEQPACKET sockets and carries every frame from the guest at one to the
 * guest at the other. The newest connection of a side wins.
 */
final class Cable implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SHUT_RDWR = 2;

    static {
        Native.register(Cable.class, "c");
    }

    private final int[] listeners = new int[2];
    private final AtomicIntegerArray peers = new AtomicIntegerArray(new int[] {-1, -1});
    private volatile boolean closed;

    Cable(Path one, Path other) throws Exception {
        listeners[0] = listenAt(one);
        listeners[1] = listenAt(other);
        for (int side = 0; side < 2; side++) {
            int mine = side;
            Thread.ofPlatform().name("cable-" + side).daemon().start(() -> acceptAll(mine));
        }
    }

    private static int listenAt(Path path) throws Exception {
        Files.deleteIfExists(path);
        byte[] address = new byte[110];
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        bind(fd, address, 2 + name.length + 1);
        listen(fd, 4);
        return fd;
    }

    private void acceptAll(int side) {
        while (!closed) {
            try {
                int fd = accept(listeners[side], null, null);
                int old = peers.getAndSet(side, fd);
                if (old >= 0) {
                    shutdown(old, SHUT_RDWR);
                }
                Thread.ofPlatform().daemon().start(() -> carry(side, fd));
            } catch (LastErrorException e) {
                return;
            }
        }
    }

    private void carry(int side, int fd) {
        byte[] frame = new byte[65536];
        while (true) {
            try {
                long bytes = recv(fd, frame, frame.length, 0);
                if (bytes <= 0) {
                    break;
                }
                int to = peers.get(1 - side);
                if (to >= 0) {
                    send(to, frame, bytes, 0x4040); // MSG_DONTWAIT | MSG_NOSIGNAL
                }
            } catch (LastErrorException e) {
                if (e.getErrorCode() != 11 && e.getErrorCode() != 32) { // EAGAIN, EPIPE: a full or gone peer loses it
                    break;
                }
            }
        }
        peers.compareAndSet(side, fd, -1);
        close(fd);
    }

    @Override
    public void close() {
        closed = true;
        for (int side = 0; side < 2; side++) {
            shutdown(listeners[side], SHUT_RDWR);
            close(listeners[side]);
            int peer = peers.get(side);
            if (peer >= 0) {
                shutdown(peer, SHUT_RDWR);
            }
        }
    }

    private static native int socket(int domain, int type, int protocol) throws LastErrorException;

    private static native int bind(int fd, byte[] address, int length) throws LastErrorException;

    private static native int listen(int fd, int backlog) throws LastErrorException;

    private static native int accept(int fd, byte[] address, byte[] length) throws LastErrorException;

    private static native long recv(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    private static native long send(int fd, byte[] bytes, long length, int flags) throws LastErrorException;

    private static native int shutdown(int fd, int how);

    private static native int close(int fd);
}
