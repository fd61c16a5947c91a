package org.violin.control.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.violin.control.spec.AllowSpec;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.GuestSpec.RouteSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.MulticastSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;

/** Specifications from few names, so that two of them have much in common and differ in every way there is. */
final class RandomSpecs {
    private final Random random;

    RandomSpecs(long seed) {
        this.random = new Random(seed);
    }

    NetworkSpec next() {
        List<BridgeSpec> bridges = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            if (i == 0 || chance(2)) {
                bridges.add(new BridgeSpec("lan" + i, BridgeSpec.Kind.SWITCH, 1024, chance(4) ? 60 : 300,
                    chance(4) ? new MulticastSpec(true, true, 60, chance(2)) : MulticastSpec.DEFAULT));
            }
        }
        List<TunnelSpec> tunnels = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if (chance(2)) {
                tunnels.add(new TunnelSpec("h" + i, "10.0.0." + (i + random.nextInt(2) * 10 + 1) + ":7000",
                    chance(4) ? 1400 : 0, chance(3) ? FecSpec.AUTO : chance(3) ? new FecSpec(10, 3, 1) : FecSpec.OFF,
                    chance(2) ? Transport.UDP : Transport.values()[random.nextInt(4)], "10.0.1.1:7000"));
            }
        }
        List<LinkSpec> links = new ArrayList<>();
        for (int i = 0; i < 4 && !tunnels.isEmpty(); i++) {
            if (chance(2)) {
                links.add(new LinkSpec("link:l" + i, bridge(bridges), pick(tunnels).peer(), i + 1,
                    new FitSpec(chance(3) ? FitSpec.MSS_AUTO : chance(3) ? 1300 : 0, chance(4))));
            }
        }
        List<GuestSpec> guests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            if (chance(2)) {
                guests.add(guest("g" + i, i, bridges));
            }
        }
        List<TapSpec> taps = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if (chance(2)) {
                taps.add(new TapSpec("t" + i, "vt" + (chance(5) ? i + 3 : i), bridge(bridges), chance(4) ? 1400 : 1500,
                    addresses("10.9." + i + ".")));
            }
        }
        List<JetwaySpec> jetways = jetways(bridges);
        List<PacketSpec> packets = packets(bridges);
        List<UdpPortSpec> udpPorts = new ArrayList<>();
        if (chance(2)) {
            udpPorts.add(UdpPortSpec.vxlan("u1", bridge(bridges), "10.0.1.1:4789", "10.0.9.9:4789", random.nextInt(2)));
        }
        if (chance(2)) {
            udpPorts.add(new UdpPortSpec("u2", bridge(bridges), UdpPortSpec.Kind.L2TPV3, "10.0.1.1:1701",
                "10.0.9." + random.nextInt(1, 3) + ":1701", 0, 1, 2, chance(2) ? "" : "01234567", "", chance(2), ""));
        }
        if (chance(3)) {
            udpPorts.add(new UdpPortSpec("u3", bridge(bridges), UdpPortSpec.Kind.L2TPV3, "10.0.1.1:1702", "", 0, 0, 0,
                "", "", false, "/etc/token"));
        }
        addPatch(bridges, tunnels, links);
        List<ImpairmentSpec> impairments = new ArrayList<>();
        links.forEach(link -> addImpairment(impairments, link.name()));
        guests.forEach(guest -> guest.nics().forEach(nic ->
            addImpairment(impairments, guest.name() + "." + nic.name())));
        taps.forEach(tap -> addImpairment(impairments, tap.name()));
        packets.forEach(packet -> addImpairment(impairments, packet.name()));
        udpPorts.forEach(port -> addImpairment(impairments, port.name()));
        List<GuardSpec> guards = new ArrayList<>();
        links.forEach(link -> addGuard(guards, link.name(), List.of("02:00:00:00:00:77")));
        guests.forEach(guest -> guest.nics().forEach(nic ->
            addGuard(guards, guest.name() + "." + nic.name(), List.of(GuardSpec.DECLARED))));
        taps.forEach(tap -> addGuard(guards, tap.name(), GuardSpec.ANY));
        return new NetworkSpec.Builder("n1", "a").bridges(bridges).tunnels(tunnels).links(links).guests(guests)
            .taps(taps).packets(packets).udpPorts(udpPorts).impairments(impairments).jetways(jetways).guards(guards)
            .portSecurity(chance(3)).build();
    }

    private void addGuard(List<GuardSpec> guards, String port, List<String> macs) {
        if (chance(3)) {
            guards.add(new GuardSpec(port, chance(2) ? macs : GuardSpec.ANY, List.of(GuardSpec.DECLARED),
                random.nextInt(2), chance(2) ? new GuardSpec.Storm(5, 0, 0) : GuardSpec.Storm.NONE, chance(2)));
        }
    }

    private List<JetwaySpec> jetways(List<BridgeSpec> bridges) {
        List<JetwaySpec> jetways = new ArrayList<>();
        if (chance(2)) {
            jetways.add(new JetwaySpec(new TapSpec("j1", "vj1", bridge(bridges), 1500, List.of("10.8.0.1/24")),
                JetwaySpec.Mode.NAT, chance(3) ? "eth1" : "", List.of(AllowSpec.parse(chance(2) ? "ping" : "tcp/80")),
                List.of(), false, chance(2)));
        }
        if (chance(3)) {
            jetways.add(new JetwaySpec(new TapSpec("j2", "vj2", bridge(bridges), 1500, List.of()),
                JetwaySpec.Mode.BRIDGE, "eth2", List.of(), List.of(), chance(2), chance(2)));
        }
        return jetways;
    }

    private List<PacketSpec> packets(List<BridgeSpec> bridges) {
        List<PacketSpec> packets = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            PacketSpec.Role role = PacketSpec.Role.values()[random.nextInt(3)];
            if (chance(3)) {
                packets.add(new PacketSpec("p" + i, "eth" + (chance(5) ? 3 : i), bridge(bridges), role,
                    role == PacketSpec.Role.ALL ? List.of() : List.of("02:00:00:00:00:0" + (chance(3) ? 1 : 2)),
                    role == PacketSpec.Role.PROXY && chance(2), chance(2)));
            }
        }
        return packets;
    }

    private void addImpairment(List<ImpairmentSpec> impairments, String port) {
        if (chance(3)) {
            impairments.add(new ImpairmentSpec(port,
                new LineSpec(1_000_000, 0, 0.01, 0, chance(2) ? 1_000_000 : 0, 0, 0, 0, 0, chance(4), 7)));
        }
    }

    private void addPatch(List<BridgeSpec> bridges, List<TunnelSpec> tunnels, List<LinkSpec> links) {
        if (chance(2) && !tunnels.isEmpty()) {
            bridges.add(BridgeSpec.patch("cable"));
            links.add(new LinkSpec("link:c1", "cable", pick(tunnels).peer(), 101, FitSpec.NONE));
            links.add(new LinkSpec("link:c2", "cable", pick(tunnels).peer(), 102, FitSpec.NONE));
        }
    }

    private GuestSpec guest(String name, int number, List<BridgeSpec> bridges) {
        List<NicSpec> nics = new ArrayList<>();
        int count = 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            nics.add(new NicSpec("eth" + i, bridge(bridges), "02:00:00:00:0" + number + ":0" + (chance(6) ? i + 4 : i),
                1500, addresses("10." + number + "." + i + ".")));
        }
        List<RouteSpec> routes = chance(2) ? List.of(new RouteSpec("default", "10.0.0.254")) : List.of();
        return new GuestSpec(name, chance(4) ? GuestSpec.Role.ROUTER : GuestSpec.Role.HOST, chance(6) ? 128 : 64, nics,
            routes, chance(6) ? "router ospf\n" : "");
    }

    private List<String> addresses(String start) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < random.nextInt(3); i++) {
            addresses.add(start + (1 + i + random.nextInt(2) * 10) + "/24");
        }
        return addresses;
    }

    private String bridge(List<BridgeSpec> bridges) {
        return pick(bridges).name();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }
}
