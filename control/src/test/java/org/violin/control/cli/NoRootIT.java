package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;

/**
 * A network of guests and links alone, as an ordinary user: two daemons on the loopback, a guest on each, a router
 * between them. When root runs the test, everything of it runs as nobody.
 */
class NoRootIT {
    private static final String NETWORK = TestRun.name("noroot");

    @TempDir
    private static Path cache;
    @TempDir
    private Path directory;
    private Product product;
    private Path file;
    private String leftAddress;
    private final List<Product.Running> daemons = new ArrayList<>();

    @BeforeEach
    void dropRoot() throws Exception {
        TestRun.requireGuests();
        Path home = Files.createDirectory(directory.resolve("home"));
        if (Files.getOwner(directory).getName().equals("root")) {
            for (Path path : List.of(directory, home, cache)) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            product = new Product(directory, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
                .copiedTo(cache.resolve("product"));
        } else {
            product = new Product(directory);
        }
        product.with("HOME", home.toString()).with("XDG_CACHE_HOME", cache.toString());
    }

    private void startDaemons() throws IOException {
        Product.Result newKey = product.run("key", "new", "--shared", key());
        assertThat(newKey.exit()).as(newKey.all()).isZero();
        leftAddress = startDaemon("left");
        String right = startDaemon("right");
        file = Files.writeString(directory.resolve("net.yaml"), """
            network: %s
            hosts:
              left: { daemon: %s, underlay: "%s" }
              right: { daemon: %s, underlay: "%s" }
            switches:
              lan: { host: left }
            nodes:
              g1:
                host: left
                nics: [ { switch: lan, addresses: [10.92.1.1/24] } ]
                gateway: 10.92.1.254
              r1:
                host: right
                kind: router
                nics: [ { switch: lan, addresses: [10.92.1.254/24] }, { addresses: [10.92.2.1/30] } ]
              g2:
                host: right
                nics: [ { addresses: [10.92.2.2/30] } ]
                gateway: 10.92.2.1
            links:
              - ends: [r1.eth1, g2.eth0]
            """.formatted(NETWORK, socket("left"), leftAddress, socket("right"), right));
        for (Product.Running daemon : daemons) {
            awaitSocket(daemon);
        }
    }

    /** Returns the address of its UDP socket. */
    private String startDaemon(String name) throws IOException {
        int port;
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        String listen = "127.0.0.1:" + port;
        daemons.add(product.start("daemon", "--name", name, "--listen", listen, "--key-file", key()));
        return listen;
    }

    private String key() {
        return product.home().resolveSibling("tunnel.key").toString();
    }

    private Path socket(String name) {
        return product.home().resolve("hosts").resolve(name).resolve("api.sock");
    }

    private void awaitSocket(Product.Running daemon) {
        Path socket = socket(daemons.indexOf(daemon) == 0 ? "left" : "right");
        TestRun.await("the daemon's socket", () -> Files.exists(socket) || !daemon.process.isAlive(), daemon::err);
        assertThat(daemon.process.isAlive()).as(daemon.out() + daemon.err()).isTrue();
    }

    @AfterEach
    void end() throws Exception {
        if (product != null) {
            product.run("down", "--all");
            for (Product.Running daemon : daemons) {
                daemon.process.destroy();
                if (!daemon.process.waitFor(30, TimeUnit.SECONDS)) {
                    daemon.process.destroyForcibly();
                }
            }
            assertThat(Leftovers.processes(product.home())).isEmpty();
        }
    }

    private Product.Result expect(int exit, String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isEqualTo(exit);
        return result;
    }

    @Test
    void guestsOnTwoHostsReachEachOtherAcrossARouter() throws Exception {
        startDaemons();
        expect(Exit.OK, "up", file.toString());
        expect(Exit.OK, "exec", "g1", "--", "ping", "-c", "2", "-W", "5", "10.92.2.2");
        expect(Exit.OK, "exec", NETWORK + "/g2", "ping", "-c", "2", "-W", "5", "10.92.1.1");
        assertThat(expect(Exit.OK, "status").out()).contains("2/2", "1/1");
        aCableOnOneHostIsPulledAndPluggedIn();
        expect(Exit.OK, "down", file.toString());
        assertThat(daemons).allSatisfy(daemon -> assertThat(daemon.process.isAlive()).isTrue());
        assertThat(expect(Exit.OK, "status").out()).startsWith("no network ");
    }

    private void aCableOnOneHostIsPulledAndPluggedIn() {
        assertThat(expect(Exit.OK, "link", "set", NETWORK, "r1.eth1:g2.eth0", "--down").out())
            .isEqualTo("right: g2.eth0: down\nright: r1.eth1: down\n");
        expect(Exit.FAILED, "exec", "g1", "--", "ping", "-c", "2", "-W", "1", "10.92.2.2");
        assertThat(expect(Exit.OK, "link", "ls").out()).containsPattern("g2\\.eth0 +unix .*down +impair-down=[1-9]");
        expect(Exit.OK, "link", "set", NETWORK, "r1.eth1:g2.eth0", "--up");
        expect(Exit.OK, "exec", "g1", "--", "ping", "-c", "2", "-W", "5", "10.92.2.2");
        assertThat(expect(Exit.OK, "events").out()).doesNotContain("guest-died", "guest-stopped");
    }

    @Test
    void aNetworkWhoseDaemonWasKilledIsTakenDownInTwoSteps() throws Exception {
        startDaemons();
        expect(Exit.OK, "up", file.toString());
        Product.Running left = daemons.getFirst();
        left.process.destroyForcibly().waitFor();
        assertThat(expect(Exit.DEGRADED, "status").out()).contains("left: its daemon does not answer");
        assertThat(expect(Exit.FAILED, "down", NETWORK).out()).contains("its guests are stopped")
            .contains("run violin down " + NETWORK + " again");
        Files.deleteIfExists(socket("left"));
        daemons.set(0, product.start("daemon", "--name", "left", "--listen", leftAddress,
            "--key-file", key()));
        awaitSocket(daemons.getFirst());
        expect(Exit.OK, "down", NETWORK);
        assertThat(expect(Exit.OK, "status").out()).startsWith("no network ");
    }

    @Test
    void aNamespaceIsRefusedWithTheMend() throws Exception {
        Path namespaces = Files.writeString(directory.resolve("netns.yaml"),
            "network: " + NETWORK + "2\nhosts: { a: { netns: true } }\n");
        Product.Result result = expect(Exit.FAILED, "up", namespaces.toString());
        assertThat(result.err()).contains("needs root").contains("sudo").hasLineCount(1);
        assertThat(Leftovers.namespaces(NETWORK + "2")).isEmpty();
    }
}
