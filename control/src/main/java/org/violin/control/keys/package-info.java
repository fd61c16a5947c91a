/**
 * Keys of tunnels: the file that two hosts share, and the handshake by which they agree on keys for their datagrams.
 * Secrets are overwritten when they have been used; copies that the JDK's ciphers and digests make inside are beyond
 * reach, and are left to the collector. Imports nothing of control, and the dataplane's public face.
 */
package org.violin.control.keys;
