/**
 * VNET's servers and their text protocol (docs/vnet.md; the VNET paper, section 4.3): a client asks a server, in lines
 * of text, to have a handler with another; then the connection between the two carries frames. {@link
 * org.violin.control.vnet.Session} is the protocol alone, without a socket.
 *
 * <p>Connections belong to one event loop; what becomes of the dataplane, to one thread for work that may wait. Both
 * are {@link org.violin.control.vnet.VnetServer}'s. Imports spec, os, keys, identity and stream.
 */
package org.violin.control.vnet;
