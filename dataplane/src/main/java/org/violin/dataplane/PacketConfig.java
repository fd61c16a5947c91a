package org.violin.dataplane;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.violin.dataplane.sys.PacketFilter;
import org.violin.dataplane.wire.Ethernet;

/**
 * An interface of the host that a port takes frames from and sends frames by; it is the host's, and stays when the port
 * goes. Needs CAP_NET_RAW.
 *
 * @param name        the port's name, unique in the dataplane
 * @param device      the interface's name, 1 to 15 bytes
 * @param macs        of the stations that it is about, 48 bits each, the first octet the highest; 1 to {@value
 *                    #MAX_MACS}, but none with {@link Role#ALL}
 * @param multicast   {@link Role#PROXY}: whether it takes what is for any group, and not only what is for all
 * @param promiscuous whether the interface lets through what is for any station, while the port is open. Else it lets
 *                    through what is for the host, and for the stations of a proxy
 */
public record PacketConfig(
    String name, String device, Role role, List<Long> macs, boolean multicast, boolean promiscuous) {
    public static final int MAX_MACS = PacketFilter.MACS_MAX;

    /** What a port takes of the frames that come in by its interface (VNET, section 4.2). */
    public enum Role {
        /** What comes from the stations. */
        HOST,
        /** What is for the stations or for all, and comes from none of them. */
        PROXY,
        /** Everything. */
        ALL
    }

    public PacketConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(role, "role");
        macs = List.copyOf(macs);
        if (!device.matches("[A-Za-z0-9_.-]{1,15}")) {
            throw new IllegalArgumentException("interface: '" + device + "': 1 to 15 letters, digits, '_', '.' or '-'");
        }
        if (role == Role.ALL ? !macs.isEmpty() : macs.isEmpty() || macs.size() > MAX_MACS) {
            throw new IllegalArgumentException("macs: " + macs.size() + ": "
                + (role == Role.ALL ? "none, with role all" : "1 to " + MAX_MACS));
        }
        if (new HashSet<>(macs).size() < macs.size()) {
            throw new IllegalArgumentException("macs: there are two alike");
        }
        for (long mac : macs) {
            if (mac <= 0 || mac > Ethernet.BROADCAST || Ethernet.isGroup(mac)) {
                throw new IllegalArgumentException("macs: " + Ethernet.format(mac) + ": no station's address");
            }
        }
        if (multicast && role != Role.PROXY) {
            throw new IllegalArgumentException("multicast: is for role proxy");
        }
    }

    PacketFilter filter() {
        return switch (role) {
            case HOST -> PacketFilter.host(macs, promiscuous);
            case PROXY -> PacketFilter.proxy(macs, multicast, promiscuous);
            case ALL -> PacketFilter.all(promiscuous);
        };
    }
}
