package org.violin.control.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;
import org.violin.dataplane.TapConfig;
import org.violin.dataplane.TunnelConfig;

/**
 * Checks a specification once, where it comes in: everything behind relies on it. Names become file names, port names
 * and arguments of {@code ip}, so their alphabet is narrow. All that is wrong is told at once.
 */
final class SpecCheck {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");
    private static final Pattern PORT_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,126}");
    private static final Pattern INTERFACE = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9_.-]{1,15}");
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}");
    private static final Pattern NIC_NAME = Pattern.compile("eth(0|[1-9][0-9]{0,3})");
    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 9000;
    private static final int MIN_MEMORY_MIB = 16;
    private static final int MIN_QEMU_MEMORY_MIB = 96;

    private final NetworkSpec spec;
    private final List<String> errors = new ArrayList<>();

    private SpecCheck(NetworkSpec spec) {
        this.spec = spec;
    }

    /** Throws {@link Kind#INVALID} with every contradiction in {@code spec} itself. */
    static void alone(NetworkSpec spec) {
        SpecCheck check = new SpecCheck(spec);
        check.names();
        check.tunnelsAndLinks();
        check.guests();
        check.taps();
        check.jetways();
        check.packets();
        check.udpPorts();
        check.bridges();
        check.impairments();
        check.raise(Kind.INVALID);
        check.guards();
        check.raise(Kind.INVALID);
    }

    /** Throws {@link Kind#CONFLICT} with everything that {@code spec} claims and another network has already. */
    static void beside(NetworkSpec spec, Collection<NetworkSpec> others) {
        SpecCheck check = new SpecCheck(spec);
        for (NetworkSpec other : others) {
            if (!other.network().equals(spec.network())) {
                check.conflicts(other);
            }
        }
        check.raise(Kind.CONFLICT);
    }

    private void raise(Kind kind) {
        if (!errors.isEmpty()) {
            throw new HostException(kind, "network " + spec.network() + ": " + String.join("; ", errors));
        }
    }

    private void names() {
        name("network", spec.network());
        spec.guests().forEach(guest -> name("guest", guest.name()));
        unique("bridge", spec.bridges(), BridgeSpec::name);
        unique("guest", spec.guests(), GuestSpec::name);
        unique("tunnel peer", spec.tunnels(), TunnelSpec::peer);
        List<String> ports = ports();
        spec.jetways().forEach(jetway -> ports.add(jetway.name()));
        spec.jetways().forEach(jetway -> name("jetway", jetway.name()));
        spec.udpPorts().forEach(port -> name("UDP port", port.name()));
        // A patch is named after what it joins.
        spec.bridges().forEach(bridge -> portName("bridge", bridge.name()));
        ports.forEach(port -> portName("port", port));
        unique("port", ports, port -> port);
    }

    private List<String> ports() {
        List<String> ports = new ArrayList<>();
        spec.links().forEach(link -> ports.add(link.name()));
        spec.taps().forEach(tap -> ports.add(tap.name()));
        spec.packets().forEach(packet -> ports.add(packet.name()));
        spec.udpPorts().forEach(port -> ports.add(port.name()));
        spec.guests().forEach(guest -> guest.nics().forEach(nic -> ports.add(guest.name() + "." + nic.name())));
        return ports;
    }

    private void name(String what, String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            errors.add(what + " '" + name
                + "': not a name: a letter or digit, then up to 62 letters, digits, '_' or '-'");
        }
    }

    private void portName(String what, String name) {
        if (name == null || !PORT_NAME.matcher(name).matches()) {
            errors.add(what + " '" + name + "': not a name: letters, digits, '_', '.', ':' and '-'");
        }
    }

    private <T> void unique(String what, List<T> things, Function<T, String> key) {
        Set<String> seen = new HashSet<>();
        things.stream().map(key).filter(name -> !seen.add(name))
            .forEach(name -> errors.add(what + " " + name + ": there are two of this name"));
    }

    private void tunnelsAndLinks() {
        Map<String, String> remotes = new HashMap<>();
        for (TunnelSpec tunnel : spec.tunnels()) {
            attempt("tunnel to " + tunnel.peer(), () -> {
                String remote = Remote.canonical(tunnel.remote());
                TunnelConfig.plaintext(remote, Remote.parse(remote), tunnel.pathMtu());
                if (tunnel.local() != null) {
                    Remote.parse(tunnel.local());
                } else if (tunnel.transport() != Transport.UDP) {
                    throw new IllegalArgumentException("transport " + tunnel.transport().label()
                        + ": 'local' is missing, the address and port by which the peer knows this host");
                }
                if (remotes.containsValue(remote)) {
                    throw new IllegalArgumentException(remote + " is another peer's address as well");
                }
                remotes.put(tunnel.peer(), remote);
            });
        }
        Set<String> ids = new HashSet<>();
        for (LinkSpec link : spec.links()) {
            plugged(link.name(), link.bridge());
            if (spec.tunnels().stream().noneMatch(tunnel -> tunnel.peer().equals(link.peer()))) {
                errors.add(link.name() + ": no tunnel to peer " + link.peer());
            }
            if (link.linkId() == 0) {
                errors.add(link.name() + ": link id 0 is reserved");
            }
            if (!ids.add(link.peer() + " " + link.linkId())) {
                errors.add(link.name() + ": link id " + Integer.toUnsignedString(link.linkId())
                    + " is used twice towards " + link.peer());
            }
        }
    }

    private void plugged(String port, String bridge) {
        if (spec.bridges().stream().noneMatch(b -> b.name().equals(bridge))) {
            errors.add(port + ": no switch or patch " + bridge);
        }
    }

    private void guests() {
        Set<String> macs = new HashSet<>();
        for (GuestSpec guest : spec.guests()) {
            boolean isQemu = guest.vmm() == GuestSpec.Vmm.QEMU;
            int minMemoryMiB = isQemu ? MIN_QEMU_MEMORY_MIB : MIN_MEMORY_MIB;
            if (guest.memoryMiB() < minMemoryMiB) {
                errors.add(guest.name() + ": memory " + guest.memoryMiB() + " MiB: at least " + minMemoryMiB
                    + (isQemu ? " for QEMU" : ""));
            }
            if (guest.startupConfig().length() > GuestSpec.STARTUP_CONFIG_CHARS_MAX) {
                errors.add(guest.name() + ": its startup-config has " + guest.startupConfig().length()
                    + " characters: at most " + GuestSpec.STARTUP_CONFIG_CHARS_MAX);
            }
            for (NicSpec nic : guest.nics()) {
                String port = guest.name() + "." + nic.name();
                if (nic.name() == null || !NIC_NAME.matcher(nic.name()).matches()) {
                    errors.add(port + ": a vNIC's name is eth0 to eth9999");
                } else if (isQemu && nic.number() > GuestSpec.QEMU_NIC_NUMBER_MAX) {
                    errors.add(port + ": QEMU has room for eth0 to eth" + GuestSpec.QEMU_NIC_NUMBER_MAX);
                }
                plugged(port, nic.bridge());
                if (nic.mac() == null || !MAC.matcher(nic.mac()).matches()) {
                    errors.add(port + ": MAC " + nic.mac() + ": expected a unicast MAC such as 02:00:00:00:00:01");
                } else if (!macs.add(nic.bridge() + " " + nic.mac())) {
                    errors.add(port + ": MAC " + nic.mac() + " is on " + nic.bridge() + " twice");
                }
                mtu(port, nic.mtu());
                nic.addresses().forEach(address -> prefix(port, address));
            }
            guest.routes().forEach(route -> attempt("guest " + guest.name() + ": route", () -> {
                if (!route.to().equals("default")) {
                    checkPrefix(route.to());
                }
                Remote.address(route.via());
            }));
        }
    }

    private void taps() {
        List<TapSpec> taps = taps(spec);
        for (TapSpec tap : taps) {
            plugged(tap.name(), tap.bridge());
            attempt("TAP " + tap.name(), () -> new TapConfig(tap.name(), tap.device(), tap.mtu()));
            mtu("TAP " + tap.name(), tap.mtu());
            tap.addresses().forEach(address -> prefix("TAP " + tap.name(), address));
        }
        unique("TAP device", taps, TapSpec::device);
    }

    /** Also those of jetways, whether they are on or off. */
    private static List<TapSpec> taps(NetworkSpec spec) {
        return Stream.concat(spec.taps().stream(), spec.jetways().stream().map(JetwaySpec::tap)).toList();
    }

    private void jetways() {
        for (JetwaySpec jetway : spec.jetways()) {
            String what = "jetway " + jetway.name();
            if (!jetway.outside().isEmpty() && !INTERFACE.matcher(jetway.outside()).matches()) {
                errors.add(what + ": interface '" + jetway.outside() + "': not the name of an interface");
            }
            if (jetway.mode() == JetwaySpec.Mode.NAT) {
                if (jetway.tap().addresses().isEmpty()) {
                    errors.add(what + ": a gateway needs an address");
                }
            } else if (jetway.mode() == null || jetway.outside().isEmpty()) {
                errors.add(what + ": NAT, or BRIDGE with an interface");
            } else if (!jetway.tap().addresses().isEmpty() || !jetway.allow().isEmpty()
                || !jetway.routes().isEmpty()) {
                errors.add(what + ": addresses, rules and routes are for NAT");
            }
            jetway.routes().forEach(route -> attempt(what + ": route", () -> {
                checkPrefix(route.to());
                Remote.address(route.via());
            }));
        }
    }

    private void udpPorts() {
        Set<String> locals = new HashSet<>();
        for (UdpPortSpec port : spec.udpPorts()) {
            plugged(port.name(), port.bridge());
            attempt("UDP port " + port.name(), () -> {
                UdpPortPiece.check(port);
                if (!locals.add(Remote.canonical(port.local()))) {
                    throw new IllegalArgumentException(port.local() + " is another port's as well");
                }
            });
        }
    }

    private void packets() {
        for (PacketSpec packet : spec.packets()) {
            String what = "packet port " + packet.name();
            plugged(packet.name(), packet.bridge());
            List<String> bad = packet.macs().stream().filter(mac -> !MAC.matcher(mac).matches()).toList();
            bad.forEach(mac -> errors.add(what + ": MAC " + mac + ": expected a unicast MAC such as"
                + " 02:00:00:00:00:01"));
            if (packet.role() == null || packet.device() == null) {
                errors.add(what + ": a role (HOST, PROXY or ALL) and an interface");
            } else if (bad.isEmpty()) {
                attempt(what, () -> PacketPiece.config(packet.name(), packet));
            }
            if (taps(spec).stream().anyMatch(tap -> tap.device().equals(packet.device()))) {
                errors.add(what + ": interface " + packet.device() + " is a TAP of this network already");
            }
        }
    }

    private void bridges() {
        Map<String, Long> ports = new HashMap<>();
        spec.links().forEach(link -> ports.merge(link.bridge(), 1L, Long::sum));
        taps(spec).forEach(tap -> ports.merge(tap.bridge(), 1L, Long::sum));
        spec.packets().forEach(packet -> ports.merge(packet.bridge(), 1L, Long::sum));
        spec.udpPorts().forEach(port -> ports.merge(port.bridge(), 1L, Long::sum));
        spec.guests().forEach(guest -> guest.nics().forEach(nic -> ports.merge(nic.bridge(), 1L, Long::sum)));
        for (BridgeSpec bridge : spec.bridges()) {
            if (bridge.kind() == null) {
                errors.add("bridge " + bridge.name() + ": kind: SWITCH or PATCH");
            } else if (bridge.kind() == BridgeSpec.Kind.SWITCH) {
                attempt("switch " + bridge.name(), () -> Lines.lan(bridge.name(), bridge));
            } else if (ports.getOrDefault(bridge.name(), 0L) > 2) {
                errors.add("patch " + bridge.name() + ": " + ports.get(bridge.name()) + " ports; a patch joins two");
            }
        }
    }

    private void impairments() {
        Set<String> ports = new HashSet<>(ports());
        for (ImpairmentSpec impairment : spec.impairments()) {
            String what = "impairment of " + impairment.port();
            if (!ports.contains(impairment.port())) {
                errors.add(what + ": there is no such port");
            }
            attempt(what, () -> Lines.impairment(impairment.line()));
        }
        unique("impairment of", spec.impairments(), ImpairmentSpec::port);
    }

    /** With what is declared, which has to be right for that. */
    private void guards() {
        Set<String> ports = new HashSet<>(ports());
        spec.guards().stream().map(GuardSpec::port).filter(port -> !ports.contains(port))
            .forEach(port -> errors.add("guard of " + port + ": there is no such port"));
        unique("guard of", spec.guards(), GuardSpec::port);
        GuardSpec.of(spec).forEach(guard -> attempt("guard of " + guard.port(), () -> Lines.guard(guard)));
    }

    private void conflicts(NetworkSpec other) {
        Map<String, TunnelSpec> theirs = other.tunnels().stream()
            .collect(Collectors.toMap(tunnel -> Remote.canonical(tunnel.remote()), tunnel -> tunnel));
        for (TunnelSpec tunnel : spec.tunnels()) {
            String remote = Remote.canonical(tunnel.remote());
            TunnelSpec their = theirs.get(remote);
            if (their == null) {
                continue;
            }
            String shared = "tunnel to " + tunnel.peer() + " at " + remote + ": network " + other.network();
            if (their.pathMtu() != tunnel.pathMtu()) {
                errors.add(shared + " shares it with path MTU " + their.pathMtu() + ", not " + tunnel.pathMtu());
            }
            if (!their.fec().equals(tunnel.fec()) && !their.fec().equals(FecSpec.OFF)
                && !tunnel.fec().equals(FecSpec.OFF)) {
                errors.add(shared + " shares it with fec " + their.fec().text() + ", not " + tunnel.fec().text()
                    + ": give both the same, or say it in one of them");
            }
            if (their.transport() != tunnel.transport() && their.transport() != Transport.UDP
                && tunnel.transport() != Transport.UDP) {
                errors.add(shared + " shares it with transport " + their.transport().label() + ", not "
                    + tunnel.transport().label() + ": give both the same, or say it in one of them");
            }
            if (!Objects.equals(local(their), local(tunnel))) {
                errors.add(shared + " has this host's address as " + their.local() + ", not " + tunnel.local()
                    + ": the tunnel has one key, by both addresses, so give the host the same 'underlay' in both");
            }
            for (LinkSpec link : spec.links()) {
                other.links().stream()
                    .filter(taken -> link.peer().equals(tunnel.peer()) && taken.peer().equals(their.peer()))
                    .filter(taken -> taken.linkId() == link.linkId())
                    .forEach(taken -> errors.add(link.name() + ": link id " + Integer.toUnsignedString(link.linkId())
                        + " is used by " + taken.name() + " of network " + other.network() + " in the tunnel to "
                        + remote + ": rename the link in one of the two topologies"));
            }
        }
        ownInterfaces(spec, other);
        ownInterfaces(other, spec);
        for (TapSpec tap : taps(spec)) {
            if (taps(other).stream().anyMatch(taken -> taken.device().equals(tap.device()))) {
                errors.add("TAP device " + tap.device() + " belongs to network " + other.network());
            }
        }
        for (UdpPortSpec port : spec.udpPorts()) {
            String local = Remote.canonical(port.local());
            if (other.udpPorts().stream().anyMatch(taken -> Remote.canonical(taken.local()).equals(local))) {
                errors.add("UDP port " + port.name() + ": " + port.local() + " belongs to network " + other.network());
            }
        }
    }

    /** What a packet port took of a TAP would be the other network's. */
    private void ownInterfaces(NetworkSpec packets, NetworkSpec taps) {
        for (PacketSpec packet : packets.packets()) {
            if (taps(taps).stream().anyMatch(tap -> tap.device().equals(packet.device()))) {
                errors.add("packet port " + packet.name() + " of network " + packets.network() + ": interface "
                    + packet.device() + " is a TAP of network " + taps.network());
            }
        }
    }

    private static String local(TunnelSpec tunnel) {
        return tunnel.local() == null ? null : Remote.canonical(tunnel.local());
    }

    private void mtu(String what, int mtu) {
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            errors.add(what + ": MTU " + mtu + ": " + MIN_MTU + " to " + MAX_MTU);
        }
    }

    private void prefix(String what, String prefix) {
        attempt(what + ": address", () -> checkPrefix(prefix));
    }

    private static void checkPrefix(String prefix) {
        int slash = prefix.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + prefix + "': a prefix length is missing, such as /24");
        }
        int bits = Remote.address(prefix.substring(0, slash)).getAddress().length * Byte.SIZE;
        String length = prefix.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > bits) {
            throw new IllegalArgumentException("'" + prefix + "': the prefix length is 0 to " + bits);
        }
    }

    private void attempt(String what, Runnable check) {
        try {
            check.run();
        } catch (IllegalArgumentException e) {
            errors.add(what + ": " + e.getMessage());
        }
    }
}
