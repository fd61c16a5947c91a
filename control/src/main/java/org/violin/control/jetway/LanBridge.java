package org.violin.control.jetway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.violin.control.spec.JetwaySpec;

/**
 * The kernel bridge of a jetway in bridge mode, which joins its TAP and an interface. The host's addresses and routes
 * move from the interface to the bridge, so that it keeps its place on the segment, and back when the bridge goes. The
 * bridge's alias says whose it is and how the interface was; where the addresses are, is seen from the addresses.
 *
 * <p>It has no spanning tree: BPDUs pass, as everything else does, so bridges outside see a loop that leads through it
 * and break it.
 *
 * @param device    the bridge's name
 * @param id        {@link Mark#id}
 * @param outside   the interface
 * @param outsideUp whether it was up before
 */
record LanBridge(String device, String id, String outside, boolean outsideUp) {

    /** The bridges that bear a daemon's mark. */
    static List<LanBridge> of(Mark mark) {
        List<LanBridge> found = new ArrayList<>();
        for (JsonNode bridge : Interfaces.bridges()) {
            String alias = bridge.path("ifalias").asText();
            String[] words = alias.split(" ");
            if (mark.isOn(alias) && words.length == 5) {
                found.add(new LanBridge(bridge.path("ifname").asText(), words[2], words[3], words[4].equals("up")));
            }
        }
        return found;
    }

    /** Throws {@link JetwayException} where {@code jetway} cannot be made, before anything is changed. */
    static LanBridge plan(Mark mark, String id, JetwaySpec jetway) {
        String outside = jetway.outside();
        JsonNode link = Interfaces.require(outside);
        if (!link.path("link_type").asText().equals("ether")) {
            throw new JetwayException("interface " + outside + " is no Ethernet: choose another");
        }
        if (link.has("master")) {
            throw new JetwayException("interface " + outside + " is in " + link.path("master").asText()
                + " already, and can be in one bridge only: take it out with: ip link set " + outside
                + " nomaster, or choose another");
        }
        boolean isDefault = Interfaces.defaultRoutes(false).contains(outside)
            || Interfaces.defaultRoutes(true).contains(outside);
        if (isDefault && !jetway.takesOver()) {
            throw new JetwayException("interface " + outside + " is where this host's default route leads: its"
                + " addresses and routes would move to a bridge, and the network would share the host's way out."
                + " If that is wanted, add 'take-over: true' to the jetway");
        }
        if (link.path("mtu").asInt() < jetway.tap().mtu()) {
            throw new JetwayException("interface " + outside + " has MTU " + link.path("mtu").asInt()
                + " while the network's LAN has " + jetway.tap().mtu() + ": longer packets would be lost; give"
                + " both the same");
        }
        return new LanBridge(mark.bridge(id), id, outside, Interfaces.isUp(link));
    }

    /** Makes the bridge, with no port yet. */
    void make(Mark mark) {
        JsonNode link = Interfaces.require(outside);
        Interfaces.batch(List.of(
            "link add " + device + " address " + link.path("address").asText() + " mtu " + link.path("mtu").asInt()
                + " type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            "link set dev " + device + " alias \"" + String.join(" ", mark.text(), id, outside,
                outsideUp ? "up" : "down") + "\""));
        Forwarding.onBridge(device);
    }

    /** Joins the two, and moves the host's place on the segment to the bridge. */
    void join(String tap) {
        List<String> lines = new ArrayList<>(List.of("link set dev " + device + " up",
            "link set dev " + tap + " master " + device));
        List<String> addresses = Interfaces.addressesTo(device, Interfaces.require(outside));
        List<String> routes = Interfaces.routesTo(device, outside);
        lines.addAll(addresses);
        lines.add("link set dev " + outside + " master " + device + " up");
        if (!addresses.isEmpty()) {
            lines.add("addr flush dev " + outside + " scope global");
        }
        lines.addAll(routes);
        Interfaces.batch(lines);
    }

    /** Puts everything back as it was and removes the bridge; what has gone meanwhile is no error. */
    void remove() {
        List<String> lines = new ArrayList<>();
        List<String> routes = Interfaces.routesTo(outside, device);
        Optional<JsonNode> link = Interfaces.find(outside);
        if (link.isPresent()) {
            lines.addAll(Interfaces.addressesTo(outside, Interfaces.require(device)));
        } else {
            routes = List.of();
        }
        if (link.isPresent() && link.get().path("master").asText().equals(device)) {
            lines.add("link set dev " + outside + " nomaster" + (outsideUp ? "" : " down"));
        }
        // The routes come last: with the bridge's addresses the kernel forgets those that name them as their source.
        lines.add("link del dev " + device);
        lines.addAll(routes);
        Interfaces.batch(lines);
    }
}
