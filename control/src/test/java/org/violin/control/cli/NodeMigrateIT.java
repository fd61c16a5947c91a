package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

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

/** A guest that moves between three hosts: namespaces, with a TAP each. Its switch stays on a. */
@ResourceLock("the network of Namespaces")
class NodeMigrateIT {
    @TempDir
    private Path directory;
    private Namespaces net;
    private String before;

    /** The guest is on host a, and has written to its disk. */
    @BeforeEach
    void up() throws Exception {
        TestRun.requireGuests();
        net = new Namespaces(directory);
        net.write(Namespaces.THREE_HOSTS
            + "nodes:\n  g: { host: a, nics: [ { switch: lan, addresses: [10.91.0.7/24] } ] }\n");
        net.up();
        net.expect(Exit.OK, "exec", "g", "--", "sh", "-c", "echo kept > /root/file");
        before = inside();
        assertThat(before).contains("kept\ng\n02:", "10.91.0.7/24");
    }

    @AfterEach
    void down() {
        if (net != null) {
            net.clean();
        }
    }

    /** Its host alone has it and its files, it has what it had, and is reached. */
    private void assertGuestIsOn(String host) {
        for (String each : List.of("a", "b", "c")) {
            assertThat(new DaemonClient(each, net.state(each).resolve("api.sock")).nodes(Namespaces.NETWORK))
                .extracting(NodeDto::state).isEqualTo(each.equals(host) ? List.of("ready") : List.of());
            assertThat(Files.exists(files(each))).as("its files on " + each).isEqualTo(each.equals(host));
        }
        assertThat(inside()).as("what it has").isEqualTo(before);
        Namespaces.assertPings("c", "10.91.0.7");
    }

    private Path files(String host) {
        return net.state(host).resolve("guests").resolve(Namespaces.NETWORK).resolve("g");
    }

    private String inside() {
        return net.expect(Exit.OK, "exec", "g", "--", "sh", "-c", "cat /root/file; hostname;"
            + " cat /sys/class/net/eth0/address; ip -o addr show dev eth0 | awk '{print $4}'").out();
    }

    /** There by its own command, and back by the next {@code up}: nothing of it is on two hosts. */
    @Test
    void aGuestMigratesWithItsDisk() throws Exception {
        assertThat(net.expect(Exit.FAILED, "node", "migrate", "ta", "--to", "b").err())
            .contains("it is a TAP, a part of host a itself, which cannot move");
        String done = net.expect(Exit.OK, "node", "migrate", "g", "--to", "b").out();
        System.out.print("NodeMigrateIT: " + done);
        assertThat(done).containsPattern(
            Namespaces.NETWORK + "/g is on b, no more on a: \\d+\\.\\d MB of its disk copied, away for \\d+\\.\\d s");
        assertGuestIsOn("b");
        String back = net.up().out();
        System.out.println(back.lines().filter(line -> line.contains("moved from b: ")).findFirst().orElseThrow());
        assertThat(back).doesNotContain("failed");
        assertGuestIsOn("a");
        assertThat(net.expect(Exit.OK, "status").out()).contains("1/1");
    }

    /** While it leaves, and when its new host has it: it is in one place, and the next {@code up} starts it. */
    @Test
    void aGuestWhoseMigrationIsKilledIsInOnePlace() throws Exception {
        Path source = net.state("a").resolve("journal.ndjson");
        Path target = net.state("b").resolve("journal.ndjson");
        killMigration("the journal of the old host", () -> Product.read(source).contains("\"leaving\":{\"g\":\"b\"}"));
        Product.Result status = net.expect(Exit.DEGRADED, "status");
        assertThat(status.out()).containsOnlyOnce("g is leaving: for b").contains("0/1");
        assertThat(net.expect(Exit.FAILED, "node", "start", "g").err()).contains("is on its way to host b");
        net.up();
        assertGuestIsOn("a");
        killMigration("the journal of the new host", () -> Product.read(target).contains("\"name\":\"g\""));
        TestRun.await("the guest where it is", () -> net.product.run("exec", "g", "true").exit() == 0);
        net.up();
        assertGuestIsOn("a");
    }

    private void killMigration(String what, BooleanSupplier reached) throws Exception {
        Product.Running migration = net.product.start("node", "migrate", "g", "--to", "b");
        TestRun.await(what, reached, migration::err);
        migration.process.destroyForcibly().waitFor();
    }
}
