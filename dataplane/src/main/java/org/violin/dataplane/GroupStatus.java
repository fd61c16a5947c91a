package org.violin.dataplane;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.violin.dataplane.bridge.GroupTable;
import org.violin.dataplane.bridge.GroupTable.Entry;
import org.violin.dataplane.bridge.GroupTable.Role;
import org.violin.dataplane.wire.GroupAddress;

/**
 * A port that gets multicast frames of a switch, or asks for it.
 *
 * @param group      {@code 239.1.2.3}, {@code ff15::9}; {@code *}: all
 * @param port       null: the switch itself
 * @param role       {@code member}: it has joined; {@code router}: a multicast router or querier is behind it; {@code
 *                   new}: it has not been asked yet; {@code overflow}: it wants more groups than there is room for;
 *                   {@code querier}: of that family
 * @param version    by which that is known: {@code igmp-v3}, {@code mld-v2}; of a router that announced itself {@code
 *                   igmp} or {@code mld}; else empty
 * @param ageSeconds since it was said last
 */
public record GroupStatus(
    String bridge, String group, String port, String role, String version, int ageSeconds) {

    /** What a switch has learned. {@code portNames}: by index. */
    static List<GroupStatus> of(String bridge, GroupTable groups, Map<Integer, String> portNames) {
        // A port that has just gone may still be in the table.
        return groups.entries().stream()
            .filter(entry -> entry.port() == GroupTable.OWN || portNames.containsKey(entry.port()))
            .map(entry -> new GroupStatus(bridge,
                entry.role() == Role.MEMBER ? GroupAddress.format(entry.high(), entry.low()) : "*",
                portNames.get(entry.port()), entry.role().name().toLowerCase(Locale.ROOT), version(entry),
                entry.ageSeconds())).toList();
    }

    private static String version(Entry entry) {
        if (entry.role() == Role.NEW || entry.role() == Role.OVERFLOW) {
            return "";
        }
        return (entry.isIpv6() ? "mld" : "igmp") + (entry.version() == 0 ? "" : "-v" + entry.version());
    }
}
