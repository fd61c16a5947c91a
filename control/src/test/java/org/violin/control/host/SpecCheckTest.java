package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.host.HostException.Kind;
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
import org.violin.control.topology.Plan;
import org.violin.control.topology.Planner;
import org.violin.control.topology.TopologyFile;

class SpecCheckTest {
    private static final BridgeSpec LAN = BridgeSpec.lan("lan1", 1024, 300);

    private static NetworkSpec network(String name, List<TunnelSpec> tunnels, List<LinkSpec> links, TapSpec... taps) {
        return new NetworkSpec.Builder(name, "a").bridges(List.of(LAN)).tunnels(tunnels).links(links)
            .taps(List.of(taps)).build();
    }

    private static JetwaySpec jetway(JetwaySpec.Mode mode, String outside) {
        return new JetwaySpec(new TapSpec("j." + mode, "j0", "lan1", 1500, List.of()), mode, outside,
            List.of(AllowSpec.parse("ping")), List.of(new RouteSpec("default", "10.0.0.1")), false, true);
    }

    private static PacketSpec packet(String name, String device, PacketSpec.Role role, String... macs) {
        return new PacketSpec(name, device, "lan1", role, List.of(macs), false, false);
    }

    @Test
    void qemuNeedsMemoryAndHasRoomForSomeNicsOnly() {
        GuestSpec guest = new GuestSpec("g", GuestSpec.Role.HOST, 64,
            List.of(new NicSpec("eth28", "lan1", "02:00:00:00:00:01", 1500, List.of())), List.of(), "",
            GuestSpec.Vmm.QEMU);
        NetworkSpec spec = NetworkSpec.empty("n1", "a").toBuilder().bridges(List.of(LAN)).guests(List.of(guest))
            .build();
        assertThatThrownBy(() -> SpecCheck.alone(spec)).hasMessageContaining("g: memory 64 MiB: at least 96 for QEMU")
            .hasMessageContaining("g.eth28: QEMU has room for eth0 to eth27");
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        GuestSpec guest = new GuestSpec("g/1", GuestSpec.Role.HOST, 4,
            List.of(new NicSpec("lan", "lan9", "03:00:00:00:00:01", 70_000, List.of("10.0.0.1", "10.0.0.1/33"))),
            List.of(new RouteSpec("default", "gateway")), "");
        NetworkSpec spec = new NetworkSpec("n1", "a",
            List.of(LAN, LAN, BridgeSpec.patch("p"), BridgeSpec.lan("lan2", 1000, 0),
                new BridgeSpec("lan3", BridgeSpec.Kind.SWITCH, 64, 300, new MulticastSpec(true, true, 0, false))),
            List.of(new TunnelSpec("b", "example.org:7000", 0, FecSpec.OFF, Transport.UDP, null),
                new TunnelSpec("c", "10.0.0.3:7000", 100, FecSpec.OFF, Transport.UDP, null),
                new TunnelSpec("d", "10.0.0.4:7000", 0, FecSpec.OFF, Transport.TLS, null),
                new TunnelSpec("e", "10.0.0.5:7000", 0, FecSpec.OFF, Transport.UDP, "here:7000")),
            List.of(new LinkSpec("l1", "p", "z", 0, FitSpec.NONE), new LinkSpec("l2", "p", "b", 1, FitSpec.NONE),
                new LinkSpec("l3", "p", "b", 1, FitSpec.NONE)),
            List.of(guest), List.of(new TapSpec("t1", "a name\naddr flush", "lan1", 1500, List.of("x; reboot/24"))),
            List.of(new ImpairmentSpec("l4", LineSpec.NONE.withDown(true)), impaired("t1", -1), impaired("t1", 1)),
            List.of(jetway(JetwaySpec.Mode.NAT, "eth0\"; flush"), jetway(JetwaySpec.Mode.BRIDGE, "eth1")),
            List.of(packet("q1", "j0", PacketSpec.Role.PROXY), packet("q2", "eth1", PacketSpec.Role.HOST, "03:0:0"),
                packet("t1", "eth 1", PacketSpec.Role.ALL), packet("q3", "eth1", null)),
            List.of(vxlan("u1", "lan1", "10.0.0.1:4789", 1 << 24), vxlan("u2", "lan7", "10.0.0.1:4789", 1),
                vxlan("u3", "lan1", "10.0.0.1:4789", 1), vxlan("u.4", "p", "[fd00::1]:4789", 1),
                new UdpPortSpec("u5", "lan1", UdpPortSpec.Kind.L2TPV3, "10.0.0.1:1701", "10.0.0.9:1701", 0, 0, 1, "",
                    "", false, "")),
            List.of(), false);
        assertThatThrownBy(() -> SpecCheck.alone(spec)).isInstanceOf(HostException.class)
            .extracting("kind").isEqualTo(Kind.INVALID);
        assertThatThrownBy(() -> SpecCheck.alone(spec)).message().contains(
            "network n1: ", "guest 'g/1': not a name", "bridge lan1: there are two of this name",
            "tunnel to b: 'example.org:7000': expected ADDRESS:PORT", "tunnel to c: pathMtu: 100",
            "tunnel to d: transport tls: 'local' is missing", "tunnel to e: 'here:7000': expected ADDRESS:PORT",
            "l1: no tunnel to peer z",
            "l1: link id 0 is reserved", "l3: link id 1 is used twice towards b", "g/1: memory 4 MiB: at least 16",
            "g/1.lan: a vNIC's name is eth0 to eth9999", "g/1.lan: no switch or patch lan9", "MAC 03:00:00:00:00:01",
            "MTU 70000: 68 to 9000", "'10.0.0.1': a prefix length is missing",
            "'10.0.0.1/33': the prefix length is 0 to 32",
            "guest g/1: route", "TAP t1: device: 'a name\naddr flush'", "TAP t1: address",
            "switch lan2: macCapacity: 1000", "switch lan3: query-interval: 0 s: 1 to 3600",
            "patch p: 4 ports; a patch joins two",
            "UDP port u1: vni: 16777216: 0 to 16777215", "u2: no switch or patch lan7",
            "UDP port u3: 10.0.0.1:4789 is another port's as well", "UDP port 'u.4': not a name",
            "UDP port u.4: remote: ", "local has an address of the other family",
            "UDP port u5: session 0: 1 to 4294967295",
            "jetway 'j.NAT': not a name", "TAP device j0: there are two of this name",
            "jetway j.NAT: interface 'eth0\"; flush': not the name of an interface",
            "jetway j.NAT: a gateway needs an address", "jetway j.NAT: route: 'default': a prefix length is missing",
            "jetway j.BRIDGE: addresses, rules and routes are for NAT",
            "packet port q1: macs: 0: 1 to 64", "packet port q1: interface j0 is a TAP of this network already",
            "packet port q2: MAC 03:0:0: expected a unicast MAC", "packet port t1: interface: 'eth 1'",
            "port t1: there are two of this name", "packet port q3: a role (HOST, PROXY or ALL) and an interface",
            "impairment of l4: there is no such port", "impairment of t1: delay: -1 ns: 0 to 60000000000",
            "impairment of t1: there are two of this name");
    }

    @Test
    void guardsAreCheckedWithWhatIsDeclared() {
        List<String> addresses = IntStream.range(0, 65).mapToObj(i -> "10.0.1." + i + "/24").toList();
        GuestSpec guest = new GuestSpec("g", GuestSpec.Role.HOST, 64,
            List.of(new NicSpec("eth0", "lan1", "02:00:00:00:00:01", 1500, addresses)), List.of(), "");
        NetworkSpec spec = new NetworkSpec.Builder("n1", "a").bridges(List.of(LAN)).guests(List.of(guest))
            .taps(List.of(tap("t1"), tap("t2"), tap("t3"))).portSecurity(true)
            .guards(List.of(GuardSpec.open("l5"), GuardSpec.open("t3"), guard("t1", List.of("declared"), 0),
                guard("t2", List.of("02:0"), 0), guard("t3", GuardSpec.ANY, -1))).build();
        assertThatThrownBy(() -> SpecCheck.alone(spec)).isInstanceOf(HostException.class).hasMessageContainingAll(
            "guard of l5: there is no such port", "guard of t3: there are two of this name",
            "guard of g.eth0: addresses: 65 of them: at most 64", "guard of t1: macs: 0 addresses: 1 to 16",
            "guard of t2: macs: '02:0': no MAC address", "guard of t3: max-macs: -1: at most 1048576");
    }

    private static TapSpec tap(String name) {
        return new TapSpec(name, name, "lan1", 1500, List.of());
    }

    private static GuardSpec guard(String port, List<String> macs, int maxMacs) {
        return new GuardSpec(port, macs, List.of("declared"), maxMacs, GuardSpec.Storm.NONE, true);
    }

    private static UdpPortSpec vxlan(String name, String bridge, String local, int vni) {
        return UdpPortSpec.vxlan(name, bridge, local, "10.0.0.9:4789", vni);
    }

    private static ImpairmentSpec impaired(String port, long delayNanos) {
        return new ImpairmentSpec(port, new LineSpec(delayNanos, 0, 0, 0, 0, 0, 0, 0, 0, false, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"two-lans", "lone-cable", "no-root", "isolation"})
    void whatThePlannerMakesOfTheExamplesIsRight(String example) throws Exception {
        Plan plan = Planner.plan(TopologyFile.load(Path.of("../examples", example + ".yaml")));
        assertThat(plan.hosts()).hasSizeGreaterThan(1).allSatisfy(host -> SpecCheck.alone(host.spec()));
    }

    @Test
    void whatAnotherNetworkHasIsNamed() {
        NetworkSpec other = network("n2",
            List.of(new TunnelSpec("bb", "10.0.0.2:7000", 1400, FecSpec.AUTO, Transport.AUTO, "10.0.0.9:7000")),
            List.of(new LinkSpec("link:x", "lan1", "bb", -1, FitSpec.NONE)),
            new TapSpec("t", "vt0", "lan1", 1500, List.of()));
        NetworkSpec spec = network("n1", List.of(
            new TunnelSpec("b", "10.0.0.2:7000", 0, new FecSpec(10, 3, 1), Transport.TLS, "10.0.0.1:7000")),
            List.of(new LinkSpec("link:y", "lan1", "b", -1, FitSpec.NONE)),
            new TapSpec("u", "vt0", "lan1", 1500, List.of()));
        SpecCheck.alone(spec);
        SpecCheck.beside(spec, List.of(spec));
        UdpPortSpec port = vxlan("u", "lan1", "[fd00::0:1]:4789", 1);
        NetworkSpec third = network("n3", List.of(), List.of()).toBuilder().udpPorts(List.of(port)).build();
        assertThatThrownBy(() -> SpecCheck.beside(third.toBuilder().udpPorts(
            List.of(vxlan("v", "lan1", "[fd00::1]:4789", 2))).build(), List.of(named("n4", third))))
            .hasMessageContaining("UDP port v: [fd00::1]:4789 belongs to network n4");
        assertThatThrownBy(() -> SpecCheck.beside(spec, List.of(other, spec))).isInstanceOf(HostException.class)
            .hasMessageContaining("network n2 shares it with path MTU 1400, not 0")
            .hasMessageContaining("tunnel to b at 10.0.0.2:7000: network n2 shares it with fec auto, not 10+3: give")
            .hasMessageContaining("at 10.0.0.2:7000: network n2 shares it with transport auto, not tls: give both")
            .hasMessageContaining("network n2 has this host's address as 10.0.0.9:7000, not 10.0.0.1:7000: the tunnel")
            .hasMessageContaining("link:y: link id 4294967295 is used by link:x of network n2 in the tunnel to"
                + " 10.0.0.2:7000")
            .hasMessageContaining("TAP device vt0 belongs to network n2")
            .extracting("kind").isEqualTo(Kind.CONFLICT);
    }

    private static NetworkSpec named(String name, NetworkSpec spec) {
        return new NetworkSpec.Builder(name, spec.host()).bridges(spec.bridges()).udpPorts(spec.udpPorts()).build();
    }

    @Test
    void aTapOfOneNetworkIsNoInterfaceOfAnother() {
        NetworkSpec taps = network("n1", List.of(), List.of(), new TapSpec("t", "vt0", "lan1", 1500, List.of()));
        NetworkSpec packets = network("n2", List.of(), List.of()).toBuilder().packets(List.of(
            packet("p", "vt0", PacketSpec.Role.ALL), packet("q", "eth1", PacketSpec.Role.ALL))).build();
        SpecCheck.alone(packets);
        for (List<NetworkSpec> pair : List.of(List.of(taps, packets), List.of(packets, taps))) {
            assertThatThrownBy(() -> SpecCheck.beside(pair.getFirst(), List.of(pair.getLast())))
                .isInstanceOf(HostException.class).hasMessageEndingWith(
                    ": packet port p of network n2: interface vt0 is a TAP of network n1");
        }
    }

    @Test
    void aNetworkThatWantsNothingOfATunnelIsInNobodysWay() {
        TunnelSpec tunnel = new TunnelSpec("b", "10.0.0.2:7000", 0, FecSpec.OFF, Transport.UDP, "10.0.0.1:7000");
        NetworkSpec spec = network("n1", List.of(tunnel), List.of());
        NetworkSpec other = network("n2", List.of(tunnel), List.of()).withFec("b", FecSpec.AUTO)
            .withTransport("b", Transport.TLS);
        SpecCheck.beside(spec, List.of(other));
        SpecCheck.beside(other, List.of(spec));
        SpecCheck.beside(spec.withFec("b", FecSpec.AUTO).withTransport("b", Transport.TLS), List.of(other));
    }

    @Test
    void theSameRemoteIsWrittenOneWay() {
        assertThat(Remote.canonical("10.0.0.1:7000")).isEqualTo("10.0.0.1:7000");
        assertThat(Remote.canonical("[fd00::0:1]:7000")).isEqualTo(Remote.canonical("[FD00:0:0::1]:7000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "host:7000", "fd00::1:7000",
        "[10.0.0.1]:7000", "[fd00::1]", ":7000", "10.0.0.1:7000x", "10.1:7000"})
    void whatIsNoRemoteIsRefused(String remote) {
        assertThatThrownBy(() -> Remote.parse(remote)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'" + remote + "': expected ADDRESS:PORT");
    }
}
