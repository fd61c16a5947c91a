package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.MulticastSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;

class PlannerTest {
    private static Plan plan(String yaml) throws TopologyException {
        Plan plan = Planner.plan(RandomTopology.parse(yaml));
        PlanAssert.assertSound(plan);
        return plan;
    }

    private static NetworkSpec spec(Plan plan, String host) {
        return plan.hosts().stream().filter(h -> h.name().equals(host)).findFirst().orElseThrow().spec();
    }

    private static String nicBridge(NetworkSpec spec, String guest, int nic) {
        return spec.guests().stream().filter(g -> g.name().equals(guest)).findFirst().orElseThrow()
            .nics().get(nic).bridge();
    }

    @Test
    void whatASwitchDoesWithMulticastIsPlanned() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}}
            switches:
              s1: {host: a}
              s2: {host: a, multicast: {querier: true, query-interval: 3600s, unknown: drop}}
              s3: {host: a, multicast: {snooping: false}}
              s4: {host: a, multicast: {query-interval: 1 s, unknown: flood}}
            """);
        assertThat(spec(plan, "a").bridges()).extracting(BridgeSpec::multicast).containsExactly(MulticastSpec.DEFAULT,
            new MulticastSpec(true, true, 3600, true), new MulticastSpec(false, false, 125, false),
            new MulticastSpec(true, false, 1, false));
    }

    @Test
    void aNicOnItsSwitchsHostIsAPortOfTheSwitch() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {lan1: {host: a, mac-table: 64, ageing: 10}}
            nodes:
              v1: {host: a, kind: router, memory: 96, nics: [{switch: lan1, addresses: [10.0.0.1/24], mtu: 1400}]}
            """);
        NetworkSpec a = spec(plan, "a");
        assertThat(a.bridges()).containsExactly(BridgeSpec.lan("lan1", 64, 10));
        assertThat(a.links()).isEmpty();
        assertThat(a.tunnels()).isEmpty();
        GuestSpec guest = a.guests().getFirst();
        assertThat(guest.role()).isEqualTo(GuestSpec.Role.ROUTER);
        assertThat(guest.memoryMiB()).isEqualTo(96);
        GuestSpec.NicSpec nic = guest.nics().getFirst();
        assertThat(nic.name()).isEqualTo("eth0");
        assertThat(nic.bridge()).isEqualTo("lan1");
        assertThat(nic.mtu()).isEqualTo(1400);
        assertThat(nic.addresses()).containsExactly("10.0.0.1/24");
        assertThat(spec(plan, "b")).isEqualTo(NetworkSpec.empty("n", "b"));
    }

    @Test
    void aNicAwayFromItsSwitchIsPatchedToALink() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true, path-mtu: 1400}, b: {netns: true, path-mtu: 9000}, c: {netns: true}}
            switches: {lan1: {host: a}}
            nodes:
              v1: {host: b, nics: [{switch: lan1}]}
            taps:
              t1: {host: c, switch: lan1, device: vt0, addresses: [10.0.0.9/24]}
            """);
        NetworkSpec a = spec(plan, "a");
        NetworkSpec b = spec(plan, "b");
        NetworkSpec c = spec(plan, "c");
        LinkSpec link = b.links().getFirst();
        assertThat(b.bridges()).containsExactly(BridgeSpec.patch("v1.eth0"));
        assertThat(link).isEqualTo(new LinkSpec("link:v1.eth0", "v1.eth0", "a", link.linkId(), FitSpec.NONE));
        assertThat(nicBridge(b, "v1", 0)).isEqualTo("v1.eth0");
        assertThat(c.bridges()).containsExactly(BridgeSpec.patch("t1"));
        assertThat(c.taps()).containsExactly(new TapSpec("t1", "vt0", "t1", 1500, List.of("10.0.0.9/24")));
        assertThat(a.links()).containsExactly(
            new LinkSpec("link:t1", "lan1", "c", c.links().getFirst().linkId(), FitSpec.NONE),
            new LinkSpec("link:v1.eth0", "lan1", "b", link.linkId(), FitSpec.NONE));
        String underlayOfA = plan.hosts().getFirst().underlay();
        assertThat(underlayOfA).matches("198\\.18\\.[0-9]+\\.[0-9]+:7000");
        assertThat(b.tunnels()).containsExactly(new TunnelSpec("a", underlayOfA, 1400, FecSpec.OFF, Transport.UDP,
            plan.hosts().get(1).underlay()));
        assertThat(c.tunnels()).containsExactly(new TunnelSpec("a", underlayOfA, 1400, FecSpec.OFF, Transport.UDP,
            plan.hosts().get(2).underlay()));
        assertThat(a.tunnels()).extracting(TunnelSpec::peer, TunnelSpec::pathMtu, TunnelSpec::local)
            .containsExactly(tuple("b", 1400, underlayOfA), tuple("c", 1400, underlayOfA));
    }

    @Test
    void aUdpPortIsAPortOfTheSwitchOrPatchedToALink() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {lan1: {host: a}}
            udp-ports:
              rack: {host: a, switch: lan1, kind: vxlan, local: 192.0.2.1:4789, remote: 192.0.2.9:4789, vni: 0x2A,
                     insecure-plaintext: true, impair: {down: true}}
              uml: {host: b, switch: lan1, kind: l2tpv3, local: "[2001:DB8:0::1]:1701", remote: "[2001:db8::9]:1702",
                    local-session: 4294967295, remote-session: 2, local-cookie: 0123ABCD, counter: true,
                    insecure-plaintext: true}
            """);
        NetworkSpec a = spec(plan, "a");
        assertThat(a.udpPorts()).containsExactly(
            UdpPortSpec.vxlan("rack", "lan1", "192.0.2.1:4789", "192.0.2.9:4789", 42));
        assertThat(a.impairments()).containsExactly(
            new ImpairmentSpec("rack", LineSpec.NONE.withDown(true)));
        NetworkSpec b = spec(plan, "b");
        assertThat(b.bridges()).containsExactly(BridgeSpec.patch("uml"));
        assertThat(b.udpPorts()).containsExactly(new UdpPortSpec("uml", "uml", UdpPortSpec.Kind.L2TPV3,
            "[2001:db8::1]:1701", "[2001:db8::9]:1702", 0, 4_294_967_295L, 2, "0123abcd", "", true, ""));
        assertThat(a.links()).extracting(LinkSpec::name).containsExactly("link:uml");
    }

    @Test
    void aUdpPortOnRequestHasNoPeerYet() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {daemon: /a, underlay: '192.0.2.1:7000'}}
            switches: {lan1: {host: a}}
            udp-ports:
              uml: {host: a, switch: lan1, kind: l2tpv3, local: 192.0.2.1:1701, token-file: /etc/uml.key,
                    insecure-plaintext: true, impair: {down: true}}
            """);
        assertThat(spec(plan, "a").udpPorts()).containsExactly(new UdpPortSpec("uml", "lan1",
            UdpPortSpec.Kind.L2TPV3, "192.0.2.1:1701", "", 0, 0, 0, "", "", false, "/etc/uml.key"));
    }

    @Test
    void aLoneCableIsAPatchOnOneHostAndTwoPatchesAndALinkOnTwo() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            nodes:
              v1: {host: a, nics: [{}, {}]}
              v2: {host: a, nics: [{}]}
              v3: {host: b, nics: [{}]}
            links:
              - ends: [v2.eth0, v1.eth0]
              - ends: [v3.eth0, v1.eth1]
            """);
        NetworkSpec a = spec(plan, "a");
        assertThat(a.bridges()).containsExactly(BridgeSpec.patch("v1.eth0:v2.eth0"), BridgeSpec.patch("v1.eth1"));
        assertThat(nicBridge(a, "v1", 0)).isEqualTo("v1.eth0:v2.eth0");
        assertThat(nicBridge(a, "v2", 0)).isEqualTo("v1.eth0:v2.eth0");
        assertThat(nicBridge(a, "v1", 1)).isEqualTo("v1.eth1");
        assertThat(a.links()).extracting(LinkSpec::name).containsExactly("link:v1.eth1:v3.eth0");
        NetworkSpec b = spec(plan, "b");
        assertThat(b.bridges()).containsExactly(BridgeSpec.patch("v3.eth0"));
        assertThat(b.links()).extracting(LinkSpec::name).containsExactly("link:v1.eth1:v3.eth0");
    }

    @Test
    void aTrunkIsALinkBetweenTwoSwitches() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {s1: {host: a}, s2: {host: b}}
            links: [{ends: [s2, s1]}]
            """);
        LinkSpec link = spec(plan, "a").links().getFirst();
        assertThat(link).isEqualTo(new LinkSpec("link:s1:s2", "s1", "b", link.linkId(), FitSpec.NONE));
        assertThat(spec(plan, "b").links())
            .containsExactly(new LinkSpec("link:s1:s2", "s2", "a", link.linkId(), FitSpec.NONE));
    }

    @Test
    void aPacketPortIsPluggedInLikeATap() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {s: {host: a}}
            packets:
              near: {host: a, switch: s, interface: eth1}
              far: {host: b, switch: s, interface: eth1, role: host, macs: [02:00:00:00:00:01], impair: {delay: 4ms}}
            """);
        assertThat(spec(plan, "a").packets()).containsExactly(
            new PacketSpec("near", "eth1", "s", PacketSpec.Role.ALL, List.of(), false, true));
        NetworkSpec b = spec(plan, "b");
        assertThat(b.packets()).containsExactly(new PacketSpec("far", "eth1", "far", PacketSpec.Role.HOST,
            List.of("02:00:00:00:00:01"), false, true));
        assertThat(b.bridges()).containsExactly(BridgeSpec.patch("far"));
        assertThat(b.links()).extracting(LinkSpec::name).containsExactly("link:far");
        assertThat(b.impairments()).containsExactly(delayed("far", 4));
    }

    private static ImpairmentSpec delayed(String port, int ms) {
        return new ImpairmentSpec(port, new LineSpec(ms * 1_000_000L, 0, 0, 0, 0, 0, 0, 0, 0, false, 0));
    }

    @Test
    void aLinkIsImpairedAtBothEndsAndAPortWhereItIs() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {s1: {host: a}, s2: {host: b}}
            nodes:
              v1: {host: a, nics: [{}, {}, {switch: s1, impair: {delay: 4ms}}]}
              v2: {host: a, nics: [{}]}
              v3: {host: b, nics: [{}, {switch: s1, impair: {delay: 5ms}}]}
            taps: {t1: {host: b, switch: s2, impair: {delay: 6ms}}}
            links:
              - {ends: [s2, s1], impair: {delay: 1ms}}
              - {ends: [v2.eth0, v1.eth0], impair: {delay: 2ms}}
              - {ends: [v3.eth0, v1.eth1], impair: {delay: 3ms}}
            """);
        assertThat(spec(plan, "a").impairments()).containsExactly(delayed("link:s1:s2", 1),
            delayed("link:v1.eth1:v3.eth0", 3), delayed("v1.eth0", 2), delayed("v1.eth2", 4), delayed("v2.eth0", 2));
        assertThat(spec(plan, "b").impairments()).containsExactly(delayed("link:s1:s2", 1),
            delayed("link:v1.eth1:v3.eth0", 3), delayed("t1", 6), delayed("v3.eth1", 5));
    }

    @Test
    void everyWordOfAnImpairmentIsRead() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {s1: {host: a}, s2: {host: b}}
            links:
              - ends: [s1, s2]
                impair:
                  delay: 20ms
                  jitter: 1.5 MS
                  loss: 0.5%
                  burst: 2.5
                  rate: 200Mbit
                  queue: 64KiB
                  reorder: 1%
                  duplicate: 2 %
                  corrupt: 100%
                  down: true
                  seed: -7
            """);
        assertThat(spec(plan, "a").impairments()).containsExactly(new ImpairmentSpec("link:s1:s2", new LineSpec(
            20_000_000, 1_500_000, 0.005, 2.5, 200_000_000, 65_536, 0.01, 0.02, 1, true, -7)));
    }

    @Test
    void everyWordOfAGuardIsReadAndTheRestIsAsTheNetworkHasIt() throws TopologyException {
        Plan plan = plan("""
            network: n
            port-security: true
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {s1: {host: a}}
            nodes:
              v1:
                host: a
                nics:
                  - switch: s1
                    guard:
                      macs: [declared, 00:00:5E:00:01:01]
                      addresses: [declared, 10.0.0.254, FD00:0::/32, 10.1.0.0/16]
                      max-macs: 4
                      storm: {broadcast: 100/s, unknown: 1000000/s, multicast: 1/s}
                      bpdu: pass
                  - {guard: {}}
                  - {switch: s1}
              r1: {host: a, kind: router, nics: [{guard: {macs: any}}, {switch: s1, guard: {}}]}
              v2: {host: b, nics: [{switch: s1, guard: {max-macs: 9, storm: {unknown: 5/s, multicast: 6/s}}}]}
            taps: {t1: {host: b, switch: s1, guard: {addresses: declared}}}
            links: [{ends: [v1.eth1, r1.eth0]}]
            """);
        List<String> own = List.of(GuardSpec.DECLARED);
        GuardSpec.Storm none = GuardSpec.Storm.NONE;
        assertThat(spec(plan, "a").guards()).containsExactly(
            new GuardSpec("link:v2.eth0", GuardSpec.ANY, GuardSpec.ANY, 9, new GuardSpec.Storm(0, 5, 0), false),
            new GuardSpec("r1.eth0", GuardSpec.ANY, GuardSpec.ANY, 0, none, false),
            new GuardSpec("r1.eth1", own, GuardSpec.ANY, 0, none, true),
            new GuardSpec("v1.eth0", List.of("declared", "00:00:5e:00:01:01"),
                List.of("declared", "10.0.0.254", "fd00::/32", "10.1.0.0/16"), 4,
                new GuardSpec.Storm(100, 1_000_000, 1), false),
            new GuardSpec("v1.eth1", own, own, 0, none, false));
        assertThat(spec(plan, "b").guards()).containsExactly(
            new GuardSpec("t1", GuardSpec.ANY, own, 0, none, false),
            new GuardSpec("v2.eth0", own, own, 9, new GuardSpec.Storm(0, 5, 6), true));
        assertThat(plan.hosts()).allMatch(host -> host.spec().portSecurity());
    }

    @Test
    void runningDaemonsAreReachedWhereTheFileSays() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts:
              a: {daemon: /run/a.sock, underlay: "[2001:DB8:0::1]:7000"}
              b: {daemon: ~/b.sock, underlay: "[2001:db8::2]:07001"}
            switches: {s1: {host: a}}
            nodes: {v1: {host: b, nics: [{switch: s1}]}}
            """);
        assertThat(plan.hosts()).extracting(Plan.Host::daemon)
            .containsExactly(Path.of("/run/a.sock"), Path.of(System.getProperty("user.home"), "b.sock"));
        assertThat(spec(plan, "b").tunnels())
            .containsExactly(new TunnelSpec("a", "[2001:db8::1]:7000", 0, FecSpec.OFF, Transport.UDP,
                "[2001:db8::2]:7001"));
        assertThat(spec(plan, "a").tunnels())
            .containsExactly(new TunnelSpec("b", "[2001:db8::2]:7001", 0, FecSpec.OFF, Transport.UDP,
                "[2001:db8::1]:7000"));
    }

    @Test
    void aTunnelIsProtectedAsTheFileSaysAtBothOfItsEnds() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}, c: {netns: true}}
            switches: {s1: {host: a}, s2: {host: b}, s3: {host: c}}
            links: [{ends: [s1, s2]}, {ends: [s2, s3]}]
            tunnels:
              - {ends: [b, a], fec: 10+3x4, mss-clamp: auto}
              - {ends: [a, c], fec: auto}
              - {ends: [b, c], transport: tls, mss-clamp: 1300, df: honor}
            """);
        assertThat(spec(plan, "a").tunnels()).extracting(TunnelSpec::fec).containsExactly(new FecSpec(10, 3, 4));
        assertThat(spec(plan, "b").tunnels()).extracting(TunnelSpec::fec)
            .containsExactly(new FecSpec(10, 3, 4), FecSpec.OFF);
        assertThat(spec(plan, "b").tunnels()).extracting(TunnelSpec::transport)
            .containsExactly(Transport.UDP, Transport.TLS);
        assertThat(spec(plan, "c").tunnels()).extracting(TunnelSpec::transport).containsExactly(Transport.TLS);
        assertThat(spec(plan, "c").tunnels()).extracting(TunnelSpec::peer).containsExactly("b");
        assertThat(spec(plan, "a").links()).extracting(LinkSpec::fit)
            .containsExactly(new FitSpec(FitSpec.MSS_AUTO, false));
        assertThat(spec(plan, "b").links()).extracting(LinkSpec::fit)
            .containsExactly(new FitSpec(FitSpec.MSS_AUTO, false), new FitSpec(1300, true));
        assertThat(spec(plan, "c").links()).extracting(LinkSpec::fit).containsExactly(new FitSpec(1300, true));
    }

    @Test
    void gatewaysAreDefaultRoutesAndAddressesHaveOneSpelling() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}}
            switches: {s1: {host: a}}
            nodes:
              v1:
                host: a
                nics: [{switch: s1, addresses: [10.0.0.1/24, FD00:0::0001/64]}]
                gateway: [10.0.0.254, fd00:0:0::FE]
                routes: [{to: 10.9.0.0/16, via: 10.0.0.253}]
            """);
        GuestSpec guest = spec(plan, "a").guests().getFirst();
        assertThat(guest.nics().getFirst().addresses()).containsExactly("10.0.0.1/24", "fd00::1/64");
        assertThat(guest.routes()).containsExactly(
            new GuestSpec.RouteSpec("default", "10.0.0.254"), new GuestSpec.RouteSpec("default", "fd00::fe"),
            new GuestSpec.RouteSpec("10.9.0.0/16", "10.0.0.253"));
    }

    @Test
    void aChosenMacIsKeptAndAnAliasRepeatsAValue() throws TopologyException {
        Plan plan = plan("""
            network: n
            hosts: {a: {netns: true}}
            switches: {s1: {host: a}}
            nodes:
              v1: {host: a, nics: &one [{switch: s1}]}
              v2: {host: a, nics: *one}
              v3: {host: a, nics: [{switch: s1, mac: 52:54:00:AB:CD:EF}]}
            """);
        List<GuestSpec> guests = spec(plan, "a").guests();
        assertThat(guests.get(2).nics().getFirst().mac()).isEqualTo("52:54:00:ab:cd:ef");
        assertThat(guests.get(0).nics().getFirst().mac()).startsWith("02:")
            .isNotEqualTo(guests.get(1).nics().getFirst().mac());
    }

    /** These numbers are on the wire and in guests' neighbour tables: another version must make the same. */
    @Test
    void idsOfNamesNeverChange() {
        StableIds ids = new StableIds("two-lans");
        assertThat(ids.linkId("link:vhost2.eth0")).isEqualTo(0x84105f32);
        assertThat(ids.mac("vhost1.eth0")).isEqualTo("02:fc:08:1e:40:3e");
        assertThat(ids.underlay("princeton")).isEqualTo("198.18.49.202");
    }

    @Test
    void aNumberThatIsTakenIsHashedAgain() {
        String mac = new StableIds("n").mac("v1.eth0");
        StableIds ids = new StableIds("n");
        ids.takeMac(mac);
        assertThat(ids.mac("v1.eth0")).startsWith("02:").isNotEqualTo(mac);
        String address = new StableIds("n").underlay("a");
        ids.takeUnderlay(address);
        assertThat(ids.underlay("a")).startsWith("198.18.").isNotEqualTo(address);
        assertThat(ids.linkId("x")).isNotEqualTo(ids.linkId("x"));
    }

    @Test
    void aHeldUnderlayAddressIsKeptAndNotGivenTwice() throws TopologyException {
        Topology topology = RandomTopology.parse("network: n\nhosts: {a: {netns: true}, b: {netns: true}}\n");
        String ofA = Planner.plan(topology).hosts().getFirst().underlay().replace(":7000", "");
        Plan plan = Planner.plan(topology, Map.of("b", ofA));
        assertThat(plan.hosts().get(1).underlay()).isEqualTo(ofA + ":7000");
        assertThat(plan.hosts().getFirst().underlay()).isNotEqualTo(ofA + ":7000");
    }
}
