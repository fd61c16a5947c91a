/**
 * Tunnels over streams: a relay for each between the dataplane's UDP socket, on loopback, and one TCP or TLS connection
 * to the peer (docs/transports.md). The dataplane knows nothing of it: its peer is the relay, and the path takes 64
 * KiB. The {@link org.violin.control.stream.Carrier} turns tunnels from one way to another.
 *
 * <p>Netty's epoll transport, one event loop for all relays: all that is not said to be any thread's belongs to that
 * loop. Nothing in here waits in memory without a bound: see {@link org.violin.control.stream.CodelQueue} for
 * datagrams, and {@link org.violin.control.stream.Listener} for strangers. Imports spec and keys.
 */
package org.violin.control.stream;
