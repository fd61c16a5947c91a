package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.os.Command;

/** The whole of {@code up} and {@code down} on namespaces, daemons and TAPs, without guests. */
class UpDownIT {
    private static final String NETWORK = "vt-cli-updown";
    private static final String TWO = """
        network: vt-cli-updown
        hosts:
          a: { netns: true }
          b: { netns: true }
        switches:
          lan: { host: a }
        taps:
          ta: { host: a, switch: lan, addresses: [10.91.0.1/24] }
          tb: { host: b, switch: lan, addresses: [10.91.0.2/24] }
        """;
    private static final String THREE = TWO.replace("switches:", "  c: { netns: true }\nswitches:")
        + "  tc: { host: c, switch: lan, addresses: [10.91.0.3/24] }\n";

    @TempDir
    private Path directory;
    private Path file;
    private Product product;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "TAPs need /dev/net/tun");
        product = new Product(directory);
        file = Files.writeString(directory.resolve("net.yaml"), TWO);
    }

    @AfterEach
    void takeDown() {
        if (product != null) {
            Product.Result result = product.run("down", "--all");
            assertThat(result.exit()).as(result.all()).isZero();
            Leftovers.assertNone(NETWORK, product.home());
        }
    }

    private Product.Result expect(int exit, String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isEqualTo(exit);
        return result;
    }

    private Product.Result up() {
        return expect(Exit.OK, "up", file.toString());
    }

    private static void assertPings(String from, String address) {
        Command.Result result = Command.run(List.of("ip", "netns", "exec", "violin-" + NETWORK + "-" + from,
            "ping", "-c", "2", "-i", "0.2", "-W", "5", address), Duration.ofSeconds(20));
        assertThat(result.exit()).as(result.output()).isZero();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private long daemonPid(String host) throws IOException {
        return Long.parseLong(Files.readString(state(host).resolve("daemon.lock")).strip());
    }

    private Path state(String host) {
        return product.home().resolve("hosts").resolve(NETWORK + "." + host);
    }

    private static void signal(String signal, long pid) {
        Command.run(List.of("kill", "-" + signal, Long.toString(pid)), Duration.ofSeconds(5)).orThrow();
    }

    @Test
    void aNetworkComesUpCarriesFramesAndGoesAway() throws Exception {
        assertThat(up().out()).contains("network " + NETWORK + " is up").doesNotContain("\u001b");
        assertPings("a", "10.91.0.2");
        assertPings("b", "10.91.0.1");
        assertThat(expect(Exit.OK, "status").out()).contains(NETWORK, "1/1");
        JsonNode ports = new ObjectMapper().readTree(expect(Exit.OK, "inspect", "ports", "-f", "json").out());
        assertThat(ports).isNotEmpty().allSatisfy(port -> assertThat(port.get("up").asBoolean()).isTrue());
        assertThat(expect(Exit.OK, "inspect", "macs", "-n", NETWORK).out()).contains("ta", "lan");
        assertThat(expect(Exit.OK, "inspect", "links").out()).contains("link:tb", "up");
        assertThat(expect(Exit.OK, "events").out()).contains("tunnel-up");
        expect(Exit.OK, "down", NETWORK);
        Leftovers.assertNone(NETWORK, product.home());
        assertThat(expect(Exit.OK, "status").out()).contains("no network is up");
    }

    @Test
    void upAgainChangesNothing() throws Exception {
        up();
        long a = daemonPid("a");
        assertThat(up().out()).contains("nothing to change").doesNotContain("step").contains("daemon runs already");
        assertThat(daemonPid("a")).isEqualTo(a);
        assertThat(expect(Exit.OK, "up", file.toString(), "--dry-run").out())
            .isEqualTo("a: nothing to change\nb: nothing to change\n");
    }

    @Test
    void aChangedFileChangesOnlyTheDifference() throws Exception {
        up();
        long a = daemonPid("a");
        long b = daemonPid("b");
        Files.writeString(file, THREE);
        assertThat(expect(Exit.OK, "up", file.toString(), "--dry-run").out()).contains("make namespace violin-"
            + NETWORK + "-c", "open link:tc").doesNotContain("open link:tb");
        assertThat(Leftovers.namespaces(NETWORK)).hasSize(3);
        up();
        assertPings("c", "10.91.0.2");
        Files.writeString(file, TWO);
        assertThat(up().out()).contains("taken down");
        assertThat(Leftovers.namespaces(NETWORK)).hasSize(3);
        assertThat(state("c")).doesNotExist();
        assertPings("b", "10.91.0.1");
        assertThat(daemonPid("a")).isEqualTo(a);
        assertThat(daemonPid("b")).isEqualTo(b);
    }

    @Test
    void aDryRunMakesNothing() {
        Product.Result result = expect(Exit.OK, "up", file.toString(), "--dry-run");
        assertThat(result.out()).contains("make namespace violin-" + NETWORK + "-a", "start its daemon",
            "open TAP ta on lan");
        Leftovers.assertNone(NETWORK, product.home());
    }

    @Test
    void aFailureIsTakenBack() throws Exception {
        Files.writeString(file, TWO.replace("tb: {", "tb: { device: lo,"));
        Product.Result result = expect(Exit.FAILED, "up", file.toString());
        assertThat(result.err()).contains("lo").doesNotContain("\tat ");
        assertThat(result.out()).contains("nothing is left of it");
        Leftovers.assertNone(NETWORK, product.home());
    }

    @Test
    void aFailureInAChangeLeavesTheNetworkAsItWas() throws Exception {
        up();
        Files.writeString(file, THREE.replace("tc: {", "tc: { device: lo,").replace("tb:", "tb2:"));
        assertThat(expect(Exit.FAILED, "up", file.toString()).out()).contains("it is as it was before");
        assertThat(Leftovers.namespaces(NETWORK)).hasSize(3);
        assertPings("b", "10.91.0.1");
        Files.writeString(file, TWO);
        assertThat(expect(Exit.OK, "up", file.toString(), "--dry-run").out())
            .isEqualTo("a: nothing to change\nb: nothing to change\n");
    }

    @Test
    void aKilledDaemonIsStartedAgain() throws Exception {
        up();
        signal("KILL", daemonPid("b"));
        Product.Result status = expect(Exit.DEGRADED, "status");
        assertThat(status.out()).contains("no answer");
        assertThat(up().out()).contains("daemon started");
        assertPings("a", "10.91.0.2");
    }

    @Test
    void downCleansUpAfterKilledDaemons() throws Exception {
        up();
        signal("KILL", daemonPid("a"));
        signal("STOP", daemonPid("b"));
        expect(Exit.OK, "down", "--all");
        Leftovers.assertNone(NETWORK, product.home());
    }

    @Test
    void ctrlCTakesBackWhateverWasBegun() throws Exception {
        List<BooleanSupplier> moments = List.of(
            () -> !Leftovers.namespaces(NETWORK).isEmpty(),
            () -> Files.exists(state("a").resolve("daemon.log")),
            () -> Files.exists(state("b").resolve("api.sock")),
            () -> Files.exists(state("b").resolve("journal.ndjson")));
        for (int i = 0; i < moments.size(); i++) {
            Product.Running up = product.start("up", file.toString());
            await("moment " + i, moments.get(i));
            signal("INT", up.process.pid());
            Product.Result result = up.await();
            assertThat(result.exit()).as("moment " + i + ": " + result.all()).isEqualTo(130);
            Leftovers.assertNone(NETWORK, product.home());
        }
    }

    @Test
    void downCleansUpAfterAKilledUp() throws Exception {
        Product.Running up = product.start("up", file.toString());
        await("a daemon", () -> Files.exists(state("a").resolve("api.sock")));
        signal("KILL", up.process.pid());
        up.await();
        expect(Exit.OK, "down", "--all");
        Leftovers.assertNone(NETWORK, product.home());
    }

    @Test
    void twoCommandsDoNotChangeOneNetworkAtOnce() throws Exception {
        Product.Running first = product.start("up", file.toString());
        await("the first", () -> !Leftovers.namespaces(NETWORK).isEmpty());
        assertThat(expect(Exit.FAILED, "up", file.toString()).err()).contains("another violin command")
            .contains("pid " + first.process.pid());
        assertThat(expect(Exit.FAILED, "down", NETWORK).err()).contains("another violin command");
        Product.Result result = first.await();
        assertThat(result.exit()).as(result.all()).isZero();
    }
}
