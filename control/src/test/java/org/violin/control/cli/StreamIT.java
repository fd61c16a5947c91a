package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code violin tunnel --transport tcp|tls} between two namespaces: the left one connects to the right one. */
class StreamIT extends BetweenTwoHosts {
    private static final String SERVER = "10.77.0.2:7000";

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tls"})
    void framesAndStreamsPassBothWays(String transport) {
        String key = hosts.newKey("tunnel.key");
        Product.Running b = listener(transport, SERVER, key);
        Product.Running a = caller(transport, SERVER, key);
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("sealed by key").contains("vt0 <-> " + transport + " " + SERVER + ": up, ");
        for (int payload : new int[] {16, 1000, 1472}) {
            left.in("ping -q -c 3 -i 0.05 -W 5 -M do -s " + payload + " 10.88.0.2");
        }
        hosts.iperf("-t 1");
        hosts.iperf("-t 1 -R");
        String summary = a.stop().out();
        assertThat(summary).contains("connections: 1 connected\n").containsPattern("from tunnel +[1-9]");
        assertThat(datagrams(summary)).as(summary).isLessThan(frames(summary));
        assertThat(b.stop().out()).contains("connections: 1 connected").doesNotContain("bad-")
            .doesNotContain("not-authentic");
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

    /** By a reset, of which one end may hear nothing before the next connection, and by silence. */
    @Test
    void aConnectionThatIsCutIsMadeAgain() {
        String key = hosts.newKey("tunnel.key");
        Product.Running b = listener("tls", "[fd77::2]:7000", key);
        Product.Running a = caller("tls", "[fd77::2]:7000", key);
        hosts.awaitUp(a, b);
        right.filter("tcp dport 7000 reject with tcp reset");
        hosts.await("the reset", () -> times(a, " lost: ") == 1);
        mend(a, 2);
        int before = times(b, " lost: ");
        right.filter("tcp dport 7000 drop");
        hosts.await("the silence", () -> times(a, " lost: ") == 2 && times(b, " lost: ") > before);
        mend(a, 3);
        assertThat(a.stop().out()).contains("connections: 3 connected, 2 connection-lost")
            .contains("no-connection (stream)");
        assertThat(b.stop().out()).contains("connections: 3 connected, ");
    }

    private void mend(Product.Running tunnel, int connections) {
        right.filterNothing();
        hosts.await("a new connection", () -> times(tunnel, ": connected to") == connections);
        left.in("ping -q -c 1 -w 20 10.88.0.2");
    }

    private static int times(Product.Running tunnel, String text) {
        return tunnel.err().split(Pattern.quote(text), -1).length - 1;
    }

    @Test
    void anotherKeyIsToldAtBothEndsAndLetsNothingThrough() {
        Product.Running b = listener("tls", SERVER, hosts.newKey("one.key"));
        Product.Running a = caller("tls", SERVER, hosts.newKey("other.key"));
        hosts.await("the reason", () -> a.err().contains("has it the same key") && b.err().contains("has another key"));
        assertThat(a.stop().out()).doesNotContain(" connected").contains("hello-forged")
            .containsPattern("from tunnel +0 ");
        assertThat(b.stop().out()).doesNotContain(" connected").contains("hello-forged")
            .containsPattern("from tunnel +0 ");
    }

    @Test
    void strangersDisturbNobody() throws Exception {
        String key = hosts.newKey("tunnel.key");
        Product.Running b = listener("tls", SERVER, key);
        Product.Running a = caller("tls", SERVER, key);
        hosts.awaitUp(a, b);
        left.bash("printf 'GET / HTTP/1.1\\r\\nHost: example.net\\r\\n\\r\\n' > /dev/tcp/10.77.0.2/7000");
        left.bash("head -c 3000000 /dev/urandom > /dev/tcp/10.77.0.2/7000 || true");
        Path script = Files.writeString(directory.resolve("many.bash"),
            "for i in $(seq 90); do exec {fd}<>/dev/tcp/10.77.0.2/7000 || exit 1; done; echo done; sleep 100\n");
        Path log = directory.resolve("many.txt");
        left.background("bash " + script, log);
        hosts.await("many connections", () -> Product.read(log).equals("done\n"));
        left.in("ping -q -c 20 -i 0.02 -W 5 10.88.0.2");
        // The peer gets in among them, too.
        assertThat(a.stop().out()).contains("connections: 1 connected\n");
        Product.Running again = caller("tls", SERVER, key);
        hosts.awaitUp(again);
        String summary = b.stop().out();
        assertThat(summary).contains("2 connected").contains("tls-failed").contains("hello-evicted");
    }

    @Test
    void aStreamGoesThroughAProxy() throws IOException {
        startProxy();
        String key = hosts.newKey("tunnel.key");
        Product.Running b = listener("tls", "127.0.0.1:7000", key);
        Product.Running stranger = caller("tls", "127.0.0.1:7000", key, "--proxy", "http://" + PROXY);
        hosts.await("the proxy's no", () -> stranger.err().contains("407"));
        stranger.stop();
        Product.Running a = caller("tls", "127.0.0.1:7000", key, "--proxy", "http://user:pass@" + PROXY);
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("127.0.0.1:7000 through " + PROXY).doesNotContain("pass");
        hosts.iperf("-t 1");
        assertThat(a.stop().out()).contains("connections: 1 connected\n");
    }

    /** Both connect and both listen: one connection stays. And it is the one kind of stream that needs no key. */
    @Test
    void endsThatBothConnectKeepOneConnection() {
        Product.Running b = right.plain("--transport", "tcp");
        Product.Running a = left.plain("--transport", "tcp");
        hosts.awaitUp(a, b);
        assertThat(a.err()).contains("NOT encrypted");
        left.in("ping -q -c 100 -i 0.01 -W 5 10.88.0.2");
        assertThat(right.in("ss -Htn state established ( sport = :7000 or dport = :7000 )").lines()).hasSize(1);
        Product.Running keyed = left.start("tunnel", "--tap", "vt1", "--transport", "tcp", "--remote", SERVER,
            "--key-file", hosts.newKey("tunnel.key"));
        hosts.await("the reason", () -> b.err().contains("has a key, this end has no key"));
        keyed.stop();
        a.stop();
        b.stop();
    }

    @Test
    void anAddressThatIsNotThisHostsIsNamed() {
        Product.Result busy = left.run("tunnel", "--insecure-plaintext", "--tap", "vt0", "--transport", "tcp",
            "--local", "10.99.0.1:7000");
        assertThat(busy).matches(result -> result.exit() == Exit.FAILED
            && result.err().contains("tcp 10.99.0.1:7000: Cannot assign requested address"));
        assertThat(left.in("ip -o link")).as("devices left").doesNotContain("vt0");
    }

    private Product.Running listener(String transport, String local, String key) {
        Product.Running tunnel = right.tunnel("--transport", transport, "--local", local, "--key-file", key);
        hosts.await("the listener", () -> tunnel.err().contains("ready"));
        return tunnel;
    }

    private Product.Running caller(String transport, String remote, String key, String... options) {
        List<String> all = new ArrayList<>(List.of("--transport", transport, "--remote", remote, "--key-file", key));
        all.addAll(List.of(options));
        return left.tunnel(all.toArray(new String[0]));
    }
}
