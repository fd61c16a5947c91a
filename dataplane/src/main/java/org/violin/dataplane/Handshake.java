package org.violin.dataplane;

/**
 * A datagram of a handshake that came from a tunnel's peer, or from somebody with its address.
 *
 * @param tunnel   the tunnel's name
 * @param datagram the whole UDP payload, of at least 16 bytes and of type 4 or 5 ({@code docs/tunnel-protocol.md})
 */
public record Handshake(String tunnel, byte[] datagram) {
}
