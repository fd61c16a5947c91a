package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.guest.LoneGuest;
import org.violin.control.identity.Identity;
import org.violin.control.vnet.Password;

/**
 * Section 4 of the VNET paper, all of it: a virtual machine, User-Mode-Linux, runs at a site far away and is on its
 * owner's LAN, whose DHCP server gives it its address; between the two a router that lets the site's hosts make TCP
 * connections, and passes nothing else.
 *
 * <pre>
 *   client --- switch --- proxy --- router --- first host    vm0 --- virtual machine
 *              (bridge)           (firewall) - second host
 * </pre>
 *
 * <p>The machine's memory cannot go to another host, as User-Mode-Linux has no migration. What moves here is its
 * network interface: the TAP that it holds goes from the first host's namespace to the second's while it stands still,
 * so to the network it is as if it had been migrated live.
 */
@Timeout(300)
class VnetSceneIT {
    private static final String PORT = "7700";
    private static final String PROXY_AT = "198.51.100.1";
    private static final String FIRST_AT = "192.0.2.2";
    private static final String SECOND_AT = "192.0.2.6";
    private static final String CLIENT_AT = "10.70.0.9";
    private static final String VM = "10.70.0.50";
    private static final String VM_MAC = "02:00:00:00:70:05";
    private static final int ECHO_PORT = 5000;

    @TempDir
    Path directory;
    private final List<Product.Running> servers = new ArrayList<>();
    private final List<Netns> all = new ArrayList<>();
    private final Netns client = netns("client");
    private final Netns lan = netns("lan");
    private final Netns proxy = netns("proxy");
    private final Netns router = netns("router");
    private final Netns first = netns("first");
    private final Netns second = netns("second");
    private Process dhcp;
    private String password;
    private String fingerprint;

    private Netns netns(String name) {
        Netns made = new Netns(TestRun.name("scene-" + name));
        all.add(made);
        return made;
    }

    @BeforeEach
    void build() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces and TAPs need root");
        assumeTrue(Files.exists(Path.of("/usr/bin/busybox")), "busybox, which has a DHCP server, is missing");
        all.forEach(Netns::add);
        all.forEach(each -> each.ip("link set lo up"));
        lan.ip("link add br0 type bridge", "link set br0 up",
            "link add c0 type veth peer name up0 netns " + client, "link set c0 master br0 up",
            "link add p0 type veth peer name lan0 netns " + proxy, "link set p0 master br0 up");
        client.ip("link set up0 up", "addr add " + CLIENT_AT + "/24 dev up0");
        proxy.ip("link set lan0 up");
        uplink(proxy, "wan0", PROXY_AT + "/24", "198.51.100.254");
        uplink(first, "site1", FIRST_AT + "/30", "192.0.2.1");
        uplink(second, "site2", SECOND_AT + "/30", "192.0.2.5");
        router.bash("echo 1 >/proc/sys/net/ipv4/ip_forward").orThrow();
        firewall("firewall", "policy drop ; ", "iifname { site1, site2 } oifname wan0 meta l4proto tcp accept",
            "iifname wan0 meta l4proto tcp ct state established accept", "counter drop");
        first.ip("tuntap add vm0 mode tap", "link set vm0 up");
        Path hash = directory.resolve("vnet.hash");
        Password.of("correct-horse-battery").write(hash);
        Path text = Files.writeString(directory.resolve("password"), "correct-horse-battery\n");
        first.in("chmod 600 " + text);
        password = text.toString();
        Path identity = directory.resolve("vnet.pem");
        fingerprint = Identity.create(identity).fingerprint();
        serve(proxy, PROXY_AT, hash, identity);
        serve(first, FIRST_AT, hash, identity);
        serve(second, SECOND_AT, hash, identity);
    }

    private void uplink(Netns host, String name, String address, String gateway) {
        int prefix = address.indexOf('/');
        router.ip("link add " + name + " type veth peer name eth0 netns " + host, "link set " + name + " up",
            "addr add " + gateway + address.substring(prefix) + " dev " + name);
        host.ip("link set eth0 up", "addr add " + address + " dev eth0", "route add default via " + gateway);
    }

    /** Has the router look at what it forwards. */
    private void firewall(String table, String policy, String... rules) {
        router.in("nft add table inet " + table);
        router.in("nft add chain inet " + table + " forward { type filter hook forward priority "
            + (table.equals("firewall") ? 0 : 1) + " ; " + policy + "}");
        for (String rule : rules) {
            router.in("nft add rule inet " + table + " forward " + rule);
        }
    }

    private void serve(Netns host, String address, Path hash, Path identity) {
        servers.add(product(host).start("vnet", "serve", "--listen", address + ":" + PORT, "--password-file",
            hash.toString(), "--identity", identity.toString(), "--udp", address + ":" + PORT));
    }

    private Product product(Netns host) {
        return new Product(directory, "ip", "netns", "exec", host.toString());
    }

    @AfterEach
    void remove() throws Exception {
        for (Product.Running server : servers) {
            server.process.destroyForcibly().waitFor();
        }
        if (dhcp != null) {
            dhcp.destroyForcibly().waitFor();
        }
        all.forEach(Netns::remove);
    }

    private void await(String what, BooleanSupplier condition) {
        TestRun.await(what, condition, () -> servers.stream().map(each -> each.out() + each.err()).toList().toString());
    }

    /** At a host, whose server is asked; the other one is the proxy. */
    private String handler(String verb, Netns host, String address, String transport) {
        Product.Result result = product(host).run("handler", verb, "--server", address + ":" + PORT,
            "--password-file", password, "--fingerprint", fingerprint, "--host", "vm0", "--remote",
            PROXY_AT + ":" + PORT, "--remote-password-file", password, "--remote-fingerprint", fingerprint,
            "--remote-device", "lan0", "--transport", transport, VM_MAC);
        assertThat(result.exit()).as(result.all()).isZero();
        return result.out().strip();
    }

    private void assertOnlyOutgoingTcpPasses() {
        String inbound = "bash -c '</dev/tcp/" + FIRST_AT + "/" + PORT + "'";
        assertThat(first.bash("timeout 30 " + inbound).exit()).as("there is a server").isZero();
        assertThat(proxy.bash("timeout 2 " + inbound).exit()).as("which nobody reaches from outside").isNotZero();
        long before = dropped();
        first.bash("echo x >/dev/udp/" + PROXY_AT + "/9").orThrow();
        proxy.bash("echo x >/dev/udp/" + FIRST_AT + "/9").orThrow();
        await("the datagrams' end", () -> dropped() >= before + 2);
    }

    private long dropped() {
        Matcher counter = Pattern.compile("counter packets (\\d+)").matcher(
            router.in("nft list chain inet firewall forward"));
        assertThat(counter.find()).isTrue();
        return Long.parseLong(counter.group(1));
    }

    private void startDhcp() throws IOException {
        Path configuration = Files.writeString(directory.resolve("udhcpd.conf"), """
            interface up0
            start %s
            end %s
            lease_file %s
            pidfile %s
            option subnet 255.255.255.0
            """.formatted(VM, VM, directory.resolve("leases"), directory.resolve("udhcpd.pid")));
        dhcp = new ProcessBuilder(client.command("busybox udhcpd -f -a 0 " + configuration)).redirectErrorStream(true)
            .redirectOutput(directory.resolve("udhcpd.log").toFile()).start();
    }

    /** Whether the switch knows that the virtual machine is behind the proxy. */
    private boolean isLearned() {
        return lan.in("bridge fdb show br br0").contains(VM_MAC + " dev p0 ");
    }

    private void assertPings() {
        await("the virtual machine", () -> client.tried("ping -q -c 1 -W 1 " + VM).exit() == 0);
        assertThat(client.in("ip neigh show " + VM)).contains(VM_MAC);
    }

    private static int count(Product.Running server, String line) {
        return server.err().split(Pattern.quote(line), -1).length - 1;
    }

    /** Has the router do this to what belongs to handlers, until the host has noticed. */
    private void breakTheWay(Product.Running host, EchoStream stream, String... rules) {
        int waits = count(host, "handler h1: waiting");
        int comes = count(host, "handler h1: HOST on vm0");
        firewall("outage", "", rules);
        await("the loss", () -> count(host, "handler h1: waiting") > waits);
        router.in("nft delete table inet outage");
        await("the way back", () -> count(host, "handler h1: HOST on vm0") > comes);
        stream.awaitFlow();
    }

    /** By the handler's connection, as nothing else passes; by UDP from when it does. */
    private void firewallGoes(Product.Running host, EchoStream stream) {
        await("the way", () -> count(host, "handler h1: by its connection") > 0);
        assertThat(count(host, "handler h1: by UDP")).isZero();
        router.in("nft delete table inet firewall");
        await("the better way", () -> count(host, "handler h1: by UDP") > 0);
        stream.awaitFlow();
        assertThat(product(second).run("handler", "ls", "--server", SECOND_AT + ":" + PORT, "--password-file", password,
            "--fingerprint", fingerprint).out()).containsPattern("lan0 +auto: udp +up +" + VM_MAC);
    }

    @Test
    void aMachineFarAwayIsAtHomeAndStaysThereWhenItMoves() throws Exception {
        GuestPlatform platform = TestRun.requireGuests();
        startDhcp();
        try (LoneGuest guest = new LoneGuest(platform, directory.toRealPath().resolve("guest"), first.toString(),
            "transport=tap,ifname=vm0,mac=" + VM_MAC + ",mtu=1500")) {
            await("the servers", () -> servers.stream().allMatch(server -> server.out().contains("ready at")));
            Product.Running atProxy = servers.get(0);
            Product.Running atFirst = servers.get(1);
            assertOnlyOutgoingTcpPasses();
            assertThat(handler("add", first, FIRST_AT, "tcp")).isEqualTo("h1");
            assertThat(isLearned()).as("before it has said a word").isFalse();

            guest.run("printf '#!/bin/sh\\n[ \"$1\" = bound ] && ip address add $ip/24 dev $interface"
                + " && echo leased-$ip\\n' >/tmp/s; chmod +x /tmp/s; ip link set vec0 up; udhcpc -i vec0 -q -n -t 20"
                + " -s /tmp/s", "leased-" + VM);
            assertPings();
            assertThat(isLearned()).isTrue();
            guest.run("mkfifo /tmp/f; nc -l -p " + ECHO_PORT + " <>/tmp/f >/tmp/f & until ss -Hltn | grep -q :"
                + ECHO_PORT + "; do sleep 0.1; done; echo serves-$((40+3))", "serves-43");
            try (EchoStream stream = new EchoStream(client, VM, ECHO_PORT)) {
                stream.awaitFlow();
                breakTheWay(atFirst, stream, "tcp dport " + PORT + " reject with tcp reset");
                breakTheWay(atFirst, stream, "tcp dport " + PORT + " drop", "tcp sport " + PORT + " drop");

                guest.whilePaused(() -> {
                    first.ip("link set vm0 netns " + second);
                    second.ip("link set vm0 up");
                });
                assertThat(handler("move", second, SECOND_AT, "auto")).isEqualTo("h1");
                assertThat(isLearned()).as("the machine is where it was, to the LAN").isTrue();
                stream.awaitFlow();
                await("the end of the first", () -> atFirst.err().contains(
                    "handler h1: ended: the other end has ended it"));
                assertThat(atProxy.err()).as("it has stayed").doesNotContain("ended:");
                assertPings();
                firewallGoes(servers.get(2), stream);
                stream.end();
            }
        }
    }
}
