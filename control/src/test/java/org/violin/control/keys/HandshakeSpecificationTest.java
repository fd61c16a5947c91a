package org.violin.control.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.SealCipher;

/** Holds docs/tunnel-protocol.md to the code: the handshake's labels, and its vector. */
class HandshakeSpecificationTest {
    private static final String KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String SECRET_A = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    private static final String SECRET_B = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";

    private final String text;

    HandshakeSpecificationTest() throws IOException {
        text = Files.readString(Path.of("..", "docs", "tunnel-protocol.md"));
    }

    /** The bytes of side {@code name} in the vector's block of that number. */
    private byte[] vector(String name, int block) {
        String vector = text.substring(text.indexOf("**V6**"), text.indexOf("## Security considerations"));
        String[] blocks = vector.split("```");
        MatchResult found = Pattern.compile("^" + name + "((?: +[0-9a-f]+)+(?:\\n  +[0-9a-f ]+)*)", Pattern.MULTILINE)
            .matcher(blocks[2 * block + 1]).results().findFirst().orElseThrow();
        return HexFormat.of().parseHex(found.group(1).replaceAll("\\s", ""));
    }

    @Test
    void itsReasonsAreThoseThatAreCounted() {
        List<String> labels = Arrays.stream(KeyEvent.values()).map(KeyEvent::label)
            .filter(label -> label.startsWith("handshake-")).toList();
        List<String> told = Pattern.compile("^\\d+\\. `([a-z-]+)`:", Pattern.MULTILINE).matcher(text).results()
            .map(found -> found.group(1)).toList();
        assertThat(told).containsExactlyInAnyOrderElementsOf(labels);
    }

    @Test
    void itsHandshakeIsTheOneThatIsMade() {
        SharedKey key = new SharedKey(HexFormat.of().parseHex(KEY));
        List<byte[]> sent = new ArrayList<>();
        Side a = side(key, sent, "1111111100000000", SECRET_A);
        Side b = side(key, sent, "2222222200000000", SECRET_B);
        a.agreement.onTick(0);
        assertThat(sent.getFirst()).isEqualTo(vector("A", 0)).hasSize(HandshakeCodec.BYTES);
        b.agreement.onDatagram(null, sent.getFirst(), 0);
        assertThat(sent.getLast()).isEqualTo(vector("B", 0)).hasSize(HandshakeCodec.BYTES);
        a.agreement.onDatagram(null, sent.getLast(), 0);
        assertThat(a.installed().getLast().sendKey()).isEqualTo(vector("A", 1));
        assertThat(a.installed().getLast().receiveKey()).isEqualTo(vector("B", 1));
        assertThat(a.installed().getLast().cipher()).isEqualTo(SealCipher.AES_256_GCM);
        assertThat(a.installed().getLast().localIndex()).isEqualTo(0x1111_1111);
        assertThat(Side.mirrored(a.installed().getLast(), b.installed().getLast())).isTrue();
    }

    private static Side side(SharedKey key, List<byte[]> sent, String index, String secret) {
        return new Side(key, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT,
            new SeededRandom(new SplittableRandom(1)).then(index).then(secret), 0,
            datagram -> sent.add((byte[]) datagram));
    }

    @Test
    void itsNumbersAreThoseOfTheCode() {
        assertThat(text.replace('\n', ' ')).contains("last 1,024 that were authentic",
            "no more than the last 4", "at most 1,000 of", "answers at most 20; it opens at most 100 answers");
        assertThat(HandshakeCodec.BYTES).isEqualTo(72);
        assertThat(KeyAgreement.SEEN_MAX).isEqualTo(1024);
        assertThat(KeyAgreement.ATTEMPTS_MAX).isEqualTo(4);
        assertThat(KeyAgreement.OPENED_PER_SECOND).isEqualTo(1000);
        assertThat(KeyAgreement.ANSWERED_PER_SECOND).isEqualTo(20);
        assertThat(KeyAgreement.ANSWERS_PER_SECOND).isEqualTo(100);
        assertThat(KeyAgreement.RENEWAL_DEFAULT).hasSeconds(120);
    }
}
