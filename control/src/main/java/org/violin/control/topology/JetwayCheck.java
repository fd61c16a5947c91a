package org.violin.control.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.violin.control.spec.AllowSpec;

/** What stands under {@code jetways}: what goes with each mode, and interfaces that two would share. */
final class JetwayCheck {
    private static final Map<String, List<String>> NEEDS =
        Map.of("nat", List.of("addresses", "allow"), "bridge", List.of("interface"));
    private static final Map<String, List<String>> LACKS =
        Map.of("nat", List.of("take-over"), "bridge", List.of("addresses", "allow", "routes"));

    private final YamlNode root;
    private final Problems problems;
    private final Map<String, String> bridged = new HashMap<>();

    private JetwayCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    static void run(YamlNode root, Problems problems) {
        JetwayCheck check = new JetwayCheck(root, problems);
        root.mapping("jetways").forEach(check::jetway);
    }

    private void jetway(String name, YamlNode jetway) {
        for (YamlNode rule : jetway.list("allow")) {
            try {
                AllowSpec.parse(rule.text());
            } catch (IllegalArgumentException e) {
                problems.at(rule, "allow: " + e.getMessage());
            }
        }
        String mode = jetway.text("mode");
        if (mode == null) {
            return;
        }
        NEEDS.get(mode).stream().filter(key -> !jetway.has(key)).forEach(key ->
            problems.atKey(jetway, "jetway " + Words.shorten(name) + ": lacks '" + key + "', which mode " + mode
                + " needs" + (key.equals("allow") ? "; 'allow: []' lets nothing pass" : "")));
        LACKS.get(mode).stream().filter(jetway::has).forEach(key ->
            problems.atKey(jetway.child(key), key + ": means nothing in mode " + mode + "; remove it"));
        if (mode.equals("nat") && jetway.get("addresses") != null && jetway.get("addresses").sound().isEmpty()
            && !jetway.isUncertain("addresses")) {
            problems.at(jetway.get("addresses"), "addresses: a gateway needs at least one");
        }
        YamlNode outside = jetway.get("interface");
        if (mode.equals("bridge") && outside != null && jetway.text("host") != null) {
            String other = bridged.putIfAbsent(jetway.text("host") + " " + outside.text(), name);
            if (other != null) {
                problems.at(outside, "interface: jetway " + other + " bridges '" + outside.text() + "' on host "
                    + jetway.text("host") + " already; an interface is in one bridge");
            }
        }
        YamlNode route = jetway.list("routes").stream()
            .filter(each -> "default".equals(each.text("to"))).findFirst().orElse(null);
        if (route != null) {
            problems.at(route.get("to"), "to: the host's default route cannot lead into the network; name a prefix");
        }
    }
}
