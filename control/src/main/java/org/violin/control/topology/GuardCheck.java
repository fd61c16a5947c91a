package org.violin.control.topology;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.violin.control.spec.GuardSpec;

/** What stands under {@code guard}: addresses that somebody can have, and nothing that means nothing at its place. */
final class GuardCheck {
    private static final String KEY = "guard";
    /** What a cable does not know: it learns nothing, and knows no bridges. */
    private static final List<String> OF_SWITCHES = List.of("max-macs", "storm", "bpdu");

    private final Problems problems;

    private GuardCheck(Problems problems) {
        this.problems = problems;
    }

    static void run(YamlNode root, Problems problems) {
        GuardCheck check = new GuardCheck(problems);
        root.mapping("nodes").values().forEach(node -> node.list("nics").forEach(nic -> check.nic(node, nic)));
        root.mapping("taps").values().forEach(check::tap);
    }

    /** The guard of a vNIC or TAP in which nothing is wrong; what it leaves out is as in {@code standard}. Or null. */
    static GuardSpec read(YamlNode owner, GuardSpec standard) {
        YamlNode guard = owner.get(KEY);
        if (guard == null) {
            return null;
        }
        String bpdu = guard.text("bpdu");
        return new GuardSpec(standard.port(),
            words(guard.get("macs"), mac -> mac.toLowerCase(Locale.ROOT), standard.macs()),
            words(guard.get("addresses"), GuardCheck::canonical, standard.addresses()), guard.number("max-macs", 0),
            storm(guard.get("storm")), bpdu == null ? standard.dropsBpdus() : bpdu.equals("drop"));
    }

    private static List<String> words(YamlNode node, UnaryOperator<String> canonical, List<String> otherwise) {
        return node == null ? otherwise : !node.isList() ? List.of(node.text())
            : node.sound().stream().map(item -> canonical.apply(item.text())).toList();
    }

    private static String canonical(String address) {
        return address.equals(GuardSpec.DECLARED) ? address
            : address.indexOf('/') >= 0 ? IpPrefix.parse(address).toString() : Ip.text(Ip.parse(address));
    }

    private static GuardSpec.Storm storm(YamlNode storm) {
        return storm == null ? GuardSpec.Storm.NONE : new GuardSpec.Storm(rate(storm, "broadcast"),
            rate(storm, "unknown"), rate(storm, "multicast"));
    }

    private static int rate(YamlNode storm, String key) {
        String text = storm.text(key);
        return text == null ? 0 : Integer.parseInt(text.substring(0, text.indexOf('/')));
    }

    private void nic(YamlNode node, YamlNode nic) {
        YamlNode guard = guard(nic);
        if (guard == null) {
            return;
        }
        YamlNode addresses = guard.get("addresses");
        if ("router".equals(node.text("kind")) && addresses != null && !addresses.isList()
            && addresses.text().equals(GuardSpec.DECLARED)) {
            problems.at(addresses, "addresses: a router sends what others have sent it; list their prefixes as well,"
                + " such as [declared, 10.1.2.0/24], or say 'any'");
        }
        if (!nic.has("switch")) {
            OF_SWITCHES.stream().filter(guard::has).forEach(key -> problems.atKey(guard.child(key),
                key + ": means nothing on a lone cable, which carries whatever comes; remove it"));
        }
    }

    private void tap(YamlNode tap) {
        YamlNode guard = guard(tap);
        YamlNode macs = guard == null ? null : guard.get("macs");
        if (macs != null) {
            for (YamlNode mac : macs.isList() ? macs.sound() : List.of(macs)) {
                if (mac.text().equals(GuardSpec.DECLARED)) {
                    problems.at(mac, "macs: a tap declares none; list those that may come from it, or say 'any'");
                }
            }
        }
    }

    /** Checks what vNICs and TAPs have in common; null: there is no guard. */
    private YamlNode guard(YamlNode owner) {
        YamlNode guard = owner.get(KEY);
        if (guard == null || !guard.isMapping()) {
            return null;
        }
        guard.list("macs").stream().filter(mac -> !mac.text().equals(GuardSpec.DECLARED)).forEach(this::mac);
        guard.list("addresses").stream().filter(address -> !address.text().equals(GuardSpec.DECLARED))
            .forEach(this::address);
        return guard;
    }

    private void mac(YamlNode mac) {
        boolean isGroup = (Integer.parseInt(mac.text().substring(0, 2), 16) & 1) != 0;
        if (isGroup || mac.text().equals("00:00:00:00:00:00")) {
            problems.at(mac, "macs: '" + mac.text() + "' is no station's address; one is not all zeros, and its first"
                + " byte is even, such as 02");
        }
    }

    private void address(YamlNode item) {
        String text = item.text();
        try {
            IpPrefix prefix = text.indexOf('/') >= 0 ? IpPrefix.parse(text) : new IpPrefix(Ip.parse(text), -1);
            if (prefix.address().isMulticastAddress()) {
                problems.at(item, "addresses: '" + text + "' is multicast, which nobody sends from");
            } else if (prefix.length() >= 0 && !prefix.equals(prefix.network())) {
                problems.at(item, "addresses: '" + text + "' has host bits set; expected the prefix "
                    + prefix.network() + ", or the address " + Ip.text(prefix.address()));
            }
        } catch (IllegalArgumentException e) {
            problems.at(item, "addresses: " + e.getMessage());
        }
    }
}
