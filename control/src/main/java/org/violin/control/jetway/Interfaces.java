package org.violin.control.jetway;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.violin.control.os.Command;
import org.violin.control.os.IpTool;

/** The interfaces of this network namespace, as {@code ip} tells of them and changes them. */
final class Interfaces {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long FOREVER = 0xFFFF_FFFFL;

    private Interfaces() {
    }

    /** Runs lines of {@code ip -batch}, up to the first that fails. */
    static void batch(List<String> lines) {
        if (!lines.isEmpty()) {
            Command.run(List.of("ip", "-batch", "-"), String.join("\n", lines) + "\n", LIMIT).orThrow();
        }
    }

    /** All interfaces with their addresses ({@code addr_info}). */
    static JsonNode all() {
        return IpTool.json("-d", "addr", "show");
    }

    static Optional<JsonNode> find(String device) {
        for (JsonNode each : all()) {
            if (each.path("ifname").asText().equals(device)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** An interface that has to be there. */
    static JsonNode require(String device) {
        return find(device).orElseThrow(() -> {
            List<String> names = new ArrayList<>();
            all().forEach(each -> names.add(each.path("ifname").asText()));
            return new JetwayException("interface " + device + ": there is none on this host; there is "
                + String.join(", ", names));
        });
    }

    static List<JsonNode> bridges() {
        List<JsonNode> bridges = new ArrayList<>();
        IpTool.json("-d", "link", "show", "type", "bridge").forEach(bridges::add);
        return bridges;
    }

    /** What the default routes of a family lead to. */
    static List<String> defaultRoutes(boolean ipv6) {
        List<String> devices = new ArrayList<>();
        IpTool.json(ipv6 ? "-6" : "-4", "route", "show", "default").forEach(route -> {
            route.findValuesAsText("dev").forEach(devices::add);
        });
        return devices;
    }

    static boolean isUp(JsonNode link) {
        for (JsonNode flag : link.path("flags")) {
            if (flag.asText().equals("UP")) {
                return true;
            }
        }
        return false;
    }

    /** Lines that give {@code to} the addresses that {@code from} has, for as long as they are valid. */
    static List<String> addressesTo(String to, JsonNode from) {
        List<String> lines = new ArrayList<>();
        for (JsonNode address : from.path("addr_info")) {
            if (!address.path("scope").asText().equals("global")) {
                continue;
            }
            StringBuilder line = new StringBuilder("addr replace ").append(address.path("local").asText())
                .append('/').append(address.path("prefixlen").asInt()).append(" dev ").append(to);
            if (address.has("broadcast")) {
                line.append(" broadcast ").append(address.path("broadcast").asText());
            }
            long valid = address.path("valid_life_time").asLong(FOREVER);
            if (valid != FOREVER) {
                line.append(" valid_lft ").append(valid).append(" preferred_lft ")
                    .append(Math.min(valid, address.path("preferred_life_time").asLong(valid)));
            }
            if (address.path("family").asText().equals("inet6")) {
                line.append(" nodad");
            }
            if (address.path("noprefixroute").asBoolean()) {
                line.append(" noprefixroute");
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /**
     * Lines that have {@code to} lead where {@code from} leads, but for what comes with addresses by itself, and for
     * routes with several next hops. What a gateway is on comes before the routes by that gateway.
     */
    static List<String> routesTo(String to, String from) {
        List<String> direct = new ArrayList<>();
        List<String> byGateway = new ArrayList<>();
        for (String family : List.of("-4", "-6")) {
            for (JsonNode route : IpTool.json(family, "route", "show", "table", "all", "dev", from)) {
                if (!route.path("protocol").asText().equals("kernel") && !route.has("nexthops")
                    && route.path("type").asText("unicast").equals("unicast")) {
                    (route.has("gateway") ? byGateway : direct).add("route replace " + described(route) + " dev " + to);
                }
            }
        }
        direct.addAll(byGateway);
        return direct;
    }

    private static String described(JsonNode route) {
        StringBuilder words = new StringBuilder(route.path("dst").asText());
        append(words, "via", route.path("gateway"));
        append(words, "src", route.path("prefsrc"));
        append(words, "metric", route.path("metric"));
        append(words, "proto", route.path("protocol"));
        append(words, "table", route.path("table"));
        append(words, "expires", route.path("expires"));
        for (JsonNode flag : route.path("flags")) {
            if (flag.asText().equals("onlink")) {
                words.append(" onlink");
            }
        }
        return words.toString();
    }

    private static void append(StringBuilder words, String word, JsonNode value) {
        if (!value.isMissingNode()) {
            words.append(' ').append(word).append(' ').append(value.asText());
        }
    }
}
