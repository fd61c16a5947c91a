/**
 * Keys of tunnels: the file that two hosts share, and the handshake by which they agree on keys for their datagrams
 * (docs/tunnel-protocol.md, Handshake; docs/keys.md for users).
 *
 * <p>A {@link org.violin.control.keys.KeyAgreement} has no thread, socket or clock: it is driven with what has come in
 * and with the time, by the one thread of a {@link org.violin.control.keys.KeyKeeper}. Secrets are overwritten when
 * they have been used; copies that the JDK's ciphers and digests make inside are beyond reach, and are left to the
 * collector. Imports nothing of control, and the dataplane's public face.
 */
package org.violin.control.keys;
