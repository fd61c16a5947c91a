/**
 * Tunnels: sessions, liveness, replay protection, fragmentation and reassembly. A tunnel is owned by one worker and
 * called by it alone. Time is passed in. Imports {@code wire}, {@code counters}, {@code memory} and what moves
 * datagrams.
 */
package org.violin.dataplane.tunnel;
