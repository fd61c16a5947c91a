package org.violin.control.topology;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Addresses, MTUs and routes: each by itself, and no two of one LAN in each other's way. */
final class AddressCheck {
    /** RFC 8200, section 5. */
    private static final int MIN_IPV6_MTU = 1280;

    private final Problems problems;

    private AddressCheck(Problems problems) {
        this.problems = problems;
    }

    static void run(YamlNode root, List<List<Station>> lans, Problems problems) {
        AddressCheck check = new AddressCheck(problems);
        root.mapping("nodes").values().forEach(node -> check.node(node, node.list("nics")));
        root.mapping("taps").values().forEach(check::station);
        root.mapping("jetways").values().forEach(jetway -> check.node(jetway, List.of(jetway)));
        for (List<Station> lan : lans) {
            check.macsDiffer(lan);
            check.addressesDiffer(lan);
            check.mtusAgree(lan);
        }
    }

    /** Checks what has routes, with its vNICs; a jetway is its own. */
    private void node(YamlNode node, List<YamlNode> nics) {
        List<IpPrefix> onLink = new ArrayList<>();
        boolean certain = !node.isUncertain("nics");
        for (YamlNode nic : nics) {
            certain &= station(nic) && !nic.isUncertain("addresses");
            addresses(nic).values().forEach(onLink::add);
        }
        routes(node, certain ? onLink : null);
    }

    /** Checks one vNIC or TAP; false when an address of it is of no use. */
    private boolean station(YamlNode station) {
        boolean sound = true;
        boolean ipv6 = false;
        Set<InetAddress> own = new HashSet<>();
        for (YamlNode item : station.list("addresses")) {
            try {
                IpPrefix prefix = IpPrefix.parse(item.text());
                String unfit = prefix.unfitForHost();
                if (unfit != null) {
                    problems.at(item, "addresses: '" + Words.shorten(item.text()) + "': " + unfit);
                } else if (!own.add(prefix.address())) {
                    problems.at(item, "addresses: '" + Words.shorten(item.text()) + "' is in this list already");
                }
                ipv6 |= prefix.isV6();
            } catch (IllegalArgumentException e) {
                problems.at(item, "addresses: " + e.getMessage());
                sound = false;
            }
        }
        int mtu = station.number("mtu", Topology.DEFAULT_MTU);
        if (ipv6 && mtu < MIN_IPV6_MTU) {
            problems.at(station.get("mtu"), "mtu: " + mtu + " is too small for IPv6, which needs " + MIN_IPV6_MTU
                + "; raise it, or remove the IPv6 addresses");
        }
        YamlNode mac = station.get("mac");
        if (mac != null) {
            mac(mac);
        }
        return sound;
    }

    private void mac(YamlNode mac) {
        if (mac.text().equals("00:00:00:00:00:00")) {
            problems.at(mac, "mac: all zeros is no station's address; leave the key out to have one made");
        } else if ((Integer.parseInt(mac.text().substring(0, 2), 16) & 1) != 0) {
            problems.at(mac, "mac: '" + mac.text() + "' is a group (multicast) address; a station's has an even first"
                + " byte, such as 02");
        }
    }

    /** The addresses of a vNIC or TAP that can be used, with where they stand. */
    private static Map<YamlNode, IpPrefix> addresses(YamlNode station) {
        Map<YamlNode, IpPrefix> result = new LinkedHashMap<>();
        for (YamlNode item : station.list("addresses")) {
            try {
                IpPrefix prefix = IpPrefix.parse(item.text());
                if (prefix.unfitForHost() == null) {
                    result.put(item, prefix);
                }
            } catch (IllegalArgumentException e) {
                // Told by station().
            }
        }
        return result;
    }

    private void macsDiffer(List<Station> lan) {
        Map<String, Station> seen = new HashMap<>();
        for (Station station : lan) {
            YamlNode mac = station.node().get("mac");
            Station other = mac == null ? null : seen.putIfAbsent(mac.text().toLowerCase(Locale.ROOT), station);
            if (other != null) {
                problems.at(mac, "mac: " + mac.text() + " is that of " + other.label() + " on the same LAN (line "
                    + other.node().get("mac").position().line() + "); give each vNIC its own, or leave the key out");
            }
        }
    }

    private void addressesDiffer(List<Station> lan) {
        Map<InetAddress, String> seen = new HashMap<>();
        for (Station station : lan) {
            addresses(station.node()).forEach((item, prefix) -> {
                String place = station.label() + " on the same LAN (line " + item.position().line() + ")";
                String other = seen.putIfAbsent(prefix.address(), place);
                if (other != null && !other.startsWith(station.label() + " ")) {
                    problems.at(item, "addresses: " + Ip.text(prefix.address()) + " is that of " + other
                        + "; give each station its own");
                }
            });
        }
    }

    /** A frame too long for its receiver is lost without a word, so one LAN has one MTU: the one most stations have. */
    private void mtusAgree(List<Station> lan) {
        Map<Integer, List<Station>> byMtu = new LinkedHashMap<>();
        for (Station station : lan) {
            if (!station.node().isUncertain("mtu")) {
                int mtu = station.node().number("mtu", Topology.DEFAULT_MTU);
                byMtu.computeIfAbsent(mtu, key -> new ArrayList<>()).add(station);
            }
        }
        List<Station> usual = byMtu.values().stream().reduce(List.of(), (a, b) -> b.size() > a.size() ? b : a);
        byMtu.forEach((mtu, stations) -> {
            if (stations != usual) {
                for (Station station : stations) {
                    YamlNode at = station.node().has("mtu") ? station.node().get("mtu") : station.node();
                    problems.at(at, "mtu: " + station.label() + " has " + mtu + " while " + usual.getFirst().label()
                        + " on the same LAN has " + usual.getFirst().node().number("mtu", Topology.DEFAULT_MTU)
                        + "; one LAN has one MTU");
                }
            }
        });
    }

    /** @param onLink the prefixes of the node's own vNICs; null when they are in doubt */
    private void routes(YamlNode node, List<IpPrefix> onLink) {
        Map<String, Integer> seen = new HashMap<>();
        YamlNode gateway = node.get("gateway");
        if (gateway != null) {
            for (YamlNode via : gateway.isList() ? gateway.sound() : List.of(gateway)) {
                InetAddress hop = nextHop("gateway", via, onLink);
                if (hop != null) {
                    distinct("gateway", "default IPv" + Ip.version(hop), via, seen);
                }
            }
        }
        for (YamlNode route : node.list("routes")) {
            YamlNode via = route.get("via");
            InetAddress hop = via == null ? null : nextHop("via", via, onLink);
            if (route.get("to") != null) {
                destination(route.get("to"), hop, seen);
            }
        }
    }

    private void destination(YamlNode to, InetAddress hop, Map<String, Integer> seen) {
        if (to.text().equals("default")) {
            if (hop != null) {
                distinct("to", "default IPv" + Ip.version(hop), to, seen);
            }
            return;
        }
        try {
            IpPrefix prefix = IpPrefix.parse(to.text());
            if (!prefix.equals(prefix.network())) {
                problems.at(to, "to: '" + to.text() + "' has host bits set; expected the prefix " + prefix.network());
            } else if (prefix.address().isMulticastAddress()) {
                problems.at(to, "to: '" + to.text() + "' is multicast; expected a unicast prefix");
            } else if (hop != null && prefix.isV6() != (Ip.version(hop) == 6)) {
                problems.at(to, "to: '" + to.text() + "' and its 'via' are of different families; use a next hop of IPv"
                    + Ip.version(prefix.address()));
            } else {
                distinct("to", prefix.length() == 0 ? "default IPv" + Ip.version(prefix.address()) : prefix.toString(),
                    to, seen);
            }
        } catch (IllegalArgumentException e) {
            problems.at(to, "to: " + e.getMessage());
        }
    }

    private void distinct(String key, String destination, YamlNode at, Map<String, Integer> seen) {
        Integer line = seen.putIfAbsent(destination, at.position().line());
        if (line != null) {
            problems.at(at, key + ": this node has a route to " + destination + " already, on line " + line
                + "; remove one");
        }
    }

    /** The address at {@code via}; null when it is not one, which is told. */
    private InetAddress nextHop(String key, YamlNode via, List<IpPrefix> onLink) {
        InetAddress hop;
        try {
            hop = Ip.parse(via.text());
        } catch (IllegalArgumentException e) {
            problems.at(via, key + ": " + e.getMessage());
            return null;
        }
        String shown = key + ": " + Words.shorten(via.text());
        if (hop.isLinkLocalAddress() && Ip.version(hop) == 6) {
            problems.at(via, shown + " is link-local, which names no interface; use the router's global address");
        } else if (onLink != null) {
            IpPrefix subnet = onLink.stream().filter(prefix -> prefix.contains(hop)).findFirst().orElse(null);
            if (subnet == null) {
                String subnets = onLink.stream().filter(prefix -> prefix.isV6() == (Ip.version(hop) == 6))
                    .map(prefix -> prefix.network().toString()).distinct()
                    .reduce((a, b) -> a + ", " + b).orElse("it has none of IPv" + Ip.version(hop));
                problems.at(via, shown + " is on none of this node's subnets (" + subnets
                    + "); a next hop has to be a neighbour");
            } else if (onLink.stream().anyMatch(prefix -> prefix.address().equals(hop))) {
                problems.at(via, shown + " is this node's own address; expected the router's");
            } else if (new IpPrefix(hop, subnet.length()).unfitForHost() != null) {
                problems.at(via, shown + " is no host's address: "
                    + new IpPrefix(hop, subnet.length()).unfitForHost());
            }
        }
        return hop;
    }
}
