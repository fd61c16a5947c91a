package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.os.Command;

/** The commands that speak to a guest, on one that runs for all of these tests. */
class GuestCommandsIT {
    private static final String NETWORK = TestRun.name("guest");
    private static final String TOPOLOGY = """
        network: %s
        hosts: { a: { netns: true } }
        switches: { lan: { host: a } }
        nodes: { g: { host: a, nics: [ { switch: lan, addresses: [10.93.0.1/24] } ] } }
        """.formatted(NETWORK);

    @TempDir
    private static Path directory;
    private static Product product;

    @BeforeAll
    static void up() throws IOException {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        TestRun.requireGuests();
        Path file = Files.writeString(directory.resolve("net.yaml"), TOPOLOGY);
        product = new Product(directory);
        expect(Exit.OK, "up", file.toString());
    }

    @AfterAll
    static void down() {
        if (product != null) {
            expect(Exit.OK, "down", "--all");
            Leftovers.assertNone(NETWORK, product.home());
        }
    }

    private static Product.Result expect(int exit, String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isEqualTo(exit);
        return result;
    }

    private static void interrupt(Process process) {
        Command.run(List.of("kill", "-INT", Long.toString(process.pid())), Duration.ofSeconds(5)).orThrow();
    }

    @Test
    void execKeepsOutputsApartAndEndsWithTheCommandsStatus() {
        Product.Result result = expect(7, "exec", "g", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(result.out()).isEqualTo("out\n");
        assertThat(result.err()).isEqualTo("err\n");
        assertThat(expect(0, "exec", NETWORK + "/g", "hostname").out()).isEqualTo("g\n");
        assertThat(expect(128 + 9, "exec", "g", "--", "sh", "-c", "kill -9 $$").out()).isEmpty();
    }

    @Test
    void execSaysWhyACommandCannotRun() {
        assertThat(product.run("exec", "g", "no-such-program").exit()).isNotZero();
        assertThat(expect(Exit.FAILED, "exec", "nobody", "true").err()).contains("no node nobody is up: there is g");
        assertThat(expect(Exit.FAILED, "exec", "elsewhere/g", "true").err()).contains("no network elsewhere is up");
    }

    @Test
    void execCarriesBinaryOutputWhole() {
        Product.Result result = expect(0, "exec", "g", "--", "sh", "-c", "head -c 300000 /dev/zero | tr '\\0' 'x'");
        assertThat(result.out()).hasSize(300_000).containsOnlyOnce("x".repeat(300_000));
    }

    @Test
    void ctrlCEndsTheCommandInTheGuest() throws Exception {
        Product.Running command = product.start("exec", "g", "--", "sh", "-c", "echo begun; exec sleep 4321");
        TestRun.await("the command", () -> command.out().contains("begun"));
        interrupt(command.process);
        assertThat(command.await().exit()).isEqualTo(130);
        TestRun.await("the end of the command in the guest",
            () -> !product.run("exec", "g", "ps").out().contains("sleep 4321"));
    }

    @Test
    void theConsoleTakesWhatIsPipedIn() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c",
            "printf 'echo sum-$((40+2))\\n' | exec \"$0\" console g", Product.LAUNCHER.toString())
            .redirectErrorStream(true);
        builder.environment().put("VIOLIN_HOME", product.home().toString());
        Process piped = builder.start();
        String output = new String(piped.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(piped.waitFor()).as(output).isZero();
        assertThat(output).contains("sum-42");
    }

    @Test
    void theConsoleLeavesTheTerminalAsItWas() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("script", "-qefc",
            "stty -g; '" + Product.LAUNCHER + "' console g; echo exit-$?; stty -g", "/dev/null")
            .redirectErrorStream(true);
        builder.environment().put("VIOLIN_HOME", product.home().toString());
        builder.environment().put("TERM", "vt100");
        Process terminal = builder.start();
        StringBuffer screen = new StringBuffer();
        Thread reader = Thread.ofPlatform().daemon().start(() -> copy(terminal.getInputStream(), screen));
        try (OutputStream keyboard = terminal.getOutputStream()) {
            TestRun.await("the console", () -> screen.indexOf("Ctrl-] leaves") >= 0 && screen.indexOf("/ #") >= 0);
            keyboard.write("echo sum-$((40+3))\r".getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            TestRun.await("the guest's answer", () -> screen.indexOf("sum-43") >= 0);
            keyboard.write(0x1d);
            keyboard.flush();
            assertThat(terminal.waitFor(30, TimeUnit.SECONDS)).as(screen.toString()).isTrue();
        }
        reader.join(Duration.ofSeconds(5));
        List<String> lines = screen.toString().lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        assertThat(lines).contains("exit-0");
        assertThat(lines.getLast()).isEqualTo(lines.getFirst()).contains(":");
    }

    private static void copy(InputStream in, StringBuffer out) {
        byte[] buffer = new byte[4096];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            out.append(e);
        }
    }

    @Test
    void aGuestCanBeStoppedStartedAndKilled() throws Exception {
        assertThat(expect(0, "node", "stop", "g").out()).contains("is stopped");
        assertThat(expect(Exit.FAILED, "exec", "g", "true").err()).startsWith("violin: a: ");
        expect(0, "node", "start", "g");
        TestRun.await("the guest", () -> product.run("exec", "g", "true").exit() == 0);
        expect(0, "node", "kill", "g");
        assertThat(expect(Exit.DEGRADED, "status").out()).contains("g is dead");
        expect(0, "node", "restart", "g");
        TestRun.await("the guest", () -> product.run("status").exit() == 0);
    }

    @Test
    void ctrlCWhileGuestsBootTakesThemAway() throws Exception {
        Path other = Files.createDirectory(directory.resolve("other"));
        Path file = Files.writeString(other.resolve("net.yaml"), TOPOLOGY.replace(NETWORK, NETWORK + "2"));
        Product second = new Product(other);
        Product.Running up = second.start("up", file.toString());
        Path guest = second.home().resolve("hosts/" + NETWORK + "2.a/guests/" + NETWORK + "2/g/console.log");
        TestRun.await("the guest's console", () -> Files.exists(guest));
        interrupt(up.process);
        Product.Result result = up.await();
        assertThat(result.exit()).as(result.all()).isEqualTo(130);
        Leftovers.assertNone(NETWORK + "2", second.home());
    }
}
