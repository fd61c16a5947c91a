package org.violin.control.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.violin.control.os.Command;
import org.violin.control.os.Command.CommandException;
import org.violin.control.os.IpTool;

/**
 * The little Internet between namespaces that stand for hosts: {@code violin-<network>-<host>} for each host, and
 * {@code violin-<network>-underlay} with a bridge that their {@code eth0}s are plugged into. Addresses are of
 * 198.18.0.0/16, which RFC 2544 keeps for tests like this. Nothing appears in the namespace it is called from.
 *
 * <p>Looks before it makes: what exists and is right is left alone. Needs root. Errors are {@link CommandException}s
 * with what {@code ip} said.
 */
final class Underlay {
    static final int PREFIX_BITS = 16;
    /** The octet pair that every member's address begins with. */
    static final String PREFIX = "198.18.";
    /** The underlay's own namespace takes the name of this host, so no host may have it. */
    static final String RESERVED_HOST = "underlay";

    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final String BRIDGE = "br0";
    private static final String INTERFACE = "eth0";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /**
     * A host of the underlay.
     *
     * @param address IPv4, in 198.18.0.0/16
     */
    record Member(String host, String address) {
        /** The bridge's port for this host: its number follows from the address, so it never moves. */
        String port() {
            String[] octets = address.split("\\.");
            return "port" + (Integer.parseInt(octets[2]) * 256 + Integer.parseInt(octets[3]));
        }
    }

    private final String network;

    Underlay(String network) {
        this.network = network;
    }

    static String namespace(String network, String host) {
        return "violin-" + network + "-" + host;
    }

    private String switchboard() {
        return namespace(network, RESERVED_HOST);
    }

    static boolean exists(String namespace) {
        return Files.exists(NAMESPACES.resolve(namespace));
    }

    /** Makes what is missing for these members. */
    void ensure(List<Member> members) {
        ensureNamespace(switchboard());
        for (Member member : members) {
            ensureNamespace(namespace(network, member.host()));
        }
        Map<String, JsonNode> board = interfaces(switchboard());
        List<String> lines = new ArrayList<>(boardCommands(board));
        Map<Member, List<String>> inside = new LinkedHashMap<>();
        for (Member member : members) {
            Map<String, JsonNode> host = interfaces(namespace(network, member.host()));
            if (!host.containsKey(INTERFACE) || !board.containsKey(member.port())) {
                lines.addAll(cableCommands(member, board, host));
                host.remove(INTERFACE);
                board.remove(member.port());
            }
            lines.addAll(portCommands(member, board));
            inside.put(member, hostCommands(member, host));
        }
        batch(switchboard(), lines);
        inside.forEach((member, commands) -> batch(namespace(network, member.host()), commands));
    }

    /** Removes a host's cable and namespace; what is not there is no error. */
    void remove(Member member) {
        if (exists(switchboard()) && interfaces(switchboard()).containsKey(member.port())) {
            // Deleting the namespace would take the cable along, but only some time later.
            batch(switchboard(), List.of("link del " + member.port()));
        }
        removeNamespace(namespace(network, member.host()));
    }

    /** Removes the bridge and its namespace. */
    void removeBoard() {
        removeNamespace(switchboard());
    }

    boolean boardExists() {
        return exists(switchboard());
    }

    List<String> boardCommands(Map<String, JsonNode> board) {
        List<String> lines = new ArrayList<>();
        if (!up(board.get("lo"))) {
            lines.add("link set lo up");
        }
        if (!board.containsKey(BRIDGE)) {
            lines.add("link add " + BRIDGE + " type bridge stp_state 0 forward_delay 0 mcast_snooping 0");
        }
        if (!up(board.get(BRIDGE))) {
            lines.add("link set " + BRIDGE + " up");
        }
        return lines;
    }

    List<String> cableCommands(Member member, Map<String, JsonNode> board, Map<String, JsonNode> host) {
        List<String> lines = new ArrayList<>();
        if (board.containsKey(member.port())) {
            lines.add("link del " + member.port());
        } else if (host.containsKey(INTERFACE)) {
            throw new CommandException(namespace(network, member.host()) + ": has an " + INTERFACE
                + " that leads elsewhere: remove it with: ip -n " + namespace(network, member.host()) + " link del "
                + INTERFACE);
        }
        lines.add("link add " + member.port() + " type veth peer name " + INTERFACE + " netns "
            + namespace(network, member.host()));
        return lines;
    }

    List<String> portCommands(Member member, Map<String, JsonNode> board) {
        JsonNode port = board.get(member.port());
        boolean plugged = port != null && port.path("master").asText().equals(BRIDGE);
        return plugged && up(port) ? List.of() : List.of("link set " + member.port() + " master " + BRIDGE + " up");
    }

    List<String> hostCommands(Member member, Map<String, JsonNode> host) {
        List<String> lines = new ArrayList<>();
        if (!up(host.get("lo"))) {
            lines.add("link set lo up");
        }
        if (!hasAddress(host.get(INTERFACE), member.address())) {
            lines.add("addr replace " + member.address() + "/" + PREFIX_BITS + " dev " + INTERFACE);
        }
        if (!up(host.get(INTERFACE))) {
            lines.add("link set " + INTERFACE + " up");
        }
        return lines;
    }

    private static boolean up(JsonNode link) {
        if (link != null) {
            for (JsonNode flag : link.path("flags")) {
                if (flag.asText().equals("UP")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasAddress(JsonNode link, String address) {
        if (link != null) {
            for (JsonNode info : link.path("addr_info")) {
                if (info.path("local").asText().equals(address) && info.path("prefixlen").asInt() == PREFIX_BITS) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void ensureNamespace(String namespace) {
        if (!exists(namespace)) {
            Command.run(List.of("ip", "netns", "add", namespace), LIMIT).orThrow();
        }
    }

    private static void removeNamespace(String namespace) {
        if (exists(namespace)) {
            Command.run(List.of("ip", "netns", "del", namespace), LIMIT).orThrow();
        }
    }

    /** What {@code ip} says of a namespace's interfaces, by name. */
    private static Map<String, JsonNode> interfaces(String namespace) {
        return byName(IpTool.json("-n", namespace, "addr", "show"));
    }

    static Map<String, JsonNode> byName(JsonNode list) {
        Map<String, JsonNode> links = new LinkedHashMap<>();
        list.forEach(link -> links.put(link.path("ifname").asText(), link));
        return links;
    }

    private static void batch(String namespace, List<String> lines) {
        if (!lines.isEmpty()) {
            String input = String.join("\n", lines) + "\n";
            Command.run(List.of("ip", "-n", namespace, "-batch", "-"), input, LIMIT).orThrow();
        }
    }

    /** The processes in a host's namespace. */
    static List<Long> processes(String namespace) {
        if (!exists(namespace)) {
            return List.of();
        }
        return Command.run(List.of("ip", "netns", "pids", namespace), LIMIT).orThrow().output().lines()
            .map(String::strip).filter(line -> line.matches("\\d+")).map(Long::valueOf).toList();
    }
}
