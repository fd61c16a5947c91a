package org.violin.control.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.Seeds;
import org.violin.control.TestRun;

/** Control connections by real TLS over loopback. */
class ControlPortTest {
    private static final InetAddress STRANGER = InetAddress.ofLiteral("127.0.0.2");

    @TempDir
    private Path directory;
    private final List<End> ends = new ArrayList<>();
    private End a;
    private End b;

    @BeforeEach
    void open() {
        a = end("a");
        b = end("b");
    }

    @AfterEach
    void close() {
        ends.forEach(End::close);
    }

    private End end(String name) {
        return end(End.identity(directory, name));
    }

    private End end(Identity identity) {
        End end = new End(identity);
        ends.add(end);
        return end;
    }

    private void await(BooleanSupplier condition) {
        TestRun.await("what the ends agree on", condition, ends::toString);
    }

    private void awaitKeys(End server, End client) {
        await(() -> !server.given.isEmpty() && !client.given.isEmpty());
        assertThat(server.given.getLast()).isEqualTo(new End.Given("tunnel", client.given.getLast().fingerprint(),
            false));
        assertThat(client.given.getLast().known()).isTrue();
    }

    @Test
    void bothEndsGetTheSameKeyAndTheClientKnowsThatTheServerHasIt() {
        a.expect(b.pin());
        b.connect(a.pin(), a);
        awaitKeys(a, b);
        assertThat(a.count(ControlEvent.ACCEPTED)).isOne();
        assertThat(b.count(ControlEvent.MADE)).isOne();
        assertThat(a.notices).isEmpty();
        assertThat(b.notices).isEmpty();
    }

    @Test
    void everyConnectionGivesAnotherKeyAndThereIsNoneWhileTheTunnelIsUp() {
        a.expect(b.pin());
        b.connect(a.pin(), a);
        awaitKeys(a, b);
        End again = new End(b.identity);
        ends.add(again);
        again.connect(a.pin(), a);
        await(() -> a.given.size() == 2);
        assertThat(a.given.getFirst()).isNotEqualTo(a.given.getLast());
        again.up = true;
        End idle = end("idle");
        idle.up = true;
        idle.connect(a.pin(), a);
        await(() -> again.given.size() == 1);
        assertThat(idle.port.counts()).isEmpty();
    }

    @Test
    void bothMayConnectAtOnce() {
        a.connect(b.pin(), b);
        b.connect(a.pin(), a);
        await(() -> a.given.stream().anyMatch(given -> b.given.stream().anyMatch(
            other -> other.fingerprint().equals(given.fingerprint()) && other.known() != given.known())));
    }

    @Test
    void anotherKeyThanThePinnedOneIsRefusedAndToldAtBothEnds() {
        End stranger = end("stranger");
        a.expect(b.pin());
        stranger.connect(a.pin(), a);
        await(() -> !a.notices.isEmpty() && !stranger.notices.isEmpty());
        assertThat(a.heard()).contains("from 127.0.0.1: ", stranger.identity.fingerprint(), b.identity.fingerprint(),
            "--peer-key");
        assertThat(stranger.heard()).contains("does not accept this host", stranger.identity.fingerprint());
        assertThat(a.count(ControlEvent.REFUSED_HERE)).isOne();
        assertThat(stranger.count(ControlEvent.REFUSED_THERE)).isOne();
        assertThat(a.given).isEmpty();
        assertThat(stranger.given).isEmpty();
    }

    @Test
    void aServerWithAnotherKeyThanThePinnedOneIsRefused() {
        End other = end("other");
        other.expect(b.pin());
        b.connect(a.pin(), other);
        await(() -> !b.notices.isEmpty() && !other.notices.isEmpty());
        assertThat(b.heard()).contains(other.identity.fingerprint(), a.identity.fingerprint());
        assertThat(other.heard()).contains("does not accept this host");
        assertThat(other.given).isEmpty();
    }

    @Test
    void oneIdentityOnTwoHostsIsRefused() {
        End copy = end(a.identity);
        a.expect(a.pin());
        copy.connect(a.pin(), a);
        await(() -> !copy.notices.isEmpty());
        assertThat(copy.heard()).contains("this host's own identity");
        assertThat(a.given).isEmpty();
    }

    @Test
    void certificatesOfTheCaForTheNameAreAccepted() {
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 100);
        X509Certificate trusted = ca.identity().certificate();
        End left = end(signed(ca, a.identity, "left"));
        End right = end(signed(ca, b.identity, "right"));
        left.expect(new Peer.Named(trusted, "right"));
        right.connect(new Peer.Named(trusted, "left"), left);
        awaitKeys(left, right);

        End wrong = end(signed(ca, End.identity(directory, "third"), "third"));
        wrong.connect(new Peer.Named(trusted, "left"), left);
        await(() -> !left.notices.isEmpty() && !wrong.notices.isEmpty());
        assertThat(left.heard()).contains("the other end is third by its certificate, and right is wanted");
    }

    @Test
    void datesAreCheckedByThisHostsClockWhichIsNamed() {
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 100);
        X509Certificate trusted = ca.identity().certificate();
        End left = end(signed(ca, a.identity, "left"));
        End right = end(signed(ca, b.identity, "right"));
        left.now = left.now.plus(Duration.ofDays(11));
        left.expect(new Peer.Named(trusted, "right"));
        right.connect(new Peer.Named(trusted, "left"), left);
        await(() -> !left.notices.isEmpty());
        assertThat(left.heard()).contains("the other end's certificate has expired on ", "this host's clock says "
            + Certificates.format(left.now), "violin ca sign");
    }

    private static Identity signed(CertificateAuthority ca, Identity identity, String name) {
        return new Identity(identity.key(), ca.sign(identity.certificate(), name, 10));
    }

    @Test
    void strangersOfEveryKindAreRefusedAndThePeerStillGetsIn() throws Exception {
        a.expect(b.pin());
        byte[] garbage = new byte[400];
        Seeds.random("ControlPortTest").nextBytes(garbage);
        garbage[0] = 'G';
        talk(garbage);
        await(() -> a.count(ControlEvent.NOT_OURS) == 1);
        assertThat(a.heard()).contains("from 127.0.0.2: what came is not TLS");

        speak("TLSv1.2", Tls.ALPN);
        await(() -> a.heard().contains("does not speak TLS 1.3"));
        speak("TLSv1.3", "h2");
        await(() -> a.heard().contains("does not speak " + Tls.ALPN));
        speak("TLSv1.3", Tls.ALPN);
        await(() -> a.heard().contains("shows no certificate"));
        talk(new byte[0]);
        await(() -> a.count(ControlEvent.BROKEN) >= 1);

        b.connect(a.pin(), a);
        awaitKeys(a, b);
    }

    /** Connects, sends, and closes when the other end has closed or said something. */
    private void talk(byte[] bytes) throws IOException {
        try (Socket socket = new Socket(a.port.address().getAddress(), a.port.address().getPort(), STRANGER, 0)) {
            socket.getOutputStream().write(bytes);
            if (bytes.length > 0) {
                socket.getInputStream().read();
            }
        }
    }

    /** A TLS client without a certificate that believes everybody. */
    private void speak(String version, String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Gullible()}, new SecureRandom());
        try (Socket plain = new Socket(a.port.address().getAddress(), a.port.address().getPort(), STRANGER, 0);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "a", 1, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {version});
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.getInputStream().read();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(""); // refused, in this or that way: the port's own words count
        }
    }

    private static final class Gullible implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new AssertionError();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            assertThat(chain).hasSize(1);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void aCrowdOfStrangersDoesNotKeepThePeerOut() throws Exception {
        // Where the peer is: strangers are not.
        a.port.add("tunnel", b.pin(), new InetSocketAddress("127.0.0.1", 1), null);
        List<Socket> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < 3 * ControlPort.BURST; i++) {
                crowd.add(new Socket(a.port.address().getAddress(), a.port.address().getPort(), STRANGER, 0));
            }
            await(() -> a.count(ControlEvent.CROWDED) > 0);
            b.connect(a.pin(), a);
            awaitKeys(a, b);
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    @Test
    void nobodyAtThePeersAddressIsToldAfterAWhileAndThePeerIsFoundWhenItComes() {
        InetSocketAddress address = a.port.address();
        a.close();
        b.port.add("tunnel", a.pin(), address, null);
        await(() -> b.count(ControlEvent.UNREACHABLE) >= 1);
        assertThat(b.notices).isEmpty();
        End late = new End(a.identity, address);
        ends.add(late);
        late.expect(b.pin());
        awaitKeys(late, b);
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        InetSocketAddress taken = a.port.address();
        assertThatThrownBy(() -> new End(b.identity, taken)).isInstanceOf(UncheckedIOException.class)
            .hasMessageContaining("TCP 127.0.0.1:" + taken.getPort()).hasMessageContaining("in use");
    }

    /** The engines alone: what one end exports, the other does, with both ends' keys in it. */
    @Test
    void theContextNamesTheClientThenTheServer() {
        byte[] context = Tls.context(a.identity.certificate(), b.identity.certificate());
        assertThat(context).hasSize(64).startsWith(Fingerprint.bytes(a.identity.certificate().getPublicKey()))
            .endsWith(Fingerprint.bytes(b.identity.certificate().getPublicKey()));
        SSLEngine engine = Tls.server(a.identity, certificate -> null);
        assertThat(engine.getNeedClientAuth()).isTrue();
        assertThat(engine.getEnabledProtocols()).containsExactly("TLSv1.3");
    }
}
