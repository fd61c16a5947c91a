package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.control.TestRun;
import org.violin.control.cli.TwoHosts.Host;
import org.violin.control.identity.CertificateAuthority;
import org.violin.control.identity.Identity;

/** {@code violin tunnel --identity} between two namespaces, as two users on two hosts would run it. */
class IdentityIT extends BetweenTwoHosts {
    private static final String DATAGRAMS_DROP = "iif eth0 udp dport 7000 drop";

    /** With strangers at the TCP port meanwhile. */
    @Test
    void pinnedPeersLoseNothingByNewKeys() throws Exception {
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Product.Running a = tunnel(left, one, "--peer-key", fingerprint(two), "--rekey", "2s");
        Product.Running b = tunnel(right, two, "--peer-key", fingerprint(one), "--rekey", "2s");
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("ready").contains("sealed by keys of identity " + fingerprint(one));
        right.bash("for i in 1 2 3; do head -c 5000 /dev/urandom > /dev/tcp/10.77.0.1/7000; done");
        try (Traffic forth = new Traffic(left, right, 1400); Traffic back = new Traffic(right, left, 1400)) {
            forth.await(7 * Traffic.PER_SECOND);
            forth.end().assertNothingLost(List.of());
            back.end().assertNothingLost(List.of());
        }
        for (Product.Running end : List.of(a, b)) {
            Product.Result summary = end.stop();
            assertThat(summary.out()).containsPattern("control connections: .*1 (made|accepted)")
                .doesNotContain("not-authentic").doesNotContain("unknown-session").doesNotContain("replayed");
            assertThat(TwoHosts.renewals(summary.out())).as(summary.out()).isGreaterThanOrEqualTo(3);
            for (Path file : List.of(one, two)) {
                Files.readAllLines(file).stream().filter(line -> !line.startsWith("-----"))
                    .forEach(line -> assertThat(summary.all()).doesNotContain(line));
            }
        }
        assertThat(a.err()).contains("10.77.0.2: what came is not TLS");
    }

    @Test
    void aPeerOfTheCaThatStartsAgainComesBackWithNewKeys() throws Exception {
        Path ca = directory.resolve("ca.pem");
        X509Certificate authority = CertificateAuthority.create(ca, "ca", 30).identity().certificate();
        Path trusted = Files.writeString(directory.resolve("ca.crt"), Identity.pem(authority));
        Path one = signed(ca, "left");
        Path two = signed(ca, "right");
        Product.Running a = tunnel(left, one, "--ca", trusted.toString(), "--peer-name", "right");
        Product.Running b = tunnel(right, two, "--ca", trusted.toString(), "--peer-name", "left");
        hosts.awaitUp(a, b);
        left.in("ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        b.process.destroyForcibly().waitFor();
        Product.Running again = tunnel(right, two, "--ca", trusted.toString(), "--peer-name", "left");
        hosts.awaitUp(again);
        left.in("ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        assertThat(a.stop().out()).containsPattern("control connections: ").containsPattern("[2-9] (made|accepted)|"
            + "1 made, 1 accepted");

        Product.Running other = tunnel(left, one, "--ca", trusted.toString(), "--peer-name", "third");
        hosts.await("the wrong name",
            () -> other.err().contains("the other end is right by its certificate, and third is"));
        hosts.await("its refusal", () -> again.err().contains("the other end does not accept this host"));
        assertThat(other.err()).doesNotContain(": up,");
    }

    /** Two daemons, whose names in the topology are those of their certificates. */
    @Test
    void daemonsOfOneCaCarryANetwork() throws Exception {
        Path ca = directory.resolve("ca.pem");
        X509Certificate authority = CertificateAuthority.create(ca, "ca", 30).identity().certificate();
        Path trusted = Files.writeString(directory.resolve("ca.crt"), Identity.pem(authority));
        List<Product.Running> daemons = List.of(daemon(left, "left", ca, trusted),
            daemon(right, "right", ca, trusted));
        Path sockets = left.product.home().resolve("hosts");
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
            hosts.await("the daemons", () -> daemon.out().contains("ready"));
        }
        Product.Result up = left.run("up", file.toString());
        assertThat(up.exit()).as(up.all()).isZero();
        left.in("ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        assertThat(left.run("link", "set", TestRun.name("ca"), "link:tb", "--transport", "auto").exit()).isZero();
        right.filter(DATAGRAMS_DROP);
        hosts.await("TLS", () -> left.run("status").out().split(" tls via 10\\.77\\..* up ", -1).length == 3);
        left.in("ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        Product.Result tcp = left.run("link", "set", TestRun.name("ca"), "link:tb", "--transport", "tcp");
        assertThat(tcp.err()).contains("transport tcp: identities prove themselves by TLS");
        assertThat(left.run("down", file.toString()).exit()).isZero();
        for (Product.Running daemon : daemons) {
            assertThat(daemon.out()).contains("sealed by keys of identity ");
            daemon.stop();
        }
    }

    /** Where UDP does not pass: keys and frames go by TLS, and each end knows the other by its certificate. */
    @Test
    void aTunnelOfIdentitiesGoesByTlsOnTheSamePort() {
        right.filter(DATAGRAMS_DROP);
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Product.Running a = tunnel(left, one, "--peer-key", fingerprint(two), "--transport", "tls", "--rekey", "1s");
        Product.Running b = tunnel(right, two, "--peer-key", fingerprint(one), "--transport", "tls");
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("sealed by keys of identity").contains("vt0 <-> tls 10.77.0.2:7000: up");
        assertThat(left.in("ping -q -c 400 -i 0.01 -s 1400 10.88.0.2")).contains(" 0% packet loss");
        // Longer than a connection may take to prove itself.
        // Which fails unless so many are answered.
        left.in("ping -q -c 30 -i 0.1 -w 20 10.88.0.2");
        assertThat(a.stop().out()).containsPattern("connections: [12] connected").doesNotContain("connection-lost");
        Product.Running other = tunnel(left, identity("third.pem"), "--peer-key", fingerprint(two), "--transport",
            "tls");
        hosts.await("the refusal", () -> b.err().contains("and --peer-key wants " + fingerprint(one)));
        assertThat(other.err()).doesNotContain(": up,");
        assertThat(tunnel(left, one, "--peer-key", fingerprint(two), "--transport", "tcp").await())
            .matches(result -> result.exit() == Exit.USAGE
                && result.err().contains("identities prove themselves by TLS: say tls, or auto"));
    }

    /** Both the connection that gives the keys and the one that carries the frames. */
    @Test
    void identitiesGoThroughAProxy() throws IOException {
        startProxy();
        right.filter("iif eth0 meta l4proto { tcp, udp } th dport 7000 drop");
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Product.Running b = right.tunnel("--transport", "tls", "--local", right.underlay(), "--identity",
            two.toString(), "--peer-key", fingerprint(one));
        Product.Running stranger = tunnel(left, one, "--peer-key", fingerprint(two), "--transport", "tls", "--proxy",
            "http://" + PROXY);
        hosts.await("the proxy's no", () -> stranger.err().contains("the proxy says: ")
            && stranger.err().contains("407"));
        assertThat(stranger.err()).doesNotContain(": up,");
        stranger.stop();
        Product.Running a = tunnel(left, one, "--peer-key", fingerprint(two), "--transport", "tls", "--proxy",
            "http://user:pass@" + PROXY);
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("through " + PROXY).doesNotContain("user:pass");
        left.in("ping -q -c 20 -i 0.02 -w 20 10.88.0.2");
        assertThat(a.stop().out()).contains("connections: 1 connected\n");
    }

    private Product.Running daemon(Host host, String name, Path ca, Path trusted) throws IOException {
        return host.start("daemon", "--name", name, "--listen", host.underlay(),
            "--identity", signed(ca, name).toString(), "--ca", trusted.toString());
    }

    @Test
    void anotherKeyThanThePinnedOneIsToldAtBothEndsAndASharedKeyIsNoIdentity() throws Exception {
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Path third = identity("third.pem");
        Product.Running a = tunnel(left, one, "--peer-key", fingerprint(third));
        Product.Running b = tunnel(right, two, "--peer-key", fingerprint(one));
        hosts.await("the reason", () -> a.err().contains("the other end has the key " + fingerprint(two)
            + ", and --peer-key wants " + fingerprint(third)));
        hosts.await("the reason at the other end", () -> b.err().contains("does not accept this host, whose key is "
            + fingerprint(two)));
        assertThat(b.stop().out()).containsPattern("from tunnel +0 ");
        Product.Running keyed = right.sealed(hosts.newKey("shared.key"));
        hosts.await("its start", () -> keyed.err().contains("ready"));
        hosts.await("what is wrong", () -> a.err().contains("run there with --identity, not with --key-file"));
        assertThat(a.stop().out()).containsPattern("from tunnel +0 ");
        assertThat(keyed.stop().out()).containsPattern("from tunnel +0 ");
    }

    /** It is behind a NAT, say: whoever can connect does, and shows where it is. */
    @Test
    void aPeerWhoseAddressIsNotKnownConnects() throws Exception {
        Path one = identity("left.pem");
        Path two = identity("right.pem");
        Product.Running a = left.tunnel("--local", left.underlay(), "--identity", one.toString(),
            "--peer-key", fingerprint(two));
        Product.Running b = tunnel(right, two, "--peer-key", fingerprint(one));
        hosts.awaitUp(a, b);
        left.in("ping -q -c 3 -i 0.05 -W 5 10.88.0.2");
        assertThat(a.stop().out()).contains("control connections: 1 accepted");
    }

    @Test
    void mistakesAreNamed() {
        Path one = identity("left.pem");
        assertThat(left.across("--identity", one.toString()).await())
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("who is the peer?"));
        assertThat(left.across("--identity", one.toString(), "--peer-key", "short").await())
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("a fingerprint of 44 characters"));
        assertThat(left.across("--identity", one.toString(), "--ca", one.toString(), "--peer-name", "b").await())
            .matches(result -> result.exit() == Exit.FAILED && result.err().contains("holds a private key"));
        assertThat(left.across("--insecure-plaintext", "--peer-name", "b").await())
            .matches(result -> result.exit() == Exit.USAGE && result.err().contains("--peer-name: only with"));
        assertThat(left.in("ip -o link")).as("devices left").doesNotContain("vt0");
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

    private static Product.Running tunnel(Host host, Path identity, String... options) {
        List<String> all = new ArrayList<>(List.of("--identity", identity.toString()));
        all.addAll(List.of(options));
        return host.across(all.toArray(new String[0]));
    }
}
