package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixHttpTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path directory;
    private Path socket;
    private ServerSocketChannel server;

    @BeforeEach
    void listen() throws IOException {
        socket = directory.resolve("s");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** Answers one connection with these pieces and ends it; completes with the request's first bytes. */
    private CompletableFuture<String> answer(boolean hangUp, String... pieces) {
        CompletableFuture<String> request = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                SocketChannel peer = server.accept();
                String whole = readRequest(peer);
                for (String piece : pieces) {
                    peer.write(ByteBuffer.wrap(piece.getBytes(StandardCharsets.UTF_8)));
                }
                if (hangUp) {
                    peer.close();
                }
                request.complete(whole);
            } catch (IOException e) {
                request.completeExceptionally(e);
            }
        });
        return request;
    }

    /** The head and as much body as it announces, in however many pieces they come. */
    private static String readRequest(SocketChannel peer) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(8192);
        while (true) {
            String text = new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
            int head = text.indexOf("\r\n\r\n");
            Matcher length = Pattern.compile("Content-Length: (\\d+)").matcher(text);
            int body = length.find() ? Integer.parseInt(length.group(1)) : 0;
            boolean isWhole = head >= 0 && text.length() >= head + 4 + body;
            if (isWhole || peer.read(in) < 0) {
                return text;
            }
        }
    }

    private String get(Duration timeout) throws IOException {
        try (UnixHttp http = UnixHttp.connect(socket, timeout)) {
            http.exchange("GET", "/v1/x?y=z", "", new byte[0]);
            return http.status() + " " + new String(http.body().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void readsABodyOfAKnownLength() throws Exception {
        CompletableFuture<String> request = answer(false, "HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\nhel", "lo");
        assertThat(get(LIMIT)).isEqualTo("200 hello");
        assertThat(request.get()).startsWith("GET /v1/x?y=z HTTP/1.1\r\n").contains("\r\nHost: ").endsWith("\r\n\r\n")
            .doesNotContain("Content-Length");
    }

    @Test
    void readsAChunkedBodyWithExtensionsAndTrailers() throws Exception {
        answer(false, "HTTP/1.1 422 \r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r", "\nA\r\n0123456789\r\n",
            "0\r\nTrailer: t\r\n\r\n");
        assertThat(get(LIMIT)).isEqualTo("422 abc0123456789");
    }

    @Test
    void readsABodyThatEndsWithTheConnection() throws Exception {
        answer(true, "HTTP/1.1 200 OK\n\nall of it");
        assertThat(get(LIMIT)).isEqualTo("200 all of it");
    }

    @Test
    void sendsABodyWithItsLength() throws Exception {
        CompletableFuture<String> request = answer(false, "HTTP/1.1 204 No Content\r\n\r\n");
        try (UnixHttp http = UnixHttp.connect(socket, LIMIT)) {
            http.exchange("PUT", "/", "application/json", "{}".getBytes(StandardCharsets.UTF_8));
            assertThat(http.status()).isEqualTo(204);
            assertThat(http.body().read()).isEqualTo(-1);
        }
        assertThat(request.get()).contains("Content-Length: 2\r\n", "Content-Type: application/json\r\n")
            .endsWith("\r\n\r\n{}");
    }

    @Test
    void tellsAnAnswerThatIsCutOff() {
        answer(true, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort");
        assertThatThrownBy(() -> get(LIMIT)).isInstanceOf(EOFException.class).hasMessageContaining("middle");
        answer(true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
        assertThatThrownBy(() -> get(LIMIT)).isInstanceOf(EOFException.class);
        answer(true);
        assertThatThrownBy(() -> get(LIMIT)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesWhatIsNotHttp() {
        answer(true, "SSH-2.0-OpenSSH\r\n");
        assertThatThrownBy(() -> get(LIMIT)).hasMessageContaining("not an HTTP/1.1 answer: SSH-2.0");
        answer(true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n");
        assertThatThrownBy(() -> get(LIMIT)).hasMessageContaining("not a chunk size");
    }

    @Test
    void givesUpOnASilentPeer() {
        answer(false);
        assertThatThrownBy(() -> get(Duration.ofMillis(50))).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void canBeInterrupted() throws Exception {
        CompletableFuture<String> accepted = answer(false);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread reader = Thread.ofPlatform().daemon().start(() -> {
            try {
                failure.complete(new AssertionError(get(Duration.ZERO)));
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        accepted.get();
        reader.interrupt();
        assertThat(failure.get()).isInstanceOf(InterruptedIOException.class);
    }

    @Test
    void closingEndsARead() throws Exception {
        CompletableFuture<String> accepted = answer(false, "HTTP/1.1 200 OK\r\n\r\n");
        UnixHttp http = UnixHttp.connect(socket, Duration.ZERO);
        http.exchange("GET", "/", "", new byte[0]);
        accepted.get();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                failure.complete(new AssertionError(http.body().read()));
            } catch (IOException | RuntimeException e) {
                failure.complete(e);
            }
        });
        http.close();
        assertThat(failure.get()).isInstanceOf(IOException.class);
    }

    @Test
    void namesTheHostAndTheReasonWhenNobodyListens() {
        DaemonClient client = new DaemonClient("princeton", directory.resolve("none"));
        assertThatThrownBy(client::host).isInstanceOf(ApiException.class)
            .hasMessageStartingWith("princeton: its daemon does not answer at " + directory)
            .satisfies(e -> assertThat(((ApiException) e).unreachable()).isTrue());
    }

    @Test
    void carriesTheDaemonsErrorText() {
        DaemonClient client = new DaemonClient("princeton", socket);
        answer(true, "HTTP/1.1 409 Conflict\r\n\r\n{\"error\":\"tap vt0: EBUSY\",\"rolledBack\":true}");
        assertThatThrownBy(client::networks).hasMessage("princeton: tap vt0: EBUSY");
        answer(true, "HTTP/1.1 409 Conflict\r\n\r\n{\"error\":\"tap vt0: EBUSY\",\"rolledBack\":false}");
        assertThatThrownBy(client::networks).hasMessageContaining("not all of the change could be undone");
        answer(true, "HTTP/1.1 500 Oops\r\n\r\nplain text");
        assertThatThrownBy(client::networks).hasMessage("princeton: status 500: plain text");
        answer(true, "HTTP/1.1 200 OK\r\n\r\n{\"half\":");
        assertThatThrownBy(client::networks).hasMessageContaining("of one version?");
    }
}
