package org.violin.control.vnet;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.control.os.IpTool;

/** The Ethernet interfaces that a server could use. */
final class DeviceList {
    private static final Pattern LINE = Pattern.compile(
        "\\d+: ([^:@ ]+)(?:@\\S+)?: <([^>]*)> mtu (\\d+) .*link/ether ([0-9a-f:]{17}) .*");

    private DeviceList() {
    }

    /** As DEVICES? has it. */
    static List<String> lines(Terms terms) {
        return lines(terms, IpTool.show(List.of("-o", "link", "show")));
    }

    /** @param links what {@code ip -o link} says */
    static List<String> lines(Terms terms, String links) {
        List<String> lines = new ArrayList<>();
        links.lines().map(LINE::matcher).filter(Matcher::matches).filter(found -> terms.grants(found.group(1)))
            .forEach(found -> lines.add("DEVICE " + found.group(1) + " " + found.group(4) + " " + found.group(3) + " "
                + (List.of(found.group(2).split(",")).contains("UP") ? "up" : "down")));
        lines.add("OK " + lines.size() + " devices");
        return lines;
    }
}
