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

/** What is left of a network after failures, signals and crashes: nothing. */
@ResourceLock("the network of Namespaces")
class DownIT {
    @TempDir
    private Path directory;
    private Namespaces net;

    @BeforeEach
    void prepare() throws Exception {
        net = new Namespaces(directory);
    }

    @AfterEach
    void takeDown() {
        if (net != null) {
            net.clean();
        }
    }

    @Test
    void aDryRunMakesNothing() {
        Product.Result result = net.expect(Exit.OK, "up", net.file.toString(), "--dry-run");
        assertThat(result.out()).contains("make namespace violin-" + Namespaces.NETWORK + "-a", "start its daemon",
            "open TAP ta on lan");
        net.assertNothingLeft();
    }

    @Test
    void aFailureIsTakenBack() throws Exception {
        net.write(Namespaces.TWO_HOSTS.replace("tb: {", "tb: { device: lo,"));
        Product.Result result = net.expect(Exit.FAILED, "up", net.file.toString());
        assertThat(result.err()).contains("lo").doesNotContain("\tat ");
        assertThat(result.out()).contains("nothing is left of it");
        net.assertNothingLeft();
    }

    @Test
    void downCleansUpAfterKilledDaemons() throws Exception {
        net.up();
        Namespaces.signal("KILL", net.daemonPid("a"));
        Namespaces.signal("STOP", net.daemonPid("b"));
        net.expect(Exit.OK, "down", "--all");
        net.assertNothingLeft();
    }

    @Test
    void ctrlCTakesBackWhateverWasBegun() throws Exception {
        List<BooleanSupplier> moments = List.of(
            () -> !Leftovers.namespaces(Namespaces.NETWORK).isEmpty(),
            () -> Files.exists(net.state("b").resolve("api.sock")),
            () -> Files.exists(net.state("b").resolve("journal.ndjson")));
        for (int i = 0; i < moments.size(); i++) {
            Product.Running up = net.product.start("up", net.file.toString());
            TestRun.await("moment " + i, moments.get(i));
            Namespaces.signal("INT", up.process.pid());
            Product.Result result = up.await();
            assertThat(result.exit()).as("moment " + i + ": " + result.all()).isEqualTo(130);
            net.assertNothingLeft();
        }
    }

    @Test
    void downCleansUpAfterAKilledUp() throws Exception {
        Product.Running up = net.product.start("up", net.file.toString());
        TestRun.await("a daemon", () -> Files.exists(net.state("a").resolve("api.sock")));
        Namespaces.signal("KILL", up.process.pid());
        up.await();
        net.expect(Exit.OK, "down", "--all");
        net.assertNothingLeft();
    }

    @Test
    void twoCommandsDoNotChangeOneNetworkAtOnce() throws Exception {
        Product.Running first = net.product.start("up", net.file.toString());
        TestRun.await("the first", () -> !Leftovers.namespaces(Namespaces.NETWORK).isEmpty());
        Namespaces.signal("STOP", first.process.pid());
        try {
            assertThat(net.expect(Exit.FAILED, "up", net.file.toString()).err()).contains("another violin command")
                .contains("pid " + first.process.pid());
            assertThat(net.expect(Exit.FAILED, "down", Namespaces.NETWORK).err()).contains("another violin command");
        } finally {
            Namespaces.signal("CONT", first.process.pid());
        }
        Product.Result result = first.await();
        assertThat(result.exit()).as(result.all()).isZero();
    }
}
