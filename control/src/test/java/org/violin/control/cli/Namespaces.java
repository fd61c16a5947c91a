package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.violin.control.TestRun;
import org.violin.control.os.Command;

/** A network of namespaces, daemons and TAPs without guests, and what tests do with it. */
final class Namespaces {
    static final String NETWORK = TestRun.name("net");
    static final String TWO_HOSTS = """
        network: %s
        hosts:
          a: { netns: true }
          b: { netns: true }
        switches:
          lan: { host: a }
        taps:
          ta: { host: a, switch: lan, addresses: [10.91.0.1/24] }
          tb: { host: b, switch: lan, addresses: [10.91.0.2/24] }
        """.formatted(NETWORK);
    static final String THREE_HOSTS = TWO_HOSTS.replace("switches:", "  c: { netns: true }\nswitches:")
        + "  tc: { host: c, switch: lan, addresses: [10.91.0.3/24] }\n";

    final Path file;
    final Product product;

    Namespaces(Path directory) throws IOException {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "TAPs need /dev/net/tun");
        product = new Product(directory);
        file = directory.resolve("net.yaml");
        write(TWO_HOSTS);
    }

    void write(String topology) throws IOException {
        Files.writeString(file, topology);
    }

    Product.Result expect(int exit, String... arguments) {
        Product.Result result = product.run(arguments);
        assertThat(result.exit()).as(String.join(" ", arguments) + ": " + result.all()).isEqualTo(exit);
        return result;
    }

    Product.Result up() {
        return expect(Exit.OK, "up", file.toString());
    }

    /** Takes everything down and proves it. */
    void clean() {
        expect(Exit.OK, "down", "--all");
        assertNothingLeft();
    }

    void assertNothingLeft() {
        Leftovers.assertNone(NETWORK, product.home());
    }

    Path state(String host) {
        return product.home().resolve("hosts").resolve(NETWORK + "." + host);
    }

    long daemonPid(String host) throws IOException {
        return Long.parseLong(Files.readString(state(host).resolve("daemon.lock")).strip());
    }

    static void assertPings(String from, String address) {
        Command.Result result = ping(from, "5", address);
        assertThat(result.exit()).as(result.output()).isZero();
    }

    /** No answer within a second. */
    static void assertNoPings(String from, String address) {
        Command.Result result = ping(from, "1", address);
        assertThat(result.exit()).as(result.output()).isOne();
        assertThat(result.output()).contains("100% packet loss");
    }

    private static Command.Result ping(String from, String seconds, String address) {
        return Command.run(List.of("ip", "netns", "exec", "violin-" + NETWORK + "-" + from, "ping", "-c", "2", "-i",
            "0.2", "-W", seconds, address), Duration.ofSeconds(20));
    }

    /** Whether a text that guests send can be read on a device of a host, while it pings. */
    boolean isReadable(String host, String device, String address) throws Exception {
        String text = "violin-was-here!";
        Path capture = file.resolveSibling(device + ".pcap");
        List<String> inside = List.of("ip", "netns", "exec", "violin-" + NETWORK + "-" + host);
        List<String> tcpdump = new ArrayList<>(inside);
        tcpdump.addAll(List.of("tcpdump", "-U", "-c", "8", "-w", capture.toString(), "-i", device,
            "icmp or udp and greater 120"));
        Process watching = new ProcessBuilder(tcpdump).redirectErrorStream(true).start();
        List<String> ping = new ArrayList<>(inside);
        ping.addAll(List.of("ping", "-q", "-i", "0.2", "-w", "20", "-s", "200", "-p",
            HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII)), address));
        Process pinging = new ProcessBuilder(ping).redirectErrorStream(true).start();
        try {
            assertThat(watching.waitFor(20, TimeUnit.SECONDS)).as("8 packets on " + device).isTrue();
        } finally {
            pinging.destroyForcibly().waitFor();
            watching.destroyForcibly().waitFor();
        }
        return Files.readString(capture, StandardCharsets.ISO_8859_1).contains(text);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    static void signal(String signal, long pid) {
        Command.run(List.of("kill", "-" + signal, Long.toString(pid)), Duration.ofSeconds(5)).orThrow();
    }
}
