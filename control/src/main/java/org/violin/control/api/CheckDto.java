package org.violin.control.api;

/**
 * How a tunnel is, in words.
 *
 * @param peer    the host at its other end, as a network calls it
 * @param remote  that host's address and port
 * @param verdict {@code good}, {@code poor} or {@code bad}
 * @param text    one sentence or two
 */
public record CheckDto(String peer, String remote, String verdict, String text) {
}
