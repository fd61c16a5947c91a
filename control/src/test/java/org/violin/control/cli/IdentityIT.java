package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.identity.CertificateAuthority;
import org.violin.control.identity.Identity;
import org.violin.control.keys.SharedKey;
import org.violin.control.os.Command;

/** {@code violin tunnel --identity} between two namespaces, as two users on two hosts would run it. */
class IdentityIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String LEFT = TestRun.name("identity-left");
    private static final String RIGHT = TestRun.name("identity-right");

    @TempDir
    private Path directory;
    private Product left;
    private Product right;
    private final List<Product.Running> tunnels = new ArrayList<>();

    @BeforeEach
    void makeHosts() {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces and TAPs need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "/dev/net/tun is missing");
        left = new Product(directory, "ip", "netns", "exec", LEFT);
        right = new Product(directory, "ip", "netns", "exec", RIGHT);
        ip("netns add " + LEFT);
        ip("netns add " + RIGHT);
        ip("link add eth0 netns " + LEFT + " type veth peer name eth0 netns " + RIGHT);
        for (String[] host : new String[][] {{LEFT, "1"}, {RIGHT, "2"}}) {
            ip("-n " + host[0] + " address add 10.77.0." + host[1] + "/24 dev eth0");
            ip("-n " + host[0] + " link set eth0 up");
            ip("-n " + host[0] + " link set lo up");
        }
    }

    @AfterEach
    void removeHosts() throws InterruptedException {
        for (Product.Running tunnel : tunnels) {
            tunnel.process.destroyForcibly().waitFor();
        }
        for (String host : List.of(LEFT, RIGHT)) {
            Command.run(List.of("ip", "netns", "delete", host), LIMIT);
        }
    }

    /** With strangers at the TCP port meanwhile. */
    @Test
    void pinnedPeersLoseNothingByNewKeys() throws Exception {
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Product.Running a = tunnel(left, 1, one, "--peer-key", fingerprint(two), "--rekey", "2s");
        Product.Running b = tunnel(right, 2, two, "--peer-key", fingerprint(one), "--rekey", "2s");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        assertThat(a.err()).contains("ready").contains("sealed by keys of identity " + fingerprint(one));
        String garbage = "for i in 1 2 3; do head -c 5000 /dev/urandom > /dev/tcp/10.77.0.1/7000; done";
        Command.run(List.of("ip", "netns", "exec", RIGHT, "bash", "-c", garbage), LIMIT);
        assertThat(in(LEFT, "ping -q -c 3500 -i 0.002 -s 1400 10.88.0.2")).contains(" 0% packet loss");
        for (Product.Running end : tunnels) {
            Product.Result summary = stop(end);
            assertThat(summary.exit()).as(summary.all()).isZero();
            assertThat(summary.out()).containsPattern("control connections: .*1 (made|accepted)")
                .doesNotContain("not-authentic").doesNotContain("unknown-session").doesNotContain("replayed");
            assertThat(renewals(summary.out())).as(summary.out()).isGreaterThanOrEqualTo(3);
            for (Path file : List.of(one, two)) {
                Files.readAllLines(file).stream().filter(line -> !line.startsWith("-----"))
                    .forEach(line -> assertThat(summary.all()).doesNotContain(line));
            }
        }
        assertThat(a.err()).contains("10.77.0.2: what came is not TLS");
    }

    private static int renewals(String summary) {
        Matcher agreed = Pattern.compile("(\\d+) (?:agreed|confirmed)").matcher(summary);
        return agreed.results().mapToInt(result -> Integer.parseInt(result.group(1))).sum();
    }

    @Test
    void aPeerOfTheCaThatStartsAgainComesBackWithNewKeys() throws Exception {
        Path ca = directory.resolve("ca.pem");
        X509Certificate authority = CertificateAuthority.create(ca, "ca", 30).identity().certificate();
        Path trusted = Files.writeString(directory.resolve("ca.crt"), Identity.pem(authority));
        Path one = signed(ca, "left");
        Path two = signed(ca, "right");
        Product.Running a = tunnel(left, 1, one, "--ca", trusted.toString(), "--peer-name", "right");
        Product.Running b = tunnel(right, 2, two, "--ca", trusted.toString(), "--peer-name", "left");
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        in(LEFT, "ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        b.process.destroyForcibly().waitFor();
        Product.Running again = tunnel(right, 2, two, "--ca", trusted.toString(), "--peer-name", "left");
        await("the tunnel again", () -> again.err().contains(": up,"));
        in(LEFT, "ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        assertThat(stop(a).out()).containsPattern("control connections: ").containsPattern("[2-9] (made|accepted)|"
            + "1 made, 1 accepted");

        Product.Running other = tunnel(left, 1, one, "--ca", trusted.toString(), "--peer-name", "third");
        await("the wrong name", () -> other.err().contains("the other end is right by its certificate, and third is"));
        await("its refusal", () -> again.err().contains("the other end does not accept this host"));
        assertThat(other.err()).doesNotContain(": up,");
    }

    /** Two daemons, whose names in the topology are those of their certificates. */
    @Test
    void daemonsOfOneCaCarryANetwork() throws Exception {
        Path ca = directory.resolve("ca.pem");
        X509Certificate authority = CertificateAuthority.create(ca, "ca", 30).identity().certificate();
        Path trusted = Files.writeString(directory.resolve("ca.crt"), Identity.pem(authority));
        List<Product.Running> daemons = List.of(daemon(left, "left", 1, ca, trusted),
            daemon(right, "right", 2, ca, trusted));
        Path sockets = left.home().resolve("hosts");
        Path file = Files.writeString(directory.resolve("net.yaml"), """
            network: %s
            hosts:
              left: { daemon: %s, underlay: "10.77.0.1:7000" }
              right: { daemon: %s, underlay: "10.77.0.2:7000" }
            switches:
              lan: { host: left }
            taps:
              ta: { host: left, switch: lan, addresses: [10.88.0.1/24] }
              tb: { host: right, switch: lan, addresses: [10.88.0.2/24] }
            """.formatted(TestRun.name("ca"), sockets.resolve("left/api.sock"), sockets.resolve("right/api.sock")));
        for (Product.Running daemon : daemons) {
            await("the daemons", () -> daemon.out().contains("ready"));
        }
        Product.Result up = left.run("up", file.toString());
        assertThat(up.exit()).as(up.all()).isZero();
        in(LEFT, "ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        assertThat(left.run("down", file.toString()).exit()).isZero();
        for (Product.Running daemon : daemons) {
            assertThat(daemon.out()).contains("sealed by keys of identity ");
            assertThat(stop(daemon).exit()).isZero();
        }
    }

    private Product.Running daemon(Product host, String name, int number, Path ca, Path trusted) throws IOException {
        Product.Running daemon = host.start("daemon", "--name", name, "--listen", "10.77.0." + number + ":7000",
            "--identity", signed(ca, name).toString(), "--ca", trusted.toString());
        tunnels.add(daemon);
        return daemon;
    }

    @Test
    void anotherKeyThanThePinnedOneIsToldAtBothEndsAndASharedKeyIsNoIdentity() throws Exception {
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Path third = identity("third.pem");
        Product.Running a = tunnel(left, 1, one, "--peer-key", fingerprint(third));
        Product.Running b = tunnel(right, 2, two, "--peer-key", fingerprint(one));
        await("the reason", () -> a.err().contains("the other end has the key " + fingerprint(two)
            + ", and --peer-key wants " + fingerprint(third)));
        await("the reason at the other end", () -> b.err().contains("does not accept this host, whose key is "
            + fingerprint(two)));
        assertThat(stop(b).out()).containsPattern("from tunnel +0 ");
        Path shared = directory.resolve("shared.key");
        SharedKey.create(shared).close();
        Product.Running keyed = start(right, 2, "--key-file", shared.toString());
        await("its start", () -> keyed.err().contains("ready"));
        await("what is wrong", () -> a.err().contains("run there with --identity, not with --key-file"));
        assertThat(stop(a).out()).containsPattern("from tunnel +0 ");
        assertThat(stop(keyed).out()).containsPattern("from tunnel +0 ");
    }

    /** It is behind a NAT, say: whoever can connect does, and shows where it is. */
    @Test
    void aPeerWhoseAddressIsNotKnownConnects() throws Exception {
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Product.Running a = left.start("tunnel", "--tap", "vt0", "--local", "10.77.0.1:7000", "--address",
            "10.88.0.1/24", "--identity", one.toString(), "--peer-key", fingerprint(two));
        tunnels.add(a);
        Product.Running b = tunnel(right, 2, two, "--peer-key", fingerprint(one));
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
        in(LEFT, "ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        assertThat(stop(a).out()).contains("control connections: 1 accepted");
    }

    @Test
    void mistakesAreNamed() {
        Path one = identity("left.pem");
        assertThat(start(left, 1, "--identity", one.toString()).await())
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("who is the peer?"));
        assertThat(start(left, 1, "--identity", one.toString(), "--peer-key", "short").await())
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("a fingerprint of 44 characters"));
        assertThat(start(left, 1, "--identity", one.toString(), "--ca", one.toString(), "--peer-name", "b").await())
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("holds a private key"));
        assertThat(start(left, 1, "--insecure-plaintext", "--peer-name", "b").await())
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("--peer-name: only with"));
        assertThat(in(LEFT, "ip -o link")).as("devices left").doesNotContain("vt0");
    }

    private Path identity(String name) {
        Path file = directory.resolve(name);
        Identity.create(file);
        return file;
    }

    private Path signed(Path ca, String name) throws IOException {
        Path file = identity(name + ".pem");
        X509Certificate signed = CertificateAuthority.read(ca).sign(Identity.read(file).certificate(), name, 10);
        return Files.writeString(file, Identity.pem(signed), StandardOpenOption.APPEND);
    }

    private static String fingerprint(Path identity) {
        return Identity.read(identity).fingerprint();
    }

    private Product.Running tunnel(Product host, int number, Path identity, String... options) {
        List<String> all = new ArrayList<>(List.of("--identity", identity.toString()));
        all.addAll(List.of(options));
        return start(host, number, all.toArray(new String[0]));
    }

    private Product.Running start(Product host, int number, String... options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--tap", "vt0", "--local",
            "10.77.0." + number + ":7000", "--remote", "10.77.0." + (3 - number) + ":7000", "--address",
            "10.88.0." + number + "/24"));
        arguments.addAll(List.of(options));
        Product.Running tunnel = host.start(arguments.toArray(new String[0]));
        tunnels.add(tunnel);
        return tunnel;
    }

    private static Product.Result stop(Product.Running tunnel) {
        tunnel.process.destroy();
        return tunnel.await();
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(() -> "waiting for " + what + ": "
                + tunnels.stream().map(Product.Running::err).toList()).isLessThan(deadlineNs);
            Thread.sleep(5);
        }
    }

    private static void ip(String arguments) {
        Command.run(List.of(("ip " + arguments).split(" ")), LIMIT).orThrow();
    }

    private static String in(String host, String command) {
        return Command.run(List.of(("ip netns exec " + host + " " + command).split(" ")), LIMIT).orThrow().output();
    }
}
