package org.violin.benchmarks.video;

import java.util.List;
import org.violin.benchmarks.report.Subject;

/**
 * A way to stream to several hosts.
 *
 * @param isRelayed   by relays, without Violin
 * @param isCorrected tunnels bring back what their paths lose
 */
record Side(String name, String description, int layer, String encryption, boolean isRelayed, boolean isCorrected)
    implements Subject {
    private static final String CIPHER = "AES-256-GCM";

    static final List<Side> ALL = List.of(
        new Side("relays", "a relay in each domain, unicast from one to the next", 7, "-", true, false),
        new Side("violin-sealed", "a LAN over all domains, multicast", 2, CIPHER, false, false),
        new Side("violin-fec", "the same, tunnels with fec: auto", 2, CIPHER, false, true));
}
