/**
 * Tunnels over streams: a relay between the dataplane's UDP socket, on loopback, and one TCP or TLS connection to the
 * peer (docs/transports.md). The dataplane knows nothing of it: its peer is the relay, and the path takes 64 KiB.
 *
 * <p>Netty's epoll transport, one event loop a relay: all that is not said to be any thread's belongs to that loop.
 * Nothing in here waits in memory without a bound: see {@link org.violin.control.stream.CodelQueue} for datagrams, and
 * {@link org.violin.control.stream.Listener} for strangers. Imports keys.
 */
package org.violin.control.stream;
