package org.violin.control.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.violin.control.spec.FecSpec;

/** What stands under {@code tunnels}: two hosts each, and each two once. */
final class TunnelCheck {
    private final YamlNode root;
    private final Problems problems;
    private final Map<Set<String>, YamlNode> byHosts = new HashMap<>();

    private TunnelCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    static void run(YamlNode root, Problems problems) {
        TunnelCheck check = new TunnelCheck(root, problems);
        root.list("tunnels").forEach(check::tunnel);
    }

    private void tunnel(YamlNode tunnel) {
        YamlNode fec = tunnel.get("fec");
        try {
            FecSpec.parse(fec == null ? "off" : fec.text());
        } catch (IllegalArgumentException e) {
            problems.at(fec, "fec: " + e.getMessage());
        }
        List<YamlNode> ends = tunnel.list("ends");
        if (ends.size() == 2 && known(ends.get(0)) & known(ends.get(1))) {
            hosts(ends.get(0), ends.get(1));
        }
    }

    private boolean known(YamlNode end) {
        Map<String, YamlNode> hosts = root.mapping("hosts");
        if (!hosts.containsKey(end.text()) && !root.isUncertain("hosts")) {
            problems.at(end, "ends: there is no host '" + Words.shorten(end.text()) + "'"
                + Words.hint(end.text(), hosts.keySet(), "hosts"));
        }
        return hosts.containsKey(end.text());
    }

    private void hosts(YamlNode first, YamlNode second) {
        if (first.text().equals(second.text())) {
            problems.at(second, "ends: both are '" + first.text() + "'; a tunnel joins two different hosts");
            return;
        }
        YamlNode other = byHosts.putIfAbsent(Set.of(first.text(), second.text()), first);
        if (other != null) {
            problems.at(first, "ends: the tunnel between '" + first.text() + "' and '" + second.text()
                + "' is on line " + other.position().line() + " already; say all of it there");
        }
    }
}
