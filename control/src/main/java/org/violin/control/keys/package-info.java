/**
 * Keys of tunnels: the file that two hosts share, and the handshake by which they agree on keys for their datagrams
 * (docs/tunnel-protocol.md, Handshake; docs/keys.md for users).
 *
 * <p>No threads, sockets or clocks: one thread of the caller's drives a {@link org.violin.control.keys.KeyAgreement}
 * with what has come in and with the time. Secrets are overwritten when they have been used; copies that the JDK's
 * ciphers and digests make inside are beyond reach, and are left to the collector. Imports nothing of control, and the
 * dataplane's public face.
 */
package org.violin.control.keys;
