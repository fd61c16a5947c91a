/**
 * The engine of one daemon. It holds, for each network, what was asked for (journalled) and what is there (pieces),
 * and moves the second towards the first step by step.
 *
 * <p>Threads: {@link org.violin.control.host.Engine}'s methods may be called from any thread that may block; changes
 * are serialised by one lock, reads take none. Ownership: the engine owns the journal and the driver, the driver owns
 * the dataplane and the guests' runtime. Imports spec, os, guest, jetway and
 * the dataplane's public face.
 */
package org.violin.control.host;
