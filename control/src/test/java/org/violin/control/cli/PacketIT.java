package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.violin.control.TestRun;
import org.violin.control.cli.TwoHosts.Host;

/** Interfaces of hosts that are ports of a network, each with a machine at its other end. */
@Timeout(300)
class PacketIT extends BetweenTwoHosts {
    private static final String NETWORK = TestRun.name("packet");
    private static final String MACHINE = "10.66.0.9";
    private static final String STATION = "10.66.0.5";
    private static final String MACHINE_MAC = "02:00:00:00:66:09";
    private static final String VM_MAC = "02:00:00:00:66:05";

    private final Netns machine = new Netns(TestRun.name("packet-machine"));
    /** What is in the network: a TAP of a host's that was moved here, or the virtual machine of another hypervisor. */
    private final Netns station = new Netns(TestRun.name("packet-station"));

    @BeforeEach
    void makeMachines() {
        machine.add();
        station.add();
    }

    @AfterEach
    void removeMachines() {
        if (left != null) {
            left.run("down", "--all");
        }
        machine.remove();
        station.remove();
    }

    private Path state(String name) {
        return directory.resolve(name);
    }

    private Product.Running startDaemon(Host host, String name) {
        Product.Running daemon = host.start("daemon", "--name", name, "--state-dir", state(name).toString(),
            "--listen", host.underlay(), "--insecure-plaintext");
        hosts.await("the daemon", () -> daemon.out().contains("ready") || !daemon.process.isAlive());
        assertThat(daemon.process.isAlive()).as(daemon.err()).isTrue();
        return daemon;
    }

    private String host(String name, Host host) {
        return "  %s: { daemon: %s, underlay: \"%s\" }%n".formatted(name, state(name).resolve("api.sock"),
            host.underlay());
    }

    private Product.Result up(String topology) throws IOException {
        return left.run("up", Files.writeString(directory.resolve("net.yaml"), topology).toString());
    }

    private void expect(int exit, Product.Result result) {
        assertThat(result.exit()).as(result.all()).isEqualTo(exit);
    }

    /** An interface of a host, with a machine behind it, which neighbours find where they knew it. */
    private static void cable(Host host, String device, Netns behind, String address, String mac) {
        host.ip("link add " + device + " type veth peer name up0 netns " + behind, "link set " + device + " up");
        behind.ip("link set lo up", "link set up0 address " + mac, "link set up0 up",
            "addr add " + address + "/24 dev up0");
    }

    /** The TAP leaves its host, which would else answer for it at the other interface. */
    private void moveStation() {
        left.ip("link set station netns " + station);
        station.ip("link set station up", "addr add " + STATION + "/24 dev station");
    }

    private static boolean pings(Netns from, String address) {
        return from.tried("ping -q -c 1 -W 0.5 " + address).exit() == 0;
    }

    private void awaitPings() {
        hosts.await("the machine", () -> pings(station, MACHINE));
        hosts.await("the station", () -> pings(machine, STATION));
    }

    private String ports() {
        return left.run("inspect", "ports", "-n", NETWORK).out();
    }

    private String promiscuity() {
        return left.in("ip -d link show lan0");
    }

    @Test
    void aLanBehindAnInterfaceIsOneWithTheNetwork() throws Exception {
        String topology = "network: " + NETWORK + "\nhosts:\n" + host("left", left) + """
            switches:
              lan: { host: left }
            taps:
              station: { host: left, switch: lan }
            packets:
              out: { host: left, switch: lan, interface: lan0 }
            """;
        Product.Running daemon = startDaemon(left, "left");
        Product.Result early = up(topology);
        expect(Exit.FAILED, early);
        assertThat(early.all()).contains("interface lan0: SIOCGIFINDEX: ENODEV (there is no such interface)");
        cable(left, "lan0", machine, MACHINE, MACHINE_MAC);
        expect(Exit.OK, up(topology));
        moveStation();
        awaitPings();
        station.iperf(machine, MACHINE, "-C cubic -n 64M");
        machine.iperf(station, STATION, "-C cubic -n 64M");
        assertThat(ports()).containsPattern("out +packet +lan +up ").contains("lan0 all promiscuous");
        assertThat(promiscuity()).contains("promiscuity 1 ");

        expect(Exit.OK, left.run("link", "set", NETWORK, "out", "--down"));
        assertThat(pings(station, MACHINE)).isFalse();
        expect(Exit.OK, left.run("link", "set", NETWORK, "out", "--up"));
        awaitPings();

        left.ip("link del lan0");
        hosts.await("the port's loss", () -> ports().matches("(?s).*out +packet +lan +down .*"));
        assertThat(pings(station, MACHINE)).isFalse();
        cable(left, "lan0", machine, MACHINE, MACHINE_MAC);
        awaitPings();
        assertThat(ports()).containsPattern("out +packet +lan +up ");

        daemon.process.destroyForcibly().waitFor();
        assertThat(promiscuity()).as("after a killed daemon").contains("promiscuity 0 ");
        startDaemon(left, "left");
        moveStation();
        awaitPings();
    }

    /** VNET's handler: a virtual machine far away is on the LAN behind the proxy, with its own address. */
    @Test
    void aVirtualMachineIsOnTheLanOfItsProxy() throws Exception {
        String topology = "network: " + NETWORK + "\nhosts:\n" + host("left", left) + host("right", right) + """
            switches:
              lan: { host: right }
            packets:
              vm: { host: left, switch: lan, interface: vm0, role: host, macs: [MAC] }
              home: { host: right, switch: lan, interface: lan0, role: proxy, macs: [MAC] }
            """.replace("MAC", VM_MAC);
        startDaemon(left, "left");
        startDaemon(right, "right");
        cable(left, "vm0", station, STATION, VM_MAC);
        cable(right, "lan0", machine, MACHINE, MACHINE_MAC);
        Product.Result round = up(topology.replace("lan0, role: proxy, macs: [" + VM_MAC + "]", "eth0"));
        expect(Exit.FAILED, round);
        assertThat(round.all()).contains("interface eth0: the tunnel to " + left.underlay() + " goes by it");
        expect(Exit.OK, up(topology));
        awaitPings();
        station.iperf(machine, MACHINE, "-C cubic -n 64M");
        machine.iperf(station, STATION, "-C cubic -n 64M");
        assertThat(machine.in("ip neigh show " + STATION)).contains(VM_MAC);
        assertThat(ports()).contains("vm0 host promiscuous", "lan0 proxy");

        station.ip("link set up0 address 02:00:00:00:66:99");
        assertThat(pings(station, MACHINE)).as("with an address that the handler is not for").isFalse();
        station.ip("link set up0 address " + VM_MAC);
        awaitPings();
    }
}
