package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

    /** Classes run side by side, and there is one network. Those with a ResourceLock for it need not wait here. */
    private static final Semaphore TURN = new Semaphore(1);

    final Path file;
    final Product product;

    Namespaces(Path directory) throws IOException {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "network namespaces need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "TAPs need /dev/net/tun");
        product = new Product(directory);
        file = directory.resolve("net.yaml");
        write(TWO_HOSTS);
        TURN.acquireUninterruptibly();
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

    /** Takes everything down and proves it; the network is then another's. */
    void clean() {
        try {
            expect(Exit.OK, "down", "--all");
            assertNothingLeft();
        } finally {
            TURN.release();
        }
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

    /** The namespace of a host. */
    static Netns host(String name) {
        return new Netns("violin-" + NETWORK + "-" + name);
    }

    /** Two answers come; after its daemon was killed a guest has its agent back before its vNICs. */
    static void assertPings(String from, String address) {
        Command.Result result = ping(from, "20", address);
        assertThat(result.exit()).as(result.said()).isZero();
    }

    /** No answer within a second. */
    static void assertNoPings(String from, String address) {
        Command.Result result = ping(from, "1", address);
        assertThat(result.exit()).as(result.said()).isOne();
        assertThat(result.output()).contains("100% packet loss");
    }

    private static Command.Result ping(String from, String seconds, String address) {
        return host(from).tried("ping -c 2 -i 0.2 -w " + seconds + " " + address);
    }

    /** Whether a text that guests send can be read on a device of a host, while it pings. */
    boolean isReadable(String host, String device, String address) throws Exception {
        String text = "violin-was-here!";
        Path capture = file.resolveSibling(device + ".pcap");
        Netns inside = host(host);
        Process watching = new ProcessBuilder(inside.command("tcpdump -U -c 8 -w " + capture + " -i " + device
            + " icmp or udp and greater 120")).redirectErrorStream(true).start();
        Process pinging = new ProcessBuilder(inside.command("ping -q -i 0.2 -w 20 -s 200 -p "
            + HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII)) + " " + address))
            .redirectErrorStream(true).start();
        try {
            assertThat(watching.waitFor(20, TimeUnit.SECONDS)).as("8 packets on " + device).isTrue();
        } finally {
            pinging.destroyForcibly().waitFor();
            watching.destroyForcibly().waitFor();
        }
        return Files.readString(capture, StandardCharsets.ISO_8859_1).contains(text);
    }

    static void signal(String signal, long pid) {
        Command.run(List.of("kill", "-" + signal, Long.toString(pid)), Duration.ofSeconds(5)).orThrow();
    }
}
