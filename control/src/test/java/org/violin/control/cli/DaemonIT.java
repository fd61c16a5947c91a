package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.api.EventDto;
import org.violin.control.api.LinkDto;
import org.violin.control.api.NodeDto;
import org.violin.control.api.PortDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.ApiException;
import org.violin.control.client.DaemonClient;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

/** The daemon as a process of its own on a host of its own, with real TAPs, tunnels and guests. */
@Timeout(300)
class DaemonIT {
    @TempDir
    private Path directory;
    @AutoClose
    private TwoHosts hosts;
    private final List<Daemon> daemons = new ArrayList<>();

    private final class Daemon {
        private final TwoHosts.Host host;
        private final String name;
        private final Path state;
        private final DaemonClient client;
        private Product.Running running;

        Daemon(TwoHosts.Host host, String name) {
            this.host = host;
            this.name = name;
            this.state = directory.resolve(name);
            this.client = new DaemonClient(name, state.resolve("api.sock"));
            daemons.add(this);
        }

        Product.Running launch(Path stateDirectory) {
            return host.start("daemon", "--name", name, "--state-dir", stateDirectory.toString(),
                "--listen", host.underlay(), "--insecure-plaintext");
        }

        Daemon start() {
            running = launch(state);
            hosts.await(name + " is ready", () -> running.out().contains("ready") || !running.process.isAlive());
            assertThat(running.process.isAlive()).as(running.err()).isTrue();
            return this;
        }

        void sigkill() throws InterruptedException {
            running.process.destroyForcibly().waitFor();
        }

        boolean pings(String address) {
            return host.tried("ping -c 1 -W 1 " + address).exit() == 0;
        }

        NodeDto node(String node) {
            return client.nodes("n1").stream().filter(n -> n.name().equals(node)).findFirst().orElseThrow();
        }

        void awaitNode(String node, String wanted) {
            hosts.await(node + " is " + wanted, () -> node(node).state().equals(wanted));
        }

        boolean guestPings(String guest, String address) {
            return client.exec("n1", guest, List.of("ping", "-c", "1", "-W", "1", address), chunk -> { }) == 0;
        }

        List<String> eventKinds() {
            List<String> kinds = new ArrayList<>();
            client.events(false, (EventDto event) -> kinds.add(event.kind()));
            return kinds;
        }
    }

    @BeforeEach
    void makeHosts() {
        hosts = new TwoHosts(directory);
    }

    @AfterEach
    void takeEverythingDown() throws InterruptedException {
        for (Daemon daemon : daemons) {
            if (daemon.running != null && daemon.running.process.isAlive()) {
                try {
                    daemon.client.networks().forEach(daemon.client::delete);
                } finally {
                    daemon.sigkill();
                }
            }
        }
    }

    private static BridgeSpec lan(String name) {
        return BridgeSpec.lan(name, 1024, 300);
    }

    private static NetworkSpec spec(List<TunnelSpec> tunnels, List<LinkSpec> links, List<GuestSpec> guests,
            TapSpec... taps) {
        return new NetworkSpec.Builder("n1", "h").bridges(List.of(lan("lan1"), lan("lan2"))).tunnels(tunnels)
            .links(links).guests(guests).taps(List.of(taps)).build();
    }

    private static TapSpec tap(String name, String bridge, String... addresses) {
        return new TapSpec(name, name, bridge, 1500, List.of(addresses));
    }

    private static NetworkSpec joined(String peer, int peerNumber, String... tapAddress) {
        return spec(List.of(new TunnelSpec(peer, "10.77.0." + peerNumber + ":7000", 0, FecSpec.OFF,
            Transport.UDP, "10.77.0." + (3 - peerNumber) + ":7000")),
            List.of(new LinkSpec("link:trunk", "lan1", peer, 7, FitSpec.NONE)), List.of(),
            tap("vt0", "lan1", tapAddress));
    }

    @Test
    void twoHostsAreOneEthernetAlsoAfterSigkill() throws InterruptedException {
        Daemon a = new Daemon(hosts.left, "a").start();
        Daemon b = new Daemon(hosts.right, "b").start();
        assertThat(a.client.put(joined("b", 2, "10.1.0.1/24"))).hasSize(5);
        b.client.put(joined("a", 1, "10.1.0.2/24"));
        hosts.await("a reaches b", () -> a.pings("10.1.0.2"));
        LinkDto link = a.client.links("n1").getFirst();
        assertThat(link.tunnel()).isEqualTo("up");
        assertThat(link.rxFrames()).isPositive();
        assertThat(a.client.macs("n1")).anyMatch(mac -> mac.port().equals("link:trunk"));
        hosts.await("the event is told", () -> a.eventKinds().contains("tunnel-up"));

        String mac = a.host.mac("vt0");
        assertThat(b.host.mac("vt0")).isNotEqualTo(mac);
        a.sigkill();
        hosts.await("b sees it", () -> b.eventKinds().contains("tunnel-lost"));
        a.start();
        assertThat(a.client.ports("n1").stream().map(PortDto::name)).containsExactly("link:trunk", "vt0");
        assertThat(a.host.mac("vt0")).isEqualTo(mac);
        assertThat(a.client.plan(joined("b", 2, "10.1.0.1/24"))).isEmpty();
        hosts.await("a reaches b again", () -> a.pings("10.1.0.2"));

        a.client.put(joined("b", 2, "10.1.0.1/24", "fd00:1::1/64"));
        a.client.put(joined("b", 2, "10.1.0.3/24", "FD00:1:0::1/64"));
        assertThat(a.host.in("ip addr show dev vt0"))
            .contains("fd00:1::1/64", "10.1.0.3/24").doesNotContain("10.1.0.1");
        assertThat(a.pings("10.1.0.2")).isTrue();
        hosts.await("b reaches the new address", () -> b.pings("10.1.0.3"));
        assertThat(b.pings("10.1.0.1")).isFalse();
        a.client.delete("n1");
        a.running.stop();
        assertThat(a.host.tried("ip link show vt0").exit()).isNotZero();
        assertThat(a.state.resolve("api.sock")).doesNotExist();
    }

    @Test
    void whatIsDoneToALinkIsDoneAgainWhenTheDaemonIsKilled() throws InterruptedException {
        Daemon a = new Daemon(hosts.left, "a").start();
        Daemon b = new Daemon(hosts.right, "b").start();
        NetworkSpec plain = joined("b", 2, "10.1.0.1/24");
        a.client.put(plain);
        b.client.put(joined("a", 1, "10.1.0.2/24"));
        hosts.await("a reaches b", () -> a.pings("10.1.0.2"));
        FecSpec fec = new FecSpec(10, 3, 4);
        NetworkSpec down = plain.withImpairment("link:trunk", LineSpec.NONE.withDown(true)).withFec("b", fec)
            .withFit("link:trunk", new FitSpec(FitSpec.MSS_AUTO, true));
        assertThat(a.client.put(down)).containsExactly("protect tunnel to b at 10.77.0.2:7000: 10+3x4",
            "fit what passes link:trunk: mss-clamp auto, df honor", "impair link:trunk: down");
        assertThat(a.pings("10.1.0.2")).isFalse();
        a.sigkill();
        a.start();
        assertThat(a.client.network("n1")).contains(down);
        hosts.await("the tunnel", () -> a.client.links("n1").getFirst().tunnel().equals("up"));
        assertThat(a.pings("10.1.0.2")).isFalse();
        assertThat(a.client.links("n1").getFirst().drops().get("impair-down")).isPositive();
        assertThat(a.client.links("n1").getFirst().impairment()).isEqualTo(LineSpec.NONE.withDown(true));
        assertThat(a.client.tunnels("n1")).extracting(TunnelDto::fec).containsExactly(fec);
        assertThat(a.client.tunnels("n1")).extracting(tunnel -> tunnel.path().fec()).containsExactly("10+3x4");
        assertThat(a.client.put(plain)).containsExactlyInAnyOrder("impair link:trunk no more",
            "fit what passes link:trunk no more", "protect tunnel to b at 10.77.0.2:7000 no more");
        hosts.await("a reaches b again", () -> a.pings("10.1.0.2"));
    }

    @Test
    void aFailedChangeIsUndone() {
        Daemon a = new Daemon(hosts.left, "a").start();
        a.host.ip("link add vt1 type bridge");
        NetworkSpec before = spec(List.of(), List.of(), List.of(), tap("vt0", "lan1", "10.1.0.1/24"));
        a.client.put(before);
        assertThatThrownBy(() -> a.client.put(spec(List.of(), List.of(), List.of(), tap("vt0", "lan2", "10.1.0.1/24"),
            tap("vt1", "lan1", "10.1.0.2/24")))).isInstanceOf(ApiException.class)
            .hasMessageContaining("open TAP vt1 on lan1").hasMessageContaining("EBUSY");
        assertThat(a.client.network("n1")).contains(before);
        assertThat(a.client.plan(before)).isEmpty();
        assertThat(a.client.ports("n1")).singleElement().satisfies(port -> {
            assertThat(port.bridge()).isEqualTo("lan1");
            assertThat(port.up()).isTrue();
        });
        assertThat(a.eventKinds()).contains("network-rolled-back");
    }

    @Test
    void whatKeepsADaemonFromStartingIsTold() {
        Daemon a = new Daemon(hosts.left, "a").start();
        Product.Result second = a.launch(a.state).await();
        assertThat(second.exit()).isEqualTo(1);
        assertThat(second.err()).contains("another daemon runs on it (pid " + a.running.process.pid() + ")")
            .hasLineCount(1);
        Product.Result taken = a.launch(directory.resolve("other")).await();
        assertThat(taken.exit()).isEqualTo(1);
        assertThat(taken.err()).contains("10.77.0.1:7000", "EADDRINUSE").hasLineCount(1);
        Product.Result longPath = a.launch(directory.resolve("x".repeat(100))).await();
        assertThat(longPath.exit()).isEqualTo(1);
        assertThat(longPath.err()).contains("use a shorter --state-dir").hasLineCount(1);
    }

    private static GuestSpec guest(String name, int number, String bridge, String... addresses) {
        return new GuestSpec(name, GuestSpec.Role.HOST, 64, List.of(new NicSpec("eth0", bridge,
            "02:00:00:00:00:0" + number, 1500, List.of(addresses))), List.of(), "");
    }

    @Test
    void guestsOutliveTheirDaemonAndAreTakenOver() throws Exception {
        TestRun.requireGuests();
        Daemon a = new Daemon(hosts.left, "a").start();
        TapSpec[] taps = {tap("vt0", "lan1", "10.1.0.254/24"), tap("vt1", "lan2", "10.2.0.254/24")};
        a.client.put(spec(List.of(), List.of(),
            List.of(guest("g1", 1, "lan1", "10.1.0.1/24"), guest("g2", 2, "lan1", "10.1.0.2/24")), taps));
        a.awaitNode("g1", "ready");
        a.awaitNode("g2", "ready");
        assertThat(a.guestPings("g1", "10.1.0.254")).isTrue();
        assertThat(a.client.node("n1", "g2", "stop").state()).isEqualTo("stopped");
        long pid = a.node("g1").pid();

        a.sigkill();
        assertThat(runs(pid)).isTrue();
        a.start();
        a.awaitNode("g1", "ready");
        assertThat(a.node("g1").pid()).isEqualTo(pid);
        assertThat(a.node("g2").state()).isEqualTo("stopped");
        hosts.await("g1 is plugged in again", () -> a.guestPings("g1", "10.1.0.254"));

        NetworkSpec moved = spec(List.of(), List.of(),
            List.of(guest("g1", 1, "lan2", "10.2.0.1/24"), guest("g2", 2, "lan1", "10.1.0.2/24")), taps);
        assertThat(a.client.put(moved)).containsExactly("move g1.eth0 from lan1 to lan2", "configure guest g1");
        assertThat(a.guestPings("g1", "10.2.0.254")).isTrue();
        NetworkSpec remade = moved.toBuilder().bridges(moved.bridges().stream()
            .map(bridge -> BridgeSpec.lan(bridge.name(), bridge.macCapacity(), 60)).toList()).build();
        assertThat(a.client.put(remade)).contains("re-plug eth0 of guest g1");
        assertThat(a.node("g1").pid()).isEqualTo(pid);
        hosts.await("g1 is plugged in again", () -> a.guestPings("g1", "10.2.0.254"));

        Namespaces.signal("KILL", pid);
        a.awaitNode("g1", "dead");
        assertThat(a.node("g1").detail()).contains("its console's last lines");
        assertThat(a.eventKinds()).contains("guest-died");
        assertThat(a.client.put(remade)).containsExactly("start guest g1");
        a.awaitNode("g1", "ready");
        assertThat(console(a, "g1")).contains("Linux version");

        long second = a.node("g1").pid();
        a.running.stop();
        assertThat(runs(second)).isTrue();
        a.start();
        a.awaitNode("g1", "ready");
        a.client.shutdown(true);
        assertThat(a.running.await().exit()).isZero();
        assertThat(runs(second)).isFalse();
        a.start();
        a.awaitNode("g1", "ready");
        assertThat(a.client.delete("n1")).contains("delete the disk of guest g1");
        assertThat(a.client.networks()).isEmpty();
    }

    /** False also for one that has ended and that its parent has not looked at yet. */
    private static boolean runs(long pid) throws IOException {
        Path arguments = Path.of("/proc", Long.toString(pid), "cmdline");
        return Files.exists(arguments) && Files.readAllBytes(arguments).length > 0;
    }

    private static String console(Daemon daemon, String guest) throws IOException {
        try (DaemonClient.ByteStream stream = daemon.client.console("n1", guest, false)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            stream.bytes().transferTo(bytes);
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
