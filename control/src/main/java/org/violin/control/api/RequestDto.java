package org.violin.control.api;

import org.violin.control.host.PortDesk;

/**
 * How often something has become of requests for ports, since the daemon started.
 *
 * @param network empty: no network that there is was named
 * @param outcome {@code granted}, {@code released}, or why they were refused
 */
public record RequestDto(String network, String outcome, long times) {
    static RequestDto of(PortDesk.Count count) {
        return new RequestDto(count.network(), count.outcome(), count.times());
    }
}
