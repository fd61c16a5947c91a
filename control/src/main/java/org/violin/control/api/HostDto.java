package org.violin.control.api;

/**
 * A daemon.
 *
 * @param listen   {@code address:port} of the tunnels' UDP sockets; null: this daemon has no tunnels
 * @param stateDir absolute path
 * @param engine   how it reads frames: {@code io_uring} or {@code epoll}
 * @param workers  threads that move frames
 * @param priority how these are scheduled: {@code realtime} or {@code normal}
 */
public record HostDto(String name, String version, long pid, String listen, String stateDir, String engine,
    int workers, String priority) {
}
