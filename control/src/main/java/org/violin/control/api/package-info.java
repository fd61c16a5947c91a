/**
 * The daemon's HTTP/JSON API on a unix socket: the server, and the records that travel as JSON. The server's handlers
 * run on virtual threads; only reads and writes of the socket run on its event loop. Imports host, tune and spec; a
 * client uses the records and {@link org.violin.control.api.ApiJson} alone.
 */
package org.violin.control.api;
