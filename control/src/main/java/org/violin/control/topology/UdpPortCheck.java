package org.violin.control.topology;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What stands under {@code udp-ports}: what goes with each kind, and addresses that two would share. */
final class UdpPortCheck {
    private static final List<String> SESSIONS = List.of("local-session", "remote-session");
    private static final Map<String, List<String>> NEEDS = Map.of("vxlan", List.of("vni"), "l2tpv3", SESSIONS);
    private static final Map<String, List<String>> LACKS = Map.of("vxlan", List.of("local-session", "remote-session",
        "local-cookie", "remote-cookie", "counter", "token-file"), "l2tpv3", List.of("vni"));
    /** What a guest that asks for its port says, or is told. */
    private static final List<String> ASKED =
        List.of("remote", "local-session", "remote-session", "local-cookie", "remote-cookie");

    private final YamlNode root;
    private final Problems problems;
    /** By host. */
    private final Map<String, List<Socket>> sockets = new HashMap<>();

    /** Somebody's address. */
    private record Socket(InetAddress address, int port, String owner) {
        boolean isInTheWayOf(Socket other) {
            return port == other.port && version() == other.version()
                && (address.isAnyLocalAddress() || other.address.isAnyLocalAddress() || address.equals(other.address));
        }

        private int version() {
            return Ip.version(address);
        }
    }

    private UdpPortCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    static void run(YamlNode root, Problems problems) {
        UdpPortCheck check = new UdpPortCheck(root, problems);
        root.mapping("udp-ports").forEach(check::port);
    }

    private void port(String name, YamlNode port) {
        String kind = port.text("kind");
        boolean onRequest = port.has("token-file") && !"vxlan".equals(kind);
        if (onRequest) {
            onRequest(name, port);
        } else if (port.isMapping() && !port.has("remote")) {
            problems.atKey(port, "udp-port " + Words.shorten(name) + ": lacks 'remote', address:port of the peer, or,"
                + " with kind l2tpv3, 'token-file', by which a guest asks for the port");
        }
        if (kind != null) {
            NEEDS.get(kind).stream().filter(key -> !onRequest && !port.has(key)).forEach(key ->
                problems.atKey(port, "udp-port " + Words.shorten(name) + ": lacks '" + key + "', which kind " + kind
                    + " needs"));
            LACKS.get(kind).stream().filter(port::has).forEach(key ->
                problems.atKey(port.child(key), key + ": means nothing with kind " + kind + "; remove it"));
        }
        InetAddress local = address(port, "local");
        InetAddress remote = address(port, "remote");
        if (remote != null && remote.isAnyLocalAddress()) {
            problems.at(port.get("remote"), "remote: it is the unspecified address; expected the peer's own");
        }
        if (local != null && remote != null && Ip.version(local) != Ip.version(remote)) {
            problems.at(port.get("remote"), "remote: is IPv" + Ip.version(remote) + " while 'local' is IPv"
                + Ip.version(local) + "; use one family for both");
        }
        if (local != null && port.text("host") != null) {
            claim(port, new Socket(local, Ip.endpointPort(port.text("local")), "udp-port " + name));
        }
    }

    private void onRequest(String name, YamlNode port) {
        ASKED.stream().filter(port::has).forEach(key -> problems.atKey(port.child(key), key + ": means nothing with"
            + " 'token-file': it follows from who asks for the port; remove it"));
        YamlNode host = port.text("host") == null ? null : root.mapping("hosts").get(port.text("host"));
        if (host != null && host.has("netns")) {
            problems.atKey(port.child("token-file"), "token-file: nobody can ask host "
                + Words.shorten(port.text("host")) + ", which is a namespace, for udp-port " + Words.shorten(name)
                + "; give it a daemon of its own, started with --port-requests");
        }
    }

    /** The address of an endpoint; null when it is of no use, which is told. */
    private InetAddress address(YamlNode port, String key) {
        String text = port.text(key);
        if (text == null) {
            return null;
        }
        int number = Ip.endpointPort(text);
        if (number < 1 || number > 65_535) {
            problems.at(port.get(key), key + ": port " + number + " is out of range; expected 1 to 65535");
            return null;
        }
        try {
            InetAddress address = Ip.endpointAddress(text);
            String unfit = address.isLoopbackAddress() || address.isAnyLocalAddress() ? null
                : Ip.version(address) == 6 && address.isLinkLocalAddress() ? "it is link-local, which names no"
                + " interface" : Ip.unfitForHost(address);
            if (unfit != null) {
                problems.at(port.get(key), key + ": '" + text + "': " + unfit);
            }
            return unfit == null ? address : null;
        } catch (IllegalArgumentException e) {
            problems.at(port.get(key), key + ": " + e.getMessage());
            return null;
        }
    }

    private void claim(YamlNode port, Socket socket) {
        String host = port.text("host");
        List<Socket> taken = sockets.computeIfAbsent(host, this::ofDaemon);
        taken.stream().filter(socket::isInTheWayOf).findFirst().ifPresent(other ->
            problems.at(port.get("local"), "local: " + other.owner() + " has port " + other.port() + " of host "
                + Words.shorten(host) + " already; give each a port of its own"));
        taken.add(socket);
    }

    /** What is known of where the host's daemon listens. */
    private List<Socket> ofDaemon(String host) {
        List<Socket> taken = new ArrayList<>();
        YamlNode found = root.mapping("hosts").get(host);
        String underlay = found == null ? null : found.text("underlay");
        try {
            if (underlay != null) {
                taken.add(new Socket(Ip.endpointAddress(underlay), Ip.endpointPort(underlay), "the daemon"));
            } else if (found != null && found.has("netns")) {
                taken.add(new Socket(Ip.parse("0.0.0.0"), Planner.NAMESPACE_PORT, "the daemon"));
            }
        } catch (IllegalArgumentException e) {
            // Told by NameCheck.
        }
        return taken;
    }
}
