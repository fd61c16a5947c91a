package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.TestRun;
import org.violin.control.os.Command;

/** {@code violin tunnel --transport tcp|tls} between two namespaces: the left one connects to the right one. */
class StreamIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String LEFT = TestRun.name("stream-left");
    private static final String RIGHT = TestRun.name("stream-right");
    private static final String SERVER = "10.77.0.2:7000";
    private static final long POLL_NS = 5_000_000;
    private static final int PROXY_PORT = 8888;

    @TempDir
    private Path directory;
    private Product left;
    private Product right;
    private final List<Process> processes = new ArrayList<>();

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
            ip("-n " + host[0] + " address add fd77::" + host[1] + "/64 dev eth0 nodad");
            ip("-n " + host[0] + " link set eth0 up");
            ip("-n " + host[0] + " link set lo up");
        }
    }

    @AfterEach
    void removeHosts() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        for (String host : List.of(LEFT, RIGHT)) {
            Command.run(List.of("ip", "netns", "delete", host), LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tls"})
    void framesAndStreamsPassBothWays(String transport) {
        String key = newKey("tunnel.key");
        Product.Running b = listener(transport, SERVER, key);
        Product.Running a = caller(transport, SERVER, key);
        awaitUp(a, b);
        assertThat(a.err()).contains("sealed by key").contains("vt0 <-> " + transport + " " + SERVER + ": up, ");
        for (int payload : new int[] {16, 1000, 1472}) {
            in(LEFT, "ping -q -c 3 -i 0.05 -W 5 -M do -s " + payload + " 10.88.0.2");
        }
        assertThat(iperf("")).contains("receiver");
        assertThat(iperf("-R")).contains("receiver");
        String summary = stop(a);
        assertThat(summary).contains("connections: 1 connected\n").containsPattern("from tunnel +[1-9]");
        assertThat(datagrams(summary)).as(summary).isLessThan(frames(summary));
        assertThat(stop(b)).contains("connections: 1 connected").doesNotContain("bad-").doesNotContain("not-authentic");
    }

    /** Frames, TCP's cut to Ethernet's MTU, and datagrams: a super-frame is one. */
    private static long frames(String summary) {
        return number(summary, "to tunnel +\\d+ +(\\d+)") / 1514;
    }

    private static long datagrams(String summary) {
        return number(summary, "datagrams out +(\\d+)");
    }

    private static long number(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern + " in " + text).isTrue();
        return Long.parseLong(found.group(1));
    }

    private static String iperf(String options) {
        in(RIGHT, "iperf3 -s -1 -D");
        await("the iperf3 server", () -> in(RIGHT, "ss -Hltn sport = :5201").contains("5201"));
        return in(LEFT, ("iperf3 -c 10.88.0.2 -t 1 -C cubic " + options).strip());
    }

    /** By a reset, of which one end may hear nothing before the next connection, and by silence. */
    @Test
    void aConnectionThatIsCutIsMadeAgain() {
        String key = newKey("tunnel.key");
        Product.Running b = listener("tls", "[fd77::2]:7000", key);
        Product.Running a = caller("tls", "[fd77::2]:7000", key);
        awaitUp(a, b);
        cut("reject with tcp reset");
        await("the reset", () -> times(a, " lost: ") == 1);
        mend(a, 2);
        int before = times(b, " lost: ");
        cut("drop");
        await("the silence", () -> times(a, " lost: ") == 2 && times(b, " lost: ") > before);
        mend(a, 3);
        assertThat(stop(a)).contains("connections: 3 connected, 2 connection-lost").contains("no-connection (stream)");
        assertThat(stop(b)).contains("connections: 3 connected, ");
    }

    private static void cut(String how) {
        in(RIGHT, "nft add table inet path");
        in(RIGHT, "nft add chain inet path in { type filter hook input priority 0 ; }");
        in(RIGHT, "nft add rule inet path in tcp dport 7000 " + how);
    }

    private static void mend(Product.Running tunnel, int connections) {
        in(RIGHT, "nft delete table inet path");
        await("a new connection", () -> times(tunnel, ": connected to") == connections);
        in(LEFT, "ping -q -c 1 -w 20 10.88.0.2");
    }

    private static int times(Product.Running tunnel, String text) {
        return tunnel.err().split(Pattern.quote(text), -1).length - 1;
    }

    @Test
    void anotherKeyIsToldAtBothEndsAndLetsNothingThrough() {
        Product.Running b = listener("tls", SERVER, newKey("one.key"));
        Product.Running a = caller("tls", SERVER, newKey("other.key"));
        await("the reason", () -> a.err().contains("has it the same key") && b.err().contains("has another key"));
        assertThat(stop(a)).doesNotContain(" connected").contains("hello-forged").containsPattern("from tunnel +0 ");
        assertThat(stop(b)).doesNotContain(" connected").contains("hello-forged").containsPattern("from tunnel +0 ");
    }

    @Test
    void strangersDisturbNobody() throws Exception {
        String key = newKey("tunnel.key");
        Product.Running b = listener("tls", SERVER, key);
        Product.Running a = caller("tls", SERVER, key);
        awaitUp(a, b);
        bash("printf 'GET / HTTP/1.1\\r\\nHost: example.net\\r\\n\\r\\n' > /dev/tcp/10.77.0.2/7000");
        bash("head -c 3000000 /dev/urandom > /dev/tcp/10.77.0.2/7000 || true");
        Process many = new ProcessBuilder(List.of("ip", "netns", "exec", LEFT, "bash", "-c",
            "for i in $(seq 90); do exec {fd}<>/dev/tcp/10.77.0.2/7000 || exit 1; done; echo done; sleep 100"))
            .redirectErrorStream(true).start();
        processes.add(many);
        assertThat(many.inputReader().readLine()).isEqualTo("done");
        in(LEFT, "ping -q -c 20 -i 0.02 -W 5 10.88.0.2");
        // The peer gets in among them, too.
        assertThat(stop(a)).contains("connections: 1 connected\n");
        Product.Running again = caller("tls", SERVER, key);
        await("the tunnel again", () -> again.err().contains(": up,"));
        String summary = stop(b);
        assertThat(summary).contains("2 connected").contains("tls-failed").contains("hello-evicted");
    }

    @Test
    void aStreamGoesThroughAProxy() throws IOException {
        assumeTrue(Files.exists(Path.of("/usr/bin/tinyproxy")), "tinyproxy-bin is missing");
        Path configuration = Files.writeString(directory.resolve("tinyproxy.conf"), """
            Port %d
            Listen 10.77.0.2
            Timeout 600
            Allow 10.77.0.0/24
            ConnectPort 7000
            BasicAuth user pass
            """.formatted(PROXY_PORT));
        processes.add(new ProcessBuilder(command(RIGHT, "tinyproxy -d -c " + configuration)).redirectErrorStream(true)
            .redirectOutput(directory.resolve("tinyproxy.log").toFile()).start());
        await("the proxy", () -> in(RIGHT, "ss -Hltn sport = :" + PROXY_PORT).contains(":" + PROXY_PORT));
        String key = newKey("tunnel.key");
        Product.Running b = listener("tls", "127.0.0.1:7000", key);
        Product.Running stranger = caller("tls", "127.0.0.1:7000", key, "--proxy", "http://10.77.0.2:" + PROXY_PORT);
        await("the proxy's no", () -> stranger.err().contains("407"));
        stop(stranger);
        Product.Running a = caller("tls", "127.0.0.1:7000", key, "--proxy",
            "http://user:pass@10.77.0.2:" + PROXY_PORT);
        awaitUp(a, b);
        assertThat(a.err()).contains("127.0.0.1:7000 through 10.77.0.2:" + PROXY_PORT).doesNotContain("pass");
        assertThat(iperf("")).contains("receiver");
        assertThat(stop(a)).contains("connections: 1 connected\n");
    }

    /** The listening end knows nothing of the other, and follows it: TLS, datagrams without a loss, and TLS again. */
    @Test
    void autoTakesDatagramsWhereTheyPassAndTlsWhereTheyDoNot() {
        String key = newKey("tunnel.key");
        blockDatagrams();
        Product.Running b = listener("auto", SERVER, key);
        Product.Running a = caller("auto", SERVER, key, "--local", "10.77.0.1:7000");
        await("TLS", () -> a.err().contains("vt0 <-> tls " + SERVER + ": up,") && b.err().contains(": up,"));
        in(LEFT, "ping -q -c 1 -w 20 10.88.0.2");
        in(RIGHT, "nft delete table inet path");
        String pings = in(LEFT, "ping -q -c 800 -i 0.01 -W 5 10.88.0.2");
        assertThat(pings).contains(" 0% packet loss");
        assertThat(a.err()).contains("vt0 <-> " + SERVER + ": path MTU");
        assertThat(b.err()).contains("vt0 <-> 10.77.0.1:7000: path MTU");
        blockDatagrams();
        await("TLS again", () -> times(a, "vt0 <-> tls " + SERVER + ": up,") == 2);
        in(LEFT, "ping -q -c 1 -w 20 10.88.0.2");
        assertThat(stop(a)).contains("connections: 1 connected\n");
        assertThat(stop(b)).contains("connections: 1 connected");
    }

    private static void blockDatagrams() {
        in(RIGHT, "nft add table inet path");
        in(RIGHT, "nft add chain inet path in { type filter hook input priority 0 ; }");
        in(RIGHT, "nft add rule inet path in iif eth0 udp dport 7000 drop");
    }

    /** Both connect and both listen: one connection stays. And it is the one kind of stream that needs no key. */
    @Test
    void endsThatBothConnectKeepOneConnection() {
        Product.Running b = start(right, "tcp", "10.88.0.2/24", "--insecure-plaintext", "--local", SERVER,
            "--remote", "10.77.0.1:7000");
        Product.Running a = start(left, "tcp", "10.88.0.1/24", "--insecure-plaintext", "--local", "10.77.0.1:7000",
            "--remote", SERVER);
        awaitUp(a, b);
        assertThat(a.err()).contains("NOT encrypted");
        in(LEFT, "ping -q -c 100 -i 0.01 -W 5 10.88.0.2");
        assertThat(in(RIGHT, "ss -Htn state established ( sport = :7000 or dport = :7000 )").lines()).hasSize(1);
        Product.Running keyed = left.start("tunnel", "--tap", "vt1", "--transport", "tcp", "--remote", SERVER,
            "--key-file", newKey("tunnel.key"));
        processes.add(keyed.process);
        await("the reason", () -> b.err().contains("has a key, this end has none"));
        stop(keyed);
        stop(a);
        stop(b);
    }

    @Test
    void anAddressThatIsNotThisHostsIsNamed() {
        Product.Result busy = left.run("tunnel", "--insecure-plaintext", "--tap", "vt0", "--transport", "tcp",
            "--local", "10.99.0.1:7000");
        assertThat(busy).matches(result -> result.exit() == Exit.FAILED
            && result.err().contains("tcp 10.99.0.1:7000: Cannot assign requested address"));
        assertThat(in(LEFT, "ip -o link")).as("devices left").doesNotContain("vt0");
    }

    private String newKey(String name) {
        String file = directory.resolve(name).toString();
        assertThat(left.run("key", "new", "--shared", file).exit()).isZero();
        return file;
    }

    private Product.Running listener(String transport, String local, String key) {
        Product.Running tunnel = start(right, transport, "10.88.0.2/24", "--local", local, "--key-file", key);
        await("the listener", () -> tunnel.err().contains("ready"));
        return tunnel;
    }

    private Product.Running caller(String transport, String remote, String key, String... options) {
        List<String> all = new ArrayList<>(List.of("--remote", remote, "--key-file", key));
        all.addAll(List.of(options));
        return start(left, transport, "10.88.0.1/24", all.toArray(new String[0]));
    }

    private Product.Running start(Product host, String transport, String address, String... options) {
        List<String> arguments = new ArrayList<>(List.of("tunnel", "--tap", "vt0", "--transport", transport,
            "--address", address));
        arguments.addAll(List.of(options));
        Product.Running tunnel = host.start(arguments.toArray(new String[0]));
        processes.add(tunnel.process);
        return tunnel;
    }

    private static void awaitUp(Product.Running a, Product.Running b) {
        await("the tunnel", () -> a.err().contains(": up,") && b.err().contains(": up,"));
    }

    private static String stop(Product.Running tunnel) {
        tunnel.process.destroy();
        Product.Result result = tunnel.await();
        assertThat(result.exit()).as(result.all()).isZero();
        return result.out();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadlineNs);
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static void bash(String script) {
        Command.run(List.of("ip", "netns", "exec", LEFT, "bash", "-c", script), LIMIT);
    }

    private static void ip(String arguments) {
        Command.run(List.of(("ip " + arguments).split(" ")), LIMIT).orThrow();
    }

    private static String in(String host, String command) {
        return Command.run(command(host, command), LIMIT).orThrow().output();
    }

    private static List<String> command(String host, String command) {
        return List.of(("ip netns exec " + host + " " + command).split(" "));
    }
}
