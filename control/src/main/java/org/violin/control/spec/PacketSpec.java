package org.violin.control.spec;

import java.util.List;
import java.util.Locale;

/**
 * An interface of the host, plugged into a bridge by a packet socket (VNET, section 4.2).
 *
 * @param device      the interface, which is the host's
 * @param macs        of the stations that it is about, in lower case; none with {@link Role#ALL}
 * @param multicast   whether a proxy takes what is for any group
 * @param promiscuous whether the interface lets through what is for any station
 */
public record PacketSpec(
    String name, String device, String bridge, Role role, List<String> macs, boolean multicast, boolean promiscuous) {

    /**
     * What enters the network of what comes in by the interface. {@code HOST}: what comes from the stations. {@code
     * PROXY}: what is for them or for all, and comes from none of them. {@code ALL}: everything.
     */
    public enum Role {
        HOST, PROXY, ALL;

        /** As in topology files. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PacketSpec {
        macs = List.copyOf(macs);
    }

    /** The same on another bridge. */
    public PacketSpec withBridge(String newBridge) {
        return new PacketSpec(name, device, newBridge, role, macs, multicast, promiscuous);
    }

    /** For people: {@code proxy on eth1 for 02:00:00:00:00:01}. */
    public String text() {
        return role.label() + " on " + device + (macs.isEmpty() ? "" : " for " + String.join(", ", macs))
            + (multicast ? " and groups" : "") + (promiscuous ? ", promiscuous" : "");
    }
}
