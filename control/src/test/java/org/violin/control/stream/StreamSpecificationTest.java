package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.keys.SharedKey;

/** Holds docs/transports.md to the code: its counters exist, and its test vector is what the hello says. */
class StreamSpecificationTest {
    private static final Path SPECIFICATION = Path.of("..", "docs", "transports.md");

    private final String text;

    StreamSpecificationTest() throws IOException {
        text = Files.readString(SPECIFICATION);
    }

    /** Random numbers that count up from a given byte. */
    private static final class Counting extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final int first;

        Counting(int first) {
            this.first = first;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (first + i);
            }
        }
    }

    private byte[] vector(String label) {
        Matcher found = Pattern.compile("(?m)^" + label + "  ([0-9a-f ]+(?:\\n {3}[0-9a-f]+)?)$").matcher(text);
        assertThat(found.find()).as(label).isTrue();
        return HexFormat.of().parseHex(found.group(1).replaceAll("\\s", ""));
    }

    @Test
    void itsVectorIsWhatIsSaid(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("key");
        Files.writeString(file, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        SharedKey shared = SharedKey.read(file);
        byte[] key = shared.derive(StreamParts.KEY_LABEL);
        assertThat(key).isEqualTo(vector("stream key"));
        TunnelName name = TunnelName.between(new InetSocketAddress("198.51.100.7", 443),
            new InetSocketAddress("192.0.2.2", 7000));
        assertThat(name.bytes()).isEqualTo(vector("name"));
        assertThat(shared.derive(name.keyLabel())).isEqualTo(vector("tunnel key"));
        TunnelName name6 = TunnelName.between(new InetSocketAddress("2001:db8::1", 7000),
            new InetSocketAddress("2001:db8::2", 7000));
        assertThat(name6.bytes()).isEqualTo(vector("name of IPv6"));
        byte[] binding = new byte[StreamHello.BINDING_BYTES];
        StreamHello client = new StreamHello(key, StreamHello.Mode.KEYED, binding, name, new Counting(0x20));
        StreamHello server = new StreamHello(key, StreamHello.Mode.KEYED, binding, null, new Counting(0x40));
        byte[] first = client.first();
        assertThat(first).isEqualTo(Arrays.copyOf(vector("1"), StreamHello.FIRST_BYTES));
        server.onFirst(first);
        byte[] answer = server.answer();
        assertThat(answer).isEqualTo(Arrays.copyOf(vector("2"), StreamHello.ANSWER_BYTES));
        assertThat(client.onAnswer(answer)).isEqualTo(vector("3"));
    }

    @Test
    void itHasEveryCounter() {
        List<String> labels = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| [^|]+ \\|$")
            .matcher(text.substring(text.indexOf("| connections |"), text.indexOf("## How it works"))).results()
            .map((MatchResult result) -> result.group(1)).toList();
        assertThat(labels).containsExactlyInAnyOrderElementsOf(
            Arrays.stream(StreamEvent.values()).map(StreamEvent::label).toList());
    }
}
