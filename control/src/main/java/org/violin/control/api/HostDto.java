package org.violin.control.api;

/**
 * A daemon.
 *
 * @param listen   {@code address:port} of the tunnels' UDP socket; null: this daemon has no tunnels
 * @param stateDir absolute path
 */
public record HostDto(String name, String version, long pid, String listen, String stateDir) {
}
