package org.violin.control.os;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A network namespace without a name, in which this process has sockets: what they send meets no device, address, route
 * or firewall of the machine's own. It goes, and its sockets with it, when this is closed. Needs root. Thread-safe.
 *
 * <p>A thread is in one namespace, and a thread that it starts is in the same one. A thread that the Java runtime
 * starts for its own purposes, when the one that happens to be running needs it, would then do the daemon's work in the
 * wrong network. So a thread is here only as long as {@link #open} takes, and a socket stays here by itself.
 */
public final class NetworkNamespace implements Closeable {
    private static final Path OF_THREAD = Path.of("/proc/thread-self/ns/net");

    private final int fd;
    /** Null: closed. */
    private List<Closeable> sockets = new ArrayList<>();

    /** What opens a socket, and does nothing else: see {@link NetworkNamespace}. */
    public interface Opening<T> {
        T run() throws IOException;
    }

    private NetworkNamespace(int fd) {
        this.fd = fd;
    }

    /** Throws {@link LibcException}: EPERM without CAP_SYS_ADMIN. */
    public static NetworkNamespace create() throws IOException {
        return new NetworkNamespace(onThreadOfItsOwn(() -> {
            Libc.unshareNetwork();
            return openOwn();
        }));
    }

    /** By which commands of the same user find it, as long as it is not closed. */
    public Path path() {
        return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", Integer.toString(fd));
    }

    /** Opens a socket in here, which {@link #close} closes. */
    public synchronized <T extends Closeable> T open(Opening<T> opening) throws IOException {
        if (sockets == null) {
            throw new ClosedChannelException();
        }
        T socket = onThreadOfItsOwn(() -> {
            Libc.enterNetwork(fd);
            return opening.run();
        });
        sockets.add(socket);
        return socket;
    }

    private static int openOwn() {
        return Libc.openFile(OF_THREAD, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    }

    /** The thread is back where it came from before anybody is told that it has ended. */
    private static <T> T onThreadOfItsOwn(Opening<T> opening) throws IOException {
        AtomicReference<T> result = new AtomicReference<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().name("namespace").daemon().start(() -> {
            try {
                int home = openOwn();
                try {
                    result.set(opening.run());
                } finally {
                    Libc.enterNetwork(home);
                    Libc.closeFile(home);
                }
            } catch (IOException | RuntimeException e) {
                failure.set(e);
            }
        });
        join(thread);
        switch (failure.get()) {
            case null -> {
                return result.get();
            }
            case IOException e -> throw e;
            case Exception e -> throw (RuntimeException) e;
        }
    }

    /** To its end, whoever interrupts: what it has opened must not be lost. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (sockets == null) {
            return;
        }
        try {
            for (Closeable socket : sockets) {
                socket.close();
            }
        } finally {
            sockets = null;
            Libc.closeFile(fd);
        }
    }
}
