package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.violin.control.TestRun;
import org.violin.control.cli.TwoHosts.Host;
import org.violin.control.identity.CertificateAuthority;
import org.violin.control.identity.Identity;

/** VNET's servers: the left host is where a virtual machine runs, the right one is on its owner's LAN. */
@Timeout(300)
class VnetIT extends BetweenTwoHosts {
    private static final String PORT = "7700";
    private static final String OTHER_PORT = "7701";
    private static final String LEFT = "10.77.0.1";
    private static final String RIGHT = "10.77.0.2";
    private static final String MACHINE = "10.67.0.9";
    private static final String VM = "10.67.0.5";
    private static final String VM_MAC = "02:00:00:00:67:05";
    private static final String OTHER_MAC = "02:00:00:00:67:06";
    private static final String PASSWORD = "correct-horse-battery";

    private final Netns machine = new Netns(TestRun.name("vnet-machine"));
    private final Netns vm = new Netns(TestRun.name("vnet-vm"));
    private Path hash;
    private String passwordFile;

    @BeforeEach
    void makeMachines() throws IOException {
        machine.add();
        vm.add();
        cable(left, "vm0", vm, VM, VM_MAC);
        cable(right, "lan0", machine, MACHINE, "02:00:00:00:67:09");
        hash = directory.resolve("vnet.hash");
        Path text = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
        left.in("chmod 600 " + text);
        passwordFile = text.toString();
        assertThat(left.bash("printf %s " + PASSWORD + " | " + Product.LAUNCHER + " vnet password --stdin " + hash)
            .orThrow().output()).isEmpty();
        assertThat(Files.readString(hash)).startsWith("violin-vnet-password pbkdf2-sha256 ").doesNotContain(PASSWORD);
    }

    @AfterEach
    void removeMachines() {
        machine.remove();
        vm.remove();
    }

    /** An interface of a host, with a machine behind it. */
    private static void cable(Host host, String device, Netns behind, String address, String mac) {
        host.ip("link add " + device + " type veth peer name up0 netns " + behind, "link set " + device + " up");
        behind.ip("link set lo up", "link set up0 address " + mac, "link set up0 up",
            "addr add " + address + "/24 dev up0");
    }

    private Product.Running serve(Host host, String address, String... protection) {
        return serveAt(host, address + ":" + PORT, protection);
    }

    private Product.Running serveAt(Host host, String place, String... protection) {
        List<String> options = new ArrayList<>(List.of(protection));
        options.addAll(List.of("--password-file", hash.toString()));
        return startAt(host, place, options);
    }

    private Product.Running startAt(Host host, String place, List<String> options) {
        List<String> all = new ArrayList<>(List.of("vnet", "serve", "--listen", place));
        all.addAll(options);
        Product.Running server = host.start(all.toArray(new String[0]));
        hosts.await("the server", () -> server.out().contains("ready at") || !server.process.isAlive());
        assertThat(server.process.isAlive()).as(server.err()).isTrue();
        return server;
    }

    private static String fingerprint(Product.Running server) {
        Matcher found = Pattern.compile("fingerprint (\\S+)").matcher(server.out());
        assertThat(found.find()).as(server.out()).isTrue();
        return found.group(1);
    }

    private static boolean pings(Netns from, String address) {
        return from.tried("ping -q -c 1 -W 0.5 " + address).exit() == 0;
    }

    private void assertOnTheLan() {
        assertPings();
        vm.iperf(machine, MACHINE, "-C cubic -n 64M");
        machine.iperf(vm, VM, "-C cubic -n 64M");
        assertThat(machine.in("ip neigh show " + VM)).contains(VM_MAC);
    }

    private static String promiscuity(Host host, String device) {
        return host.in("ip -d link show " + device).replaceAll("(?s).*(promiscuity \\d+).*", "$1");
    }

    /** What the left host's shell is told by a server, having said all this at once. */
    private String talk(String address, String... lines) {
        return left.bash("exec 3<>/dev/tcp/" + address + "/" + PORT + "; printf '%b' '" + String.join("\\r\\n", lines)
            + "\\r\\n' >&3; timeout 30 cat <&3").output();
    }

    /** The same by TLS. */
    private String talkTls(String address, String certificate, String... lines) {
        return left.bash("printf '%b' '" + String.join("\\n", lines) + "\\n' | timeout 30 openssl s_client -quiet "
            + certificate + " -connect " + address + ":" + PORT + " 2>/dev/null").output();
    }

    private String[] ls(Product.Running server, String address) {
        return new String[] {"handler", "ls", "--server", address + ":" + PORT, "--password-file", passwordFile,
            "--fingerprint", fingerprint(server)};
    }

    @Test
    void peopleBringAVirtualMachineHomeOverTls() {
        Product.Result undecided = left.run("vnet", "serve", "--listen", LEFT + ":" + PORT, "--password-file",
            hash.toString());
        assertThat(undecided.exit()).isEqualTo(Exit.USAGE);
        assertThat(undecided.err()).contains("--insecure-plaintext");
        Product.Result open = left.run("vnet", "serve", "--listen", LEFT + ":" + PORT, "--password-file",
            hash.toString(), "--insecure-plaintext", "--udp", LEFT + ":" + PORT);
        assertThat(open.exit()).isEqualTo(Exit.USAGE);
        assertThat(open.err()).startsWith("violin: --udp: needs --identity");
        Product.Result unsure = left.run("handler", "ls", "--server", LEFT + ":" + PORT, "--password-file",
            passwordFile);
        assertThat(unsure.exit()).isEqualTo(Exit.USAGE);
        assertThat(unsure.err()).startsWith("violin: who is the server? Say --fingerprint FINGERPRINT");
        String identity = directory.resolve("vnet.pem").toString();
        String proxyIdentity = directory.resolve("proxy.pem").toString();
        left.run("key", "new", identity);
        left.run("key", "new", proxyIdentity);
        Product.Running host = serve(left, LEFT, "--identity", identity);
        Product.Running proxy = serve(right, RIGHT, "--identity", proxyIdentity);
        String[] add = {"handler", "add", "--server", LEFT + ":" + PORT, "--password-file", passwordFile,
            "--fingerprint", fingerprint(host), "--host", "vm0", "--remote", RIGHT + ":" + PORT,
            "--remote-password-file", passwordFile, "--remote-fingerprint", fingerprint(host), "--remote-device",
            "lan0", VM_MAC};
        Product.Result foreign = left.run(add);
        assertThat(foreign.exit()).isEqualTo(Exit.FAILED);
        assertThat(foreign.err()).contains("remote the other server is not reached: has the fingerprint "
            + fingerprint(proxy));
        add[15] = fingerprint(proxy);
        Product.Result added = left.run(add);
        assertThat(added.all()).contains("exit 0\n", "h2\n");
        assertOnTheLan();
        assertThat(left.run(ls(host, LEFT)).out()).containsPattern("h2 +host +vm0 +tls " + RIGHT
            + ":7700 +lan0 +tls +up +" + VM_MAC);
        assertThat(left.run(ls(proxy, RIGHT)).out()).containsPattern("h1 +proxy +lan0 +tls " + LEFT
            + ":\\d+ +vm0 +tls +up +" + VM_MAC);
        assertThat(talkTls(RIGHT, "", "HELLO " + PASSWORD + " 1", "DEVICES?", "DONE"))
            .contains("OK violin vnet 1\n", "DEVICE lan0 ", "OK bye\n");

        Product.Result removed = left.run("handler", "rm", "--server", RIGHT + ":" + PORT, "--password-file",
            passwordFile, "--fingerprint", fingerprint(proxy), "h1");
        assertThat(removed.exit()).as(removed.all()).isZero();
        hosts.await("the other end", () -> host.err().contains("handler h2: ended"));
        assertThat(pings(vm, MACHINE)).isFalse();
        assertThat(promiscuity(left, "vm0")).isEqualTo("promiscuity 0");
        host.stop();
        proxy.stop();
    }

    @Test
    void clientsAndServersAreKnownByTheirCertificates() throws IOException {
        Path client = directory.resolve("client.pem");
        Path stranger = directory.resolve("stranger.pem");
        Path self = directory.resolve("host.pem");
        Path proxySelf = directory.resolve("proxy.pem");
        Identity.create(proxySelf);
        String clientKey = Identity.create(client).fingerprint();
        String strangerKey = Identity.create(stranger).fingerprint();
        Identity hostIdentity = Identity.create(self);
        String hostKey = hostIdentity.fingerprint();
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca.pem"), "ca", 2);
        Path authority = Files.writeString(directory.resolve("ca.crt"), Identity.pem(ca.identity().certificate()));
        Files.writeString(self, Identity.pem(ca.sign(hostIdentity.certificate(), "a-host", 1)),
            StandardOpenOption.APPEND);
        Product.Running host = startAt(left, LEFT + ":" + PORT,
            List.of("--identity", self.toString(), "--client-key", clientKey));
        Product.Running proxy = serve(right, RIGHT, "--identity", proxySelf.toString(), "--client-ca",
            authority.toString(), "--client-key", clientKey);
        String[] add = {"handler", "add", "--server", LEFT + ":" + PORT, "--identity", stranger.toString(),
            "--fingerprint", hostKey, "--host", "vm0", "--remote", RIGHT + ":" + PORT, "--remote-fingerprint",
            fingerprint(proxy), "--remote-device", "lan0", VM_MAC};
        Product.Result unknown = left.run(add);
        assertThat(unknown.exit()).isEqualTo(Exit.FAILED);
        assertThat(unknown.err()).contains("refuses the certificate that it was shown", "--client-key");
        hosts.await("why", () -> host.err().contains(LEFT + " is refused: a client has the key " + strangerKey));
        add[5] = client.toString();
        assertThat(left.run(add).all()).contains("exit 0\n", "h1\n");
        assertPings();

        // A password of nobody's, none and no certificate, and the password beside certificates.
        assertThat(talkTls(LEFT, "", "HELLO " + PASSWORD + " 1", "DEVICES?"))
            .startsWith("ERROR password this server has no password").doesNotContain("DEVICE");
        assertThat(talkTls(RIGHT, "", "HELLO - 1", "DEVICES?"))
            .startsWith("ERROR password '-' is for those who show a certificate").doesNotContain("DEVICE");
        assertThat(left.run(ls(proxy, RIGHT)).out()).containsPattern("h1 +proxy +lan0 +tls " + LEFT);
        String certificate = "-cert " + client + " -key " + client;
        // The Host does not know the Proxy.
        assertThat(talkTls(RIGHT, certificate, "HELLO - 1", "HANDLE - PROXY lan0 HOST tls:" + hostKey + "@" + LEFT + " "
            + PORT + " vm0 " + OTHER_MAC, "HANDLERS?", "DONE")).containsPattern("^OK violin vnet 1\nERROR remote the"
                + " other server is not reached: refuses the certificate .*\nHANDLER h1 .*\nOK 1 handlers\nOK bye\n$");

        right.filter("tcp dport " + PORT + " reject with tcp reset");
        hosts.await("the loss", () -> host.err().contains("handler h1: waiting"));
        right.filterNothing();
        hosts.await("its return", () -> count(host, "handler h1: HOST on vm0") > 1);
        assertPings();
        host.stop();
        proxy.stop();
    }

    @Test
    void scriptsPlayTheProtocolAndAKilledServerLeavesNothing() throws Exception {
        Product.Running host = serve(left, LEFT, "--insecure-plaintext");
        Product.Running proxy = serve(right, RIGHT, "--insecure-plaintext");
        String hello = "HELLO " + PASSWORD + " 1";
        assertThat(talk(RIGHT, "HELLO wrong-wrong-wrong 1", "DEVICES?"))
            .isEqualTo("ERROR password this is not the password\n");
        assertThat(talk(RIGHT, "HANDLERS?")).startsWith("ERROR order say HELLO PASSWORD 1 first\n");
        String handle = "HANDLE " + PASSWORD + " HOST vm0 PROXY " + RIGHT + " " + PORT + " lan0 " + VM_MAC;
        assertThat(talk(LEFT, hello, "DEVICES?", handle.replace("PROXY", "HOST"), handle.replace("lan0", "lan9"),
            handle.replace("vm0", "vm9"), handle.replace(PASSWORD, "wrong-wrong-wrong"), "HANDLERS?", "CLOSE h9",
            "DONE")).contains("OK violin vnet 1\n", "DEVICE vm0 ", "\nERROR role both ends are to be HOST",
                "\nERROR remote the other server says: ERROR device ", "\nERROR device ", "there is no such interface",
                "says: ERROR password", "\nOK 0 handlers\n", "\nERROR handler 'h9'", "\nOK bye\n");
        assertThat(promiscuity(left, "vm0")).isEqualTo("promiscuity 0");

        assertThat(talk(LEFT, hello, handle, handle, "HANDLERS?", "DONE"))
            .containsPattern("\nOK handler h\\d+\nERROR mac handler h\\d+ has one of these addresses already, as HOST"
                + " on vm0\nHANDLER h\\d+ up \\S+Z tcp " + RIGHT + ":7700 HOST vm0 PROXY lan0 020000006705\n"
                + "OK 1 handlers\nOK bye\n$");
        assertOnTheLan();
        assertThat(promiscuity(left, "vm0")).isEqualTo("promiscuity 1");

        floodAndStall(proxy, hello);
        assertThat(pings(vm, MACHINE)).as("beside those who misbehave").isTrue();
        assertThat(talk(RIGHT, hello, "HANDLERS?", "DONE")).contains("OK 1 handlers");

        host.process.destroyForcibly().waitFor();
        assertThat(promiscuity(left, "vm0")).as("after a killed server").isEqualTo("promiscuity 0");
        hosts.await("the other end", () -> proxy.err().contains("handler h2: waiting"));
        assertThat(talk(RIGHT, hello, "HANDLERS?", "DONE"))
            .containsPattern("\nHANDLER h2 waiting \\S+Z tcp .*\nOK 1 handlers\n");

        host = serve(left, LEFT, "--insecure-plaintext");
        // As behind a NAT: nobody gets in, and the handler is the Host's to make.
        left.filter("iifname eth0 tcp dport " + PORT + " drop");
        assertThat(talk(LEFT, hello, handle, handle.replace("HANDLE", "MOVE").replace(VM_MAC, VM_MAC + " "
            + OTHER_MAC), handle.replace("HANDLE", "MOVE"), "DONE")).containsPattern("ERROR remote .* ERROR mac handler"
                + " h2 has one of these addresses already, as PROXY on lan0, and is waiting: MOVE .*\n"
                + "ERROR remote .* ERROR mac handler h2, which has .*, is another: .*\nOK handler h3\nOK bye\n$");
        assertPings();
        assertThat(talk(RIGHT, hello, "HANDLERS?", "DONE")).contains("HANDLER h2 up ", "OK 1 handlers");
        host.stop();
        hosts.await("the end of both", () -> proxy.err().contains("handler h2: ended: the other end has ended it"));
        assertThat(talk(RIGHT, hello, "HANDLERS?", "DONE")).contains("OK 0 handlers");
        assertThat(promiscuity(right, "lan0")).isEqualTo("promiscuity 0");
        proxy.stop();
    }

    private static int count(Product.Running server, String line) {
        return server.err().split(line, -1).length - 1;
    }

    @Test
    void aHandlerOutlivesItsConnectionsAndEndsWhenItIsToEnd() throws Exception {
        Product.Running host = serve(left, LEFT, "--insecure-plaintext");
        Product.Running proxy = serve(right, RIGHT, "--insecure-plaintext");
        String hello = "HELLO " + PASSWORD + " 1";
        String handle = "HANDLE " + PASSWORD + " HOST vm0 PROXY " + RIGHT + " " + PORT + " lan0 " + VM_MAC;
        assertThat(talk(LEFT, hello, handle, "DONE")).contains("OK handler h1\n");
        assertPings();

        // What is at the other end of a name does not matter: only who has the token may take its place.
        String stolen = "RESUME h1 " + "A".repeat(43);
        assertThat(talk(RIGHT, stolen)).startsWith("ERROR handler 'h1': there is no such handler to resume");
        assertThat(talk(RIGHT, hello, stolen, stolen.replace("h1", "h9"), "DONE"))
            .containsPattern("\nERROR handler 'h1': .*\nERROR handler 'h9': .*\nOK bye\n$");
        assertPings();
        assertThat(count(proxy, "handler h1: PROXY on lan0")).as("beside thieves").isOne();

        right.filter("tcp dport " + PORT + " reject with tcp reset");
        hosts.await("the loss", () -> host.err().contains("handler h1: waiting"));
        assertThat(talk(LEFT, hello, "HANDLERS?", "DONE")).containsPattern("\nHANDLER h1 waiting \\S+Z tcp " + RIGHT);
        assertThat(promiscuity(left, "vm0")).isEqualTo("promiscuity 1");
        right.filterNothing();
        hosts.await("its return", () -> count(host, "handler h1: HOST on vm0") > 1);
        assertPings();
        assertThat(talk(RIGHT, hello, "HANDLERS?", "DONE")).contains("HANDLER h1 up ");

        // The one that waits to be called is told when it is.
        int waits = count(proxy, "handler h1: waiting");
        right.filter("tcp dport " + PORT + " drop");
        hosts.await("the loss", () -> count(proxy, "handler h1: waiting") > waits
            && count(host, "handler h1: waiting") > 1);
        assertThat(talk(LEFT, hello, "CLOSE h1", "HANDLERS?", "DONE")).contains("OK closed h1\nOK 0 handlers\n");
        right.filterNothing();
        hosts.await("the end", () -> proxy.err().contains("handler h1: ended: the other end has ended it"));

        assertThat(talk(LEFT, hello, handle, "DONE")).contains("OK handler h2\n");
        host.process.destroyForcibly().waitFor();
        hosts.await("the loss", () -> proxy.err().contains("handler h2: waiting"));
        Product.Running next = serve(left, LEFT, "--insecure-plaintext");
        // To where it runs now, asked of the one that stays, which connects from then on.
        String back = " " + PASSWORD + " PROXY lan0 HOST " + LEFT + " " + PORT + " vm0 " + VM_MAC;
        assertThat(talk(RIGHT, hello, "MOVE" + back, "HANDLERS?", "DONE")).containsPattern("\nOK handler h2\nHANDLER h2"
            + " \\w+ \\S+Z tcp " + LEFT + ":7700 PROXY lan0 HOST vm0 020000006705\nOK 1 handlers\n");
        assertPings();
        next.process.destroyForcibly().waitFor();
        Product.Running last = serve(left, LEFT, "--insecure-plaintext", "--wait", "1s");
        hosts.await("the end",
            () -> proxy.err().contains("handler h2: ended: the other server says: ERROR handler 'h1'"));
        assertThat(talk(RIGHT, hello, "HANDLE" + back, "DONE")).contains("OK handler h3\n");
        proxy.process.destroyForcibly().waitFor();
        hosts.await("the end", () -> last.err().contains("handler h1: ended: it has waited for 1 s"));
        last.stop();
    }

    /** By the left host's server, which is the Host. */
    private Product.Result add(Product.Running host, String remoteDevice, String... way) {
        List<String> all = new ArrayList<>(List.of("handler", "add", "--server", LEFT + ":" + PORT, "--password-file",
            passwordFile, "--fingerprint", fingerprint(host), "--host", "vm0", "--remote", RIGHT + ":" + PORT,
            "--remote-password-file", passwordFile, "--remote-fingerprint", fingerprint(host), "--remote-device",
            remoteDevice, VM_MAC));
        all.addAll(List.of(way));
        return left.run(all.toArray(new String[0]));
    }

    private void awaitWay(Product.Running host, String line, Runnable cause) {
        int before = count(host, line);
        cause.run();
        hosts.await(line, () -> count(host, line) > before);
    }

    @Test
    void framesGoByUdpWhereItPassesAndElseByTheConnection() throws Exception {
        String identity = directory.resolve("vnet.pem").toString();
        left.run("key", "new", identity);
        Product.Running host = serve(left, LEFT, "--identity", identity, "--udp", LEFT + ":" + PORT);
        Product.Running without = serve(right, RIGHT, "--identity", identity, "--device", "lan0,lan1");
        assertThat(add(host, "lan0", "--transport", "udp").err()).contains("remote the other server says: ERROR"
            + " transport this server has no UDP port for handlers: --udp ADDRESS:PORT");
        assertThat(add(host, "eth0").err()).contains("says: ERROR device 'eth0': handlers here may have lan0, lan1");
        Product.Result senseless = add(host, "lan0", "--fec", "auto");
        assertThat(senseless.exit()).isEqualTo(Exit.USAGE);
        assertThat(senseless.err()).startsWith("violin: --transport tcp: FEC: a connection loses nothing");
        without.stop();
        Product.Running proxy = serve(right, RIGHT, "--identity", identity, "--udp", "0.0.0.0:" + PORT);
        // As behind a NAT: nobody gets in.
        left.filter("iifname eth0 ct state new drop");
        awaitWay(host, "handler h3: by UDP",
            () -> assertThat(add(host, "lan0", "--transport", "auto", "--fec", "10+3/ordered").all())
                .contains("\nh3\n"));
        assertOnTheLan();
        assertNothingIsInClear();
        awaitWay(host, "handler h3: by its connection", () -> right.filter("iif eth0 udp dport " + PORT + " drop"));
        assertPings();
        assertThat(left.run(ls(proxy, RIGHT)).out())
            .containsPattern("vm0 +auto fec 10\\+3/ordered: tls +up +" + VM_MAC);
        awaitWay(host, "handler h3: by UDP", right::filterNothing);
        assertPings();
        awaitWay(host, "handler h3: its connection is lost, and it goes on by UDP",
            () -> right.filter("tcp dport " + PORT + " reject with tcp reset"));
        assertThat(pings(vm, MACHINE)).isTrue();
        awaitWay(host, "handler h3: HOST on vm0", right::filterNothing);
        assertThat(left.run(ls(host, LEFT)).out()).containsPattern("lan0 +auto fec 10\\+3/ordered: udp +up +" + VM_MAC);
        assertThat(left.run("handler", "rm", "--server", LEFT + ":" + PORT, "--password-file", passwordFile,
            "--fingerprint", fingerprint(host), "h3").exit()).isZero();
        hosts.await("the other end", () -> proxy.err().contains("handler h1: ended: the other end has ended it"));

        awaitWay(host, "handler h4: by UDP",
            () -> assertThat(add(host, "lan0", "--transport", "udp").all()).contains("\nh4\n"));
        assertPings();
        awaitWay(host, "handler h4: nothing passes", () -> right.filter("iif eth0 udp dport " + PORT + " drop"));
        assertThat(left.run(ls(host, LEFT)).out()).containsPattern("lan0 +udp: none +up +" + VM_MAC);
        awaitWay(host, "handler h4: by UDP", right::filterNothing);
        assertPings();
        host.stop();
        hosts.await("the end of both", () -> proxy.err().contains("handler h2: ended: the other end has ended it"));
        assertThat(promiscuity(left, "vm0")).isEqualTo("promiscuity 0");
        proxy.stop();
    }

    /** What the virtual machine sends arrives, and on the way between the hosts it cannot be read. */
    private void assertNothingIsInClear() throws IOException {
        String mark = "in-clear-it-is-!";
        try (Capture way = new Capture(directory, right, "eth0", "-A udp dst port " + PORT);
            Capture lan = new Capture(directory, machine, "up0", "-A icmp")) {
            vm.in("ping -q -c 3 -i 0.2 -p " + HexFormat.of().formatHex(mark.getBytes(StandardCharsets.US_ASCII)) + " "
                + MACHINE);
            hosts.await("the pings", () -> lan.text().contains(mark));
            hosts.await("datagrams", () -> way.lines().filter(line -> line.contains("UDP, length")).count() >= 3);
            assertThat(way.text()).doesNotContain(mark);
        }
    }

    @Test
    void aMachineGoesToAnotherInterfaceAndWhoDoesNotHearOfAMoveIsToldLater() throws Exception {
        Product.Running host = serve(left, LEFT, "--insecure-plaintext");
        Product.Running other = serveAt(left, LEFT + ":" + OTHER_PORT, "--insecure-plaintext");
        Product.Running proxy = serve(right, RIGHT, "--insecure-plaintext");
        String hello = "HELLO " + PASSWORD + " 1";
        String move = "MOVE " + PASSWORD + " HOST vm1 PROXY " + RIGHT + " " + PORT + " lan0 " + VM_MAC;
        assertThat(talk(LEFT, hello, move.replace("MOVE", "HANDLE").replace("vm1", "vm0"), "DONE"))
            .contains("OK handler h1\n");
        assertPings();

        left.ip("link set vm0 down", "link add vm1 type veth peer name up1 netns " + vm, "link set vm1 up");
        vm.ip("link set up0 down", "addr flush dev up0", "link set up1 address " + VM_MAC, "link set up1 up",
            "addr add " + VM + "/24 dev up1");
        assertThat(talk(LEFT, hello, move.replace("vm1", "vm9"), "HANDLERS?", move, "DONE")).containsPattern(
            "\nERROR device .*\nHANDLER h1 up .*\nOK 1 handlers\nOK handler h3\nOK bye\n$");
        assertPings();
        hosts.await("the end at the first", () -> host.err().contains("handler h1: ended"));
        assertThat(talk(LEFT, hello, "HANDLERS?", "DONE")).contains(" HOST vm1 ", "OK 1 handlers");

        // By another server of that host, and back: the Proxy has connected, so that it alone can tell them later.
        String there = "MOVE " + PASSWORD + " PROXY lan0 HOST " + LEFT + " " + OTHER_PORT + " vm1 " + VM_MAC;
        assertThat(talk(RIGHT, hello, there, "DONE")).contains("OK handler h1\n");
        hosts.await("the end at the first", () -> host.err().contains("handler h3: ended: the other end has ended it"));
        left.filter("tcp dport " + OTHER_PORT + " drop");
        assertThat(talk(RIGHT, hello, there.replace(OTHER_PORT, PORT), "DONE")).contains("OK handler h1\n");
        hosts.await("the loss", () -> other.err().contains("handler h1: waiting"));
        left.filterNothing();
        hosts.await("the end", () -> other.err().contains("handler h1: ended: the other end has ended it"));
        assertPings();
        for (Product.Running server : List.of(host, other, proxy)) {
            server.stop();
        }
    }

    private void assertPings() {
        hosts.await("the machine", () -> pings(vm, MACHINE));
        hosts.await("the virtual machine", () -> pings(machine, VM));
    }

    /**
     * A line of a megabyte, bytes that are no text, a client that asks and does not read, many that say nothing, and a
     * handler whose other end sends and reads nothing.
     */
    private void floodAndStall(Product.Running proxy, String hello) throws IOException {
        assertThat(left.bash("exec 3<>/dev/tcp/" + RIGHT + "/" + PORT + "; (head -c 1000000 /dev/zero | tr '\\0' x)"
            + " >&3; timeout 30 cat <&3").output()).startsWith("ERROR too-long ");
        assertThat(talk(RIGHT, "\\x16\\x03\\x01")).startsWith("ERROR syntax ");
        // It is not read from while it does not read, and closed in the end.
        assertThat(left.bash("exec 3<>/dev/tcp/" + RIGHT + "/" + PORT + "; printf '" + hello + "\\n' >&3;"
            + " yes 'HANDLERS?' | head -c 1000000000 >&3").exit()).isNotZero();
        Path silent = Files.writeString(directory.resolve("silent.bash"), "for i in $(seq 70); do exec {fd}<>/dev/tcp/"
            + RIGHT + "/" + PORT + " || exit 1; done; echo done; sleep 100\n");
        Path connected = directory.resolve("silent.txt");
        left.background("bash " + silent, connected);
        hosts.await("many connections", () -> Product.read(connected).equals("done\n"));
        assertThat(talk(RIGHT, hello, "DONE")).isEqualTo("OK violin vnet 1\nOK bye\n");
        Path script = Files.writeString(directory.resolve("stall.bash"), "exec 3<>/dev/tcp/" + RIGHT + "/" + PORT
            + "; printf '" + hello + "\\nBEGIN PROXY lan0 HOST vm0 02:00:00:00:67:77\\n' >&3; sleep 100\n");
        Path log = directory.resolve("stall.txt");
        left.background("bash " + script, log);
        // The first has failed, the second is the virtual machine's.
        hosts.await("its handler", () -> proxy.err().contains("handler h3: PROXY on lan0"));
        assertThat(talk(RIGHT, hello, "HANDLERS?", "DONE")).contains("020000006777");
        hosts.await("its loss", () -> proxy.err().contains("handler h3: waiting"));
        assertThat(talk(RIGHT, hello, "CLOSE h3", "DONE")).contains("OK closed h3");
    }
}
