package org.violin.dataplane;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A unix SEQPACKET socket that a guest connects to (UML's {@code bess} transport): one message is one frame. The
 * newest connection wins, so a guest that reopens its vNIC is back at once.
 *
 * @param name   the port's name, unique in the dataplane
 * @param socket where the dataplane listens; at most 107 bytes; a stale socket file is replaced
 */
public record UnixPortConfig(String name, Path socket) {
    /** What fits sockaddr_un with its final NUL. */
    public static final int MAX_PATH_BYTES = 107;

    public UnixPortConfig {
        Objects.requireNonNull(name, "name");
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("socket: " + socket + ": " + bytes + " bytes, a unix socket's path has"
                + " at most " + MAX_PATH_BYTES + ": use a shorter state directory");
        }
    }
}
