package org.violin.control.topology;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.violin.control.spec.AllowSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.RouteSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.UdpPortSpec;
import org.violin.control.topology.Topology.NicName;

/** A tree in which nothing is wrong to a {@link Topology}, with defaults filled in and addresses in one spelling. */
final class TopologyBuilder {
    private TopologyBuilder() {
    }

    static Topology build(YamlNode root) {
        List<Topology.Cable> cables = new ArrayList<>();
        List<Topology.Trunk> trunks = new ArrayList<>();
        for (YamlNode link : root.list("links")) {
            String first = link.list("ends").get(0).text();
            String second = link.list("ends").get(1).text();
            LineSpec line = ImpairCheck.read(link);
            if (first.indexOf('.') >= 0) {
                cables.add(new Topology.Cable(nicName(first), nicName(second), line));
            } else {
                trunks.add(new Topology.Trunk(first, second, line));
            }
        }
        boolean portSecurity = "true".equals(root.text("port-security"));
        return new Topology(root.text("network"), each(root, "hosts", TopologyBuilder::host),
            each(root, "switches", TopologyBuilder::sw),
            each(root, "nodes", (name, node) -> node(name, node, portSecurity)), cables, trunks,
            each(root, "taps", TopologyBuilder::tap),
            root.list("tunnels").stream().map(TopologyBuilder::tunnel).toList(),
            each(root, "jetways", TopologyBuilder::jetway), each(root, "packets", TopologyBuilder::packet),
            each(root, "udp-ports", TopologyBuilder::udpPort), portSecurity);
    }

    private static <T> List<T> each(YamlNode root, String section, BiFunction<String, YamlNode, T> make) {
        List<T> result = new ArrayList<>();
        for (Map.Entry<String, YamlNode> entry : root.mapping(section).entrySet()) {
            result.add(make.apply(entry.getKey(), entry.getValue()));
        }
        return result;
    }

    private static Topology.Host host(String name, YamlNode host) {
        String daemon = host.text("daemon");
        String underlay = host.text("underlay");
        return new Topology.Host(name, daemon == null ? null : daemonSocket(daemon),
            underlay == null ? null : Ip.endpoint(underlay), host.number("path-mtu", 0));
    }

    /** {@code ~/} is the home of who runs this, as in a shell. */
    static Path daemonSocket(String text) {
        return text.startsWith("~/") ? Path.of(System.getProperty("user.home"), text.substring(2)) : Path.of(text);
    }

    private static Topology.Switch sw(String name, YamlNode node) {
        return new Topology.Switch(name, node.text("host"), node.number("mac-table", Topology.DEFAULT_MAC_TABLE),
            node.number("ageing", Topology.DEFAULT_AGEING_SECONDS), MulticastCheck.read(node));
    }

    private static Topology.Node node(String name, YamlNode node, boolean portSecurity) {
        GuestSpec.Role role = "router".equals(node.text("kind")) ? GuestSpec.Role.ROUTER : GuestSpec.Role.HOST;
        List<Topology.Nic> nics = new ArrayList<>();
        for (YamlNode nic : node.list("nics")) {
            String mac = nic.text("mac");
            GuardSpec standard = GuardSpec.standard(
                new NicName(name, nics.size()).toString(), portSecurity, role, nic.has("switch"));
            nics.add(new Topology.Nic(nic.text("switch"), mac == null ? null : mac.toLowerCase(Locale.ROOT),
                nic.number("mtu", Topology.DEFAULT_MTU), addresses(nic), ImpairCheck.read(nic),
                GuardCheck.read(nic, standard)));
        }
        List<Topology.Route> routes = new ArrayList<>();
        YamlNode gateway = node.get("gateway");
        if (gateway != null) {
            for (YamlNode via : gateway.isList() ? gateway.sound() : List.of(gateway)) {
                routes.add(new Topology.Route("default", address(via)));
            }
        }
        node.list("routes").forEach(route -> routes.add(route(route)));
        String startupConfig = node.text("startup-config");
        GuestSpec.Vmm vmm = "qemu".equals(node.text("vmm")) ? GuestSpec.Vmm.QEMU : GuestSpec.Vmm.UML;
        return new Topology.Node(name, node.text("host"), role,
            node.number("memory", Topology.defaultMemoryMiB(role, vmm)), nics, routes,
            startupConfig == null ? "" : startupConfig, vmm);
    }

    private static Topology.Route route(YamlNode route) {
        String to = route.text("to");
        return new Topology.Route(to.equals("default") ? to : IpPrefix.parse(to).toString(),
            address(route.get("via")));
    }

    private static Topology.Tap tap(String name, YamlNode tap) {
        String device = tap.text("device");
        return new Topology.Tap(name, tap.text("host"), tap.text("switch"), device == null ? name : device,
            tap.number("mtu", Topology.DEFAULT_MTU), addresses(tap), ImpairCheck.read(tap),
            GuardCheck.read(tap, GuardSpec.open(name)));
    }

    private static Topology.Jetway jetway(String name, YamlNode jetway) {
        String device = jetway.text("device");
        String outside = jetway.text("interface");
        TapSpec tap = new TapSpec(name, device == null ? name : device, jetway.text("switch"),
            jetway.number("mtu", Topology.DEFAULT_MTU), addresses(jetway));
        List<RouteSpec> routes = jetway.list("routes").stream().map(TopologyBuilder::route)
            .map(route -> new RouteSpec(route.to(), route.via())).toList();
        return new Topology.Jetway(jetway.text("host"), new JetwaySpec(tap,
            jetway.text("mode").equals("nat") ? JetwaySpec.Mode.NAT : JetwaySpec.Mode.BRIDGE,
            outside == null ? "" : outside,
            jetway.list("allow").stream().map(rule -> AllowSpec.parse(rule.text())).toList(), routes,
            "true".equals(jetway.text("take-over")), "true".equals(jetway.text("on"))));
    }

    private static Topology.Packet packet(String name, YamlNode packet) {
        PacketSpec.Role role = PacketCheck.role(packet);
        String promiscuous = packet.text("promiscuous");
        return new Topology.Packet(packet.text("host"), new PacketSpec(name, packet.text("interface"),
            packet.text("switch"), role,
            packet.list("macs").stream().map(mac -> mac.text().toLowerCase(Locale.ROOT)).toList(),
            "true".equals(packet.text("multicast")),
            promiscuous == null ? role != PacketSpec.Role.PROXY : promiscuous.equals("true")),
            ImpairCheck.read(packet));
    }

    private static Topology.UdpPort udpPort(String name, YamlNode port) {
        UdpPortSpec.Kind kind = port.text("kind").equals("vxlan") ? UdpPortSpec.Kind.VXLAN : UdpPortSpec.Kind.L2TPV3;
        return new Topology.UdpPort(port.text("host"), new UdpPortSpec(name, port.text("switch"), kind,
            Ip.endpoint(port.text("local")), port.has("remote") ? Ip.endpoint(port.text("remote")) : "",
            port.number("vni", 0),
            session(port, "local-session"), session(port, "remote-session"), cookie(port, "local-cookie"),
            cookie(port, "remote-cookie"), "true".equals(port.text("counter")), port.text("token-file")),
            ImpairCheck.read(port));
    }

    private static long session(YamlNode port, String key) {
        return port.has(key) ? Long.parseLong(port.text(key)) : 0;
    }

    private static String cookie(YamlNode port, String key) {
        return port.has(key) ? port.text(key).toLowerCase(Locale.ROOT) : "";
    }

    private static Topology.Tunnel tunnel(YamlNode tunnel) {
        List<YamlNode> ends = tunnel.list("ends");
        String fec = tunnel.text("fec");
        String transport = tunnel.text("transport");
        String mss = tunnel.text("mss-clamp");
        return new Topology.Tunnel(ends.get(0).text(), ends.get(1).text(),
            fec == null ? FecSpec.OFF : FecSpec.parse(fec),
            transport == null ? Transport.UDP : Transport.parse(transport),
            new FitSpec(mss == null ? 0 : FitSpec.parseMss(mss), "honor".equals(tunnel.text("df"))));
    }

    private static List<String> addresses(YamlNode station) {
        return station.list("addresses").stream().map(item -> IpPrefix.parse(item.text()).toString()).toList();
    }

    private static String address(YamlNode node) {
        return Ip.text(Ip.parse(node.text()));
    }

    private static NicName nicName(String text) {
        int dot = text.lastIndexOf(".eth");
        return new NicName(text.substring(0, dot), Integer.parseInt(text.substring(dot + ".eth".length())));
    }
}
