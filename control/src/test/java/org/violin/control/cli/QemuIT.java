package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.violin.control.TestRun;
import org.violin.control.api.NodeDto;
import org.violin.control.client.DaemonClient;

/** A guest of QEMU in software emulation, and two hosts: namespaces, with a TAP each. Its switch stays on a. */
@ResourceLock("the network of Namespaces")
class QemuIT {
    private static final String GUEST = "10.91.0.7";

    @TempDir
    private Path directory;
    private Namespaces net;
    private String before;

    /** What TCP carries to the guest and back, and what asks it twenty times a second. */
    private final class Traffic implements AutoCloseable {
        private final Process tcp;
        private final BufferedReader echo;
        private final Process ping;
        private final Path replies = directory.resolve("ping.txt");

        private Traffic() throws IOException {
            inside("socat TCP-LISTEN:7000 PIPE >/dev/null 2>&1 &");
            TestRun.await("the guest to listen", () -> inside("ss -ltn").contains(":7000"));
            tcp = new ProcessBuilder(Namespaces.host("b").command("busybox nc " + GUEST + " 7000")).start();
            echo = new BufferedReader(new InputStreamReader(tcp.getInputStream(), StandardCharsets.UTF_8));
            ping = new ProcessBuilder(Namespaces.host("b").command("ping -i 0.05 " + GUEST))
                .redirectErrorStream(true).redirectOutput(replies.toFile()).start();
            assertEchoes("before");
        }

        private void assertEchoes(String line) throws IOException {
            tcp.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            tcp.getOutputStream().flush();
            assertThat(echo.readLine()).isEqualTo(line);
        }

        private void assertPingGoesOn() {
            long now = answers();
            TestRun.await("ten more answers", () -> answers() >= now + 10, () -> Product.read(replies));
        }

        private long answers() {
            return Product.read(replies).lines().filter(line -> line.contains(" bytes from " + GUEST)).count();
        }

        @Override
        public void close() {
            tcp.destroyForcibly();
            ping.destroyForcibly();
        }
    }

    /** The guest is on host a, and has written to its disk. */
    @BeforeEach
    void up() throws Exception {
        TestRun.requireGuests();
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")), "no QEMU");
        assumeTrue(Files.exists(Path.of("/var/cache/violin/qemu/vmlinuz")), "no scripts/build-qemu-kernel");
        net = new Namespaces(directory);
        net.write(Namespaces.TWO_HOSTS + "nodes:\n  g: { host: a, vmm: qemu, memory: 96,"
            + " nics: [ { switch: lan, addresses: [" + GUEST + "/24] } ] }\n");
        net.up();
        inside("echo kept > /root/file; sync");
        before = state();
        assertThat(before).contains("kept\ng\n02:", GUEST + "/24");
    }

    @AfterEach
    void down() {
        if (net != null) {
            net.clean();
        }
    }

    private String inside(String script) {
        return net.expect(Exit.OK, "exec", "g", "--", "sh", "-c", script).out();
    }

    /** Also of which boot it is. */
    private String state() {
        return inside("cat /root/file; hostname; cat /sys/class/net/eth0/address;"
            + " ip -o addr show dev eth0 | awk '{print $4}'; cat /proc/sys/kernel/random/boot_id");
    }

    /** One host alone has it, and it has not been booted since. */
    private void assertGuestIsOn(String host) {
        assertFilesAreOn(host);
        assertThat(state()).as("what it has").isEqualTo(before);
        Namespaces.assertPings("b", GUEST);
    }

    private void assertFilesAreOn(String host) {
        for (String each : List.of("a", "b")) {
            assertThat(new DaemonClient(each, net.state(each).resolve("api.sock")).nodes(Namespaces.NETWORK))
                .extracting(NodeDto::name).isEqualTo(each.equals(host) ? List.of("g") : List.of());
            assertThat(Files.exists(files(each))).as("its files on " + each).isEqualTo(each.equals(host));
        }
    }

    private Path files(String host) {
        return net.state(host).resolve("guests").resolve(Namespaces.NETWORK).resolve("g");
    }

    /** There with a vNIC that was plugged in, and no connection breaks; back cold, as it is stopped. */
    @Test
    void aGuestMigratesWhileItRuns() throws Exception {
        net.expect(Exit.OK, "nic", "attach", "g", "lan", "--address", "10.91.1.7/24");
        assertThat(inside("ip -o addr show dev eth1")).contains("10.91.1.7/24");
        try (Traffic traffic = new Traffic()) {
            String done = net.expect(Exit.OK, "node", "migrate", "g", "--to", "b").out();
            System.out.print("QemuIT: " + done);
            assertThat(done).containsPattern(Namespaces.NETWORK + "/g is on b, no more on a: \\d+\\.\\d MB of its"
                + " memory and disk copied while it ran, away for \\d+\\.\\d{3} s");
            traffic.assertEchoes("after");
            traffic.assertPingGoesOn();
            assertGuestIsOn("b");
            net.expect(Exit.OK, "nic", "detach", "g", "eth1");
            assertThat(inside("ls /sys/class/net")).contains("eth0").doesNotContain("eth1");
        }
        net.expect(Exit.OK, "node", "stop", "g");
        assertThat(net.expect(Exit.OK, "node", "migrate", "g", "--to", "a").out()).contains("it stays stopped");
        net.expect(Exit.OK, "node", "start", "g");
        TestRun.await("the guest's agent", () -> net.product.run("exec", "g", "true").exit() == 0);
        assertThat(inside("cat /root/file")).isEqualTo("kept\n");
        assertFilesAreOn("a");
    }

    /**
     * While it is sent, when all has come, and when its new host has it: the next {@code up} has it where its file
     * says, and it was never booted.
     */
    @Test
    void aGuestWhoseMigrationIsKilledIsInOnePlace() throws Exception {
        Path source = net.state("a").resolve("journal.ndjson");
        killMigration("the journal of the old host", () -> Product.read(source).contains("\"leaving\":{\"g\":\"b\"}"));
        net.up();
        assertGuestIsOn("a");
        killMigration("the whole guest", () -> Files.exists(files("b").resolve("arrived.json")));
        net.up();
        assertGuestIsOn("a");
        Namespaces.signal("KILL", net.daemonPid("a"));
        net.up();
        TestRun.await("the guest's agent", () -> net.product.run("exec", "g", "true").exit() == 0);
        assertGuestIsOn("a");
        Path target = net.state("b").resolve("journal.ndjson");
        killMigration("the journal of the new host", () -> Product.read(target).contains("\"name\":\"g\""));
        TestRun.await("the guest where it is", () -> net.product.run("exec", "g", "true").exit() == 0);
        net.up();
        assertGuestIsOn("a");
        // What it leaves is found by 'down'.
        Namespaces.signal("KILL", net.daemonPid("a"));
    }

    private void killMigration(String what, BooleanSupplier reached) throws Exception {
        Product.Running migration = net.product.start("node", "migrate", "g", "--to", "b");
        TestRun.await(what, reached, migration::err);
        migration.process.destroyForcibly().waitFor();
    }
}
