package org.violin.control.topology;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Hosts, the names of things, and the references from one to the other. */
final class NameCheck {
    /** IFNAMSIZ less its final NUL. */
    private static final int MAX_DEVICE_CHARS = 15;
    /** What fits sockaddr_un with its final NUL. */
    private static final int MAX_SOCKET_BYTES = 107;

    /** What is placed on a host. */
    private static final List<String> PLACED = List.of("switch", "node", "tap", "jetway", "packet", "udp-port");

    private final YamlNode root;
    private final Problems problems;
    private final Map<String, YamlNode> hosts;
    private final Map<String, YamlNode> switches;

    private NameCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
        this.hosts = root.mapping("hosts");
        this.switches = root.mapping("switches");
    }

    static NameCheck run(YamlNode root, Problems problems) {
        NameCheck check = new NameCheck(root, problems);
        check.oneKindOfHost();
        check.daemons();
        check.underlays();
        check.oneNameSpace();
        PLACED.forEach(check::places);
        check.root.mapping("taps").values().forEach(check::knownSwitch);
        check.root.mapping("jetways").values().forEach(check::knownSwitch);
        check.root.mapping("packets").values().forEach(check::knownSwitch);
        check.root.mapping("udp-ports").values().forEach(check::knownSwitch);
        check.root.mapping("nodes").values().forEach(node -> node.list("nics").forEach(check::knownSwitch));
        check.tapDevices();
        return check;
    }

    /** True unless 'switches' is itself in doubt. */
    boolean isSwitch(String name) {
        return switches.containsKey(name);
    }

    /** One mistake, told once: at the first host that is not like the first. */
    private void oneKindOfHost() {
        String first = null;
        for (Map.Entry<String, YamlNode> host : hosts.entrySet()) {
            boolean namespace = host.getValue().has("netns");
            if (namespace == host.getValue().has("daemon")) {
                continue;
            }
            first = first == null ? host.getKey() : first;
            if (namespace != hosts.get(first).has("netns")) {
                problems.atKey(host.getValue(), "host " + host.getKey() + ": has '"
                    + (namespace ? "netns" : "daemon") + "' while host " + first + " has '"
                    + (namespace ? "daemon" : "netns")
                    + "'; the two share no network: use one kind for all hosts of a file");
                return;
            }
        }
    }

    private void daemons() {
        Map<Path, String> bySocket = new HashMap<>();
        hosts.forEach((name, host) -> {
            YamlNode daemon = host.get("daemon");
            if (daemon == null) {
                return;
            }
            Path socket = TopologyBuilder.daemonSocket(daemon.text());
            int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_SOCKET_BYTES) {
                problems.at(daemon, "daemon: the path has " + bytes + " bytes, a unix socket's has at most "
                    + MAX_SOCKET_BYTES + "; give the daemon a shorter --state-dir");
            }
            String other = bySocket.putIfAbsent(socket, name);
            if (other != null) {
                problems.at(daemon, "daemon: host " + other + " has the same; each host needs a daemon of its own");
            }
        });
    }

    private void underlays() {
        Map<String, String> byAddress = new HashMap<>();
        InetAddress first = null;
        for (Map.Entry<String, YamlNode> host : hosts.entrySet()) {
            YamlNode underlay = host.getValue().get("underlay");
            if (underlay == null) {
                continue;
            }
            InetAddress address = underlayAddress(underlay);
            if (address == null) {
                continue;
            }
            String other = byAddress.putIfAbsent(Ip.endpoint(underlay.text()), host.getKey());
            if (other != null) {
                problems.at(underlay, "underlay: host " + other + " has the same; each daemon has an address and port"
                    + " of its own");
            }
            first = first == null ? address : first;
            if (first.getAddress().length != address.getAddress().length) {
                problems.at(underlay, "underlay: is IPv" + Ip.version(address) + " while the other hosts have IPv"
                    + Ip.version(first) + "; use one family for all hosts");
            }
        }
    }

    /** The address of an endpoint; null when it is of no use, which is told. */
    private InetAddress underlayAddress(YamlNode underlay) {
        String text = underlay.text();
        int port = Ip.endpointPort(text);
        if (port < 1 || port > 65_535) {
            problems.at(underlay, "underlay: port " + port + " is out of range; expected 1 to 65535");
            return null;
        }
        try {
            InetAddress address = Ip.endpointAddress(text);
            String unfit = address.isLoopbackAddress() ? null : Ip.unfitForHost(address);
            if (unfit != null) {
                problems.at(underlay, "underlay: '" + text + "': " + unfit);
            }
            return unfit == null ? address : null;
        } catch (IllegalArgumentException e) {
            problems.at(underlay, "underlay: " + e.getMessage());
            return null;
        }
    }

    /** What is placed are ports and bridges of one network: what is inspected by name has one name. */
    private void oneNameSpace() {
        Map<String, String> kinds = new HashMap<>();
        for (String kind : PLACED) {
            root.mapping(plural(kind)).forEach((name, node) -> {
                String other = kinds.putIfAbsent(name, kind);
                if (other != null) {
                    problems.atKey(node, "the name '" + Words.shorten(name) + "' is that of a " + other
                        + " too; give the two different names");
                }
            });
        }
    }

    private static String plural(String kind) {
        return kind.equals("switch") ? "switches" : kind + "s";
    }

    /** Checks the 'host' of everything of one kind. */
    private void places(String kind) {
        root.mapping(plural(kind)).values().forEach(node -> {
            YamlNode host = node.get("host");
            if (host != null && !root.isUncertain("hosts") && !hosts.containsKey(host.text())) {
                problems.at(host, "host: there is no host '" + Words.shorten(host.text()) + "'"
                    + Words.hint(host.text(), hosts.keySet(), "hosts"));
            }
        });
    }

    private void knownSwitch(YamlNode plugged) {
        YamlNode name = plugged.get("switch");
        if (name != null && !root.isUncertain("switches") && !isSwitch(name.text())) {
            problems.at(name, "switch: there is no switch '" + Words.shorten(name.text()) + "'"
                + Words.hint(name.text(), switches.keySet(), "switches"));
        }
    }

    private void tapDevices() {
        Map<String, String> byDevice = new HashMap<>();
        tapDevices("tap", byDevice);
        tapDevices("jetway", byDevice);
    }

    private void tapDevices(String kind, Map<String, String> byDevice) {
        root.mapping(plural(kind)).forEach((name, tap) -> {
            boolean named = tap.has("device");
            String device = named ? tap.text("device") : name;
            if (device == null || !tap.isMapping()) {
                return;
            }
            if (!named && device.length() > MAX_DEVICE_CHARS) {
                problems.atKey(tap, kind + " " + Words.shorten(name) + ": its name is too long for a device, which has"
                    + " at most " + MAX_DEVICE_CHARS + " characters; shorten it or add 'device'");
            }
            Position at = named ? tap.get("device").position() : tap.keyPosition();
            if (device.equals("all") || device.equals("default")) {
                problems.add(at, "device: the kernel has the name '" + device
                    + "' for all of them; choose another, or add 'device'");
            }
            String host = tap.text("host");
            String other = host == null ? null : byDevice.putIfAbsent(host + "/" + device, kind + " " + name);
            if (other != null) {
                problems.add(at, "device: " + other + " on host " + host + " is '" + device
                    + "' already; devices of one host have different names");
            }
        });
    }
}
