/**
 * Tunnels: sessions and their keys, liveness, replay protection, fragmentation and reassembly, forward error
 * correction, and what is known of the path. One worker receives for a tunnel and
 * owns its session; all send over it. Time is passed in. Imports {@code wire}, {@code counters}, {@code memory} and
 * what moves datagrams.
 */
package org.violin.dataplane.tunnel;
