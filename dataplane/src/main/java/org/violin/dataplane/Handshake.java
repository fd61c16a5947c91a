package org.violin.dataplane;

import java.net.InetSocketAddress;

/**
 * A datagram of a handshake. Who sent it is not known.
 *
 * @param tunnel   the name of the sealed tunnel whose peer has the address that it came from; null: none's has
 * @param source   that address, which an answer goes to
 * @param datagram the whole UDP payload, of at least 16 bytes and of type 4 or 5 ({@code docs/tunnel-protocol.md})
 */
public record Handshake(String tunnel, InetSocketAddress source, byte[] datagram) {
}
