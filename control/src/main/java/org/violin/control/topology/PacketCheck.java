package org.violin.control.topology;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.violin.control.spec.PacketSpec;

/** What stands under {@code packets}: what goes with each role, and interfaces that are the network's own. */
final class PacketCheck {
    private final YamlNode root;
    private final Problems problems;

    private PacketCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    static void run(YamlNode root, Problems problems) {
        PacketCheck check = new PacketCheck(root, problems);
        root.mapping("packets").forEach(check::packet);
    }

    /** The role of a packet port in which nothing is wrong. */
    static PacketSpec.Role role(YamlNode packet) {
        String role = packet.text("role");
        return role == null ? PacketSpec.Role.ALL : PacketSpec.Role.valueOf(role.toUpperCase(Locale.ROOT));
    }

    private void packet(String name, YamlNode packet) {
        Set<String> macs = new HashSet<>();
        packet.list("macs").forEach(mac -> mac(mac, macs));
        foreignInterface(packet);
        if (packet.isUncertain("role")) {
            return;
        }
        PacketSpec.Role role = role(packet);
        if (role != PacketSpec.Role.ALL && !packet.has("macs")) {
            problems.atKey(packet, "packet " + Words.shorten(name) + ": lacks 'macs', the addresses of the stations"
                + " that role " + role.label() + " is about");
        }
        List<String> meaningless = switch (role) {
            case ALL -> List.of("macs", "multicast");
            case HOST -> List.of("multicast");
            case PROXY -> List.of();
        };
        meaningless.stream().filter(packet::has).forEach(key -> problems.atKey(packet.child(key),
            key + ": means nothing in role " + role.label() + "; remove it"
                + (key.equals("macs") && !packet.has("role") ? ", or add 'role: host' or 'role: proxy'" : "")));
    }

    private void mac(YamlNode mac, Set<String> seen) {
        if (mac.text().equals("00:00:00:00:00:00")
            || (Integer.parseInt(mac.text().substring(0, 2), 16) & 1) != 0) {
            problems.at(mac, "macs: '" + mac.text() + "' is no station's address");
        } else if (!seen.add(mac.text().toLowerCase(Locale.ROOT))) {
            problems.at(mac, "macs: '" + mac.text() + "' is in this list already");
        }
    }

    /** A TAP of the network is plugged in by itself. */
    private void foreignInterface(YamlNode packet) {
        YamlNode device = packet.get("interface");
        String host = packet.text("host");
        if (device == null || host == null) {
            return;
        }
        for (String kind : List.of("tap", "jetway")) {
            root.mapping(kind + "s").forEach((name, tap) -> {
                String its = tap.has("device") ? tap.text("device") : name;
                if (device.text().equals(its) && host.equals(tap.text("host"))) {
                    problems.at(device, "interface: '" + its + "' is made by " + kind + " " + Words.shorten(name)
                        + ", which is plugged in already; name an interface that the host has");
                }
            });
        }
    }
}
