package org.violin.control.vnet;

import org.violin.control.stream.StreamRelay;

/**
 * A handler that there is.
 *
 * @param id    what clients call it
 * @param peer  where the other server is, two words: {@code tls 192.0.2.1:7700}
 * @param relay between its connection and the dataplane
 */
record Handler(String id, HandlerSpec spec, String peer, StreamRelay relay) {
    /** As HANDLERS? lists it. */
    String line() {
        return "HANDLER " + id + " " + peer + " " + spec.text();
    }
}
