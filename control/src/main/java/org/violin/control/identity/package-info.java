/**
 * Who hosts are, and the control connection by which two of them agree on a tunnel's shared key: TLS 1.3, each end
 * proves that it has its key, and the key that comes of it goes to {@link org.violin.control.keys.KeyTaker}
 * (docs/tunnel-protocol.md, Control connection; docs/keys.md for users).
 *
 * <p>A {@link org.violin.control.identity.ControlPort} has one thread, Netty's, on which TLS is computed and all of its
 * state is used; streams of its tunnels share thread and port. Certificates are made by Bouncy Castle; whatever comes
 * from outside is read and checked by the JDK. Imports keys and stream.
 */
package org.violin.control.identity;
