/**
 * Jetways: gateways between a network and what its host is connected to. All that one leaves in the host's network
 * namespace bears its daemon's mark, so that any process can find it and remove it, whatever became of the daemon.
 * Called by control threads, one change at a time.
 */
package org.violin.control.jetway;
