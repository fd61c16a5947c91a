package org.violin.control.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is plugged in where: every vNIC in exactly one place, cables with two free ends, trunks without loops. Finds the
 * LANs: each is a switch with all it is joined to by trunks, or the two vNICs of a lone cable.
 */
final class WiringCheck {
    /** A vNIC's name: its node, and its number. */
    static final Pattern NIC = Pattern.compile("([^.]+)\\.eth(0|[1-9][0-9]{0,3})");

    private final YamlNode root;
    private final NameCheck names;
    private final Problems problems;
    private final Map<String, YamlNode> switches;
    // Every vNIC there is, by label; and the cable's end that each is on.
    private final Map<String, Station> nics = new LinkedHashMap<>();
    private final Map<String, YamlNode> cabled = new HashMap<>();
    // The vNICs that links name, rightly or wrongly.
    private final Set<String> named = new HashSet<>();
    // A union-find forest over switches: those with one root are one LAN.
    private final Map<String, String> joined = new HashMap<>();
    private final List<List<Station>> lans = new ArrayList<>();

    private WiringCheck(YamlNode root, NameCheck names, Problems problems) {
        this.root = root;
        this.names = names;
        this.problems = problems;
        this.switches = root.mapping("switches");
    }

    /** Tells every problem of the wiring and returns the LANs. */
    static List<List<Station>> run(YamlNode root, NameCheck names, Problems problems) {
        WiringCheck check = new WiringCheck(root, names, problems);
        root.mapping("nodes").forEach((name, node) -> {
            List<YamlNode> all = node.list("nics");
            for (int i = 0; i < all.size() && !node.isUncertain("nics"); i++) {
                String label = Words.shorten(name) + ".eth" + i;
                check.nics.put(label, new Station(label, all.get(i)));
            }
        });
        root.list("links").forEach(check::link);
        check.everyNicInOnePlace();
        check.switchedLans();
        return check.lans;
    }

    private void link(YamlNode link) {
        List<YamlNode> ends = link.list("ends");
        if (ends.size() != 2) {
            return;
        }
        YamlNode first = ends.get(0);
        YamlNode second = ends.get(1);
        boolean known = knownEnd(first) & knownEnd(second);
        if (first.text().equals(second.text())) {
            problems.at(second, "ends: both are '" + Words.shorten(first.text()) + "'; a link joins two"
                + " different ends");
            return;
        }
        if (!known) {
            return;
        }
        if (isNic(first) != isNic(second)) {
            YamlNode nic = isNic(first) ? first : second;
            YamlNode sw = isNic(first) ? second : first;
            problems.at(first, "ends: '" + nic.text() + "' is a vNIC and '" + sw.text() + "' a switch; to plug it in,"
                + " remove this link and give the vNIC 'switch: " + sw.text() + "'");
        } else if (isNic(first)) {
            cable(first, second);
        } else {
            trunk(first, second);
        }
    }

    private static boolean isNic(YamlNode end) {
        return end.text().indexOf('.') >= 0;
    }

    private boolean knownEnd(YamlNode end) {
        String text = end.text();
        Matcher nic = NIC.matcher(text);
        if (!nic.matches()) {
            return knownSwitchEnd(end);
        }
        Map<String, YamlNode> nodes = root.mapping("nodes");
        YamlNode node = nodes.get(nic.group(1));
        if (node == null) {
            if (!root.isUncertain("nodes")) {
                problems.at(end, "ends: there is no node '" + Words.shorten(nic.group(1)) + "'"
                    + Words.hint(nic.group(1), nodes.keySet(), "nodes"));
            }
            return false;
        }
        if (node.get("nics") == null || node.isUncertain("nics")) {
            return false;
        }
        int count = node.list("nics").size();
        if (Integer.parseInt(nic.group(2)) >= count) {
            problems.at(end, "ends: there is no '" + text + "'; node " + nic.group(1) + " has " + switch (count) {
                case 0 -> "no vNICs";
                case 1 -> "eth0 alone";
                default -> "eth0 to eth" + (count - 1);
            });
            return false;
        }
        named.add(text);
        return true;
    }

    private boolean knownSwitchEnd(YamlNode end) {
        String text = end.text();
        if (names.isSwitch(text)) {
            return true;
        }
        if (root.mapping("nodes").containsKey(text)) {
            problems.at(end, "ends: '" + text + "' is a node; name its vNIC, such as '" + text + ".eth0'");
        } else if (text.indexOf('.') >= 0 || text.indexOf(':') >= 0) {
            problems.at(end, "ends: '" + Words.shorten(text) + "' is not a vNIC"
                + Words.hint(text, nics.keySet(), "vNICs"));
        } else if (!root.isUncertain("switches")) {
            problems.at(end, "ends: there is no switch '" + Words.shorten(text) + "'"
                + Words.hint(text, switches.keySet(), "switches"));
        }
        return false;
    }

    private void cable(YamlNode first, YamlNode second) {
        boolean free = free(first) & free(second);
        if (free) {
            lans.add(List.of(nics.get(first.text()), nics.get(second.text())));
        }
    }

    private boolean free(YamlNode end) {
        YamlNode other = cabled.putIfAbsent(end.text(), end);
        if (other != null) {
            problems.at(end, "ends: '" + end.text() + "' is an end of the link on line " + other.position().line()
                + " already; a vNIC takes one cable");
        }
        return other == null;
    }

    private void trunk(YamlNode first, YamlNode second) {
        String firstHost = switches.get(first.text()).text("host");
        if (firstHost != null && firstHost.equals(switches.get(second.text()).text("host"))) {
            problems.at(first, "ends: switches '" + first.text() + "' and '" + second.text() + "' are both on host "
                + firstHost + "; a trunk joins two hosts: use one switch here, or move one of them");
        }
        String a = rootOf(first.text());
        String b = rootOf(second.text());
        if (a.equals(b)) {
            problems.at(first, "ends: this trunk closes a loop, as '" + first.text() + "' and '" + second.text()
                + "' are joined by the links before it; frames would circle for ever: remove this link");
        } else {
            joined.put(a, b);
        }
    }

    private String rootOf(String name) {
        String at = name;
        while (joined.containsKey(at)) {
            at = joined.get(at);
        }
        return at;
    }

    private void everyNicInOnePlace() {
        nics.values().forEach(nic -> {
            YamlNode end = cabled.get(nic.label());
            if (end != null && nic.node().has("switch")) {
                problems.atKey(nic.node().child("switch"), "switch: '" + nic.label() + "' is on the link on line "
                    + end.position().line() + " too; a vNIC is plugged into one place: remove this key or the link");
            } else if (!named.contains(nic.label()) && !nic.node().has("switch") && !root.isUncertain("links")
                && root.list("links").stream().noneMatch(link -> link.isUncertain("ends"))) {
                problems.at(nic.node(), "'" + nic.label() + "' is plugged in nowhere; give it a 'switch', or a link in"
                    + " 'links' such as {ends: [" + nic.label() + ", other.eth0]}");
            }
        });
    }

    private void switchedLans() {
        Map<String, List<Station>> bySwitch = new LinkedHashMap<>();
        nics.values().forEach(nic -> plug(nic, bySwitch));
        root.mapping("taps").forEach((name, tap) -> plug(new Station(name, tap), bySwitch));
        root.mapping("jetways").forEach((name, jetway) -> plug(new Station(name, jetway), bySwitch));
        lans.addAll(bySwitch.values());
    }

    private void plug(Station station, Map<String, List<Station>> bySwitch) {
        String name = station.node().text("switch");
        if (name != null && names.isSwitch(name)) {
            bySwitch.computeIfAbsent(rootOf(name), key -> new ArrayList<>()).add(station);
        }
    }
}
