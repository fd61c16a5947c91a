package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.sys.FecEncoder;
import org.violin.dataplane.sys.SealedBatch;

/** Holds docs/tunnel-protocol.md to the code: its labels exist, and its vectors are read as it says. */
class TunnelSpecificationTest {
    private static final Path SPECIFICATION = Path.of("..", "docs", "tunnel-protocol.md");
    private static final List<String> LABELS = Arrays.stream(DropReason.values()).map(DropReason::label).toList();

    private final String text;

    TunnelSpecificationTest() throws IOException {
        text = Files.readString(SPECIFICATION);
    }

    private List<MatchResult> find(String regex) {
        return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).results().toList();
    }

    private static UnsafeBuffer bytes(String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    /** The bytes of the vector's block. */
    private byte[] vector(String name) {
        MatchResult vector = find("\\*\\*" + name + "\\*\\*[^`]*```\\n([0-9a-f \\n]+)```").getFirst();
        return HexFormat.of().parseHex(vector.group(1).replaceAll("\\s", ""));
    }

    @Test
    void itsLabelsAreThoseOfTheCounters() {
        List<MatchResult> labels = find("\\(`([a-z-]+)`\\)|\\| `([a-z-]+)` \\|");
        assertThat(labels).hasSizeGreaterThan(15);
        assertThat(labels).allMatch(m -> LABELS.contains(m.group(1) == null ? m.group(2) : m.group(1))
            || "insecure-plaintext".equals(m.group(2)));
    }

    @Test
    void itsBadDatagramsAndRecordsAreDroppedForWhatItSays() {
        List<MatchResult> vectors = find("^([0-9a-f ]{16,}?)  +([a-z-]+)$");
        assertThat(vectors).hasSize(10);
        RecordReader reader = new RecordReader(0);
        for (int i = 0; i < vectors.size(); i++) {
            UnsafeBuffer vector = bytes(vectors.get(i).group(1));
            DropReason reason = TunnelCodec.check(vector, 0, vector.capacity());
            if (i >= 5) {
                reader.wrap(vector, 0, vector.capacity());
                assertThat(reader.next()).isFalse();
                reason = reader.error();
            }
            assertThat(reason).as(vectors.get(i).group()).isNotNull();
            assertThat(reason.label()).isEqualTo(vectors.get(i).group(2));
        }
    }

    @Test
    void itsDatagramWithOneFrameIsRead() {
        UnsafeBuffer datagram = new UnsafeBuffer(vector("V1"));
        assertThat(TunnelCodec.check(datagram, 0, datagram.capacity())).isNull();
        assertThat(TunnelCodec.receiverIndex(datagram, 0)).isEqualTo(0xA1B2_C3D4);
        assertThat(TunnelCodec.counter(datagram, 0)).isEqualTo(0x0102_0304_0506_0708L);
        RecordReader reader = new RecordReader(0);
        reader.wrap(datagram, TunnelCodec.HEADER_BYTES, datagram.capacity() - TunnelCodec.HEADER_BYTES);
        assertThat(reader.next()).isTrue();
        assertThat(reader.linkId()).isEqualTo(0xCAFE_BABE);
        assertThat(reader.bodyLength()).isEqualTo(14);
        assertThat(reader.next()).isFalse();
        assertThat(reader.error()).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"AES_256_GCM", "CHACHA20_POLY1305"})
    void itsSealedDatagramIsWhatIsMade(Aead.Cipher cipher) {
        byte[] all = vector("V7");
        int sealed = (all.length - TunnelCodec.HEADER_BYTES) / 2;
        int from = TunnelCodec.HEADER_BYTES + (cipher == Aead.Cipher.AES_256_GCM ? 0 : sealed);
        byte[] plain = vector("V1");
        byte[] key = HexFormat.of().parseHex(find("^A  ([0-9a-f]{64})$").getFirst().group(1));
        UnsafeBuffer datagram = new UnsafeBuffer(ByteBuffer.allocateDirect(TunnelCodec.HEADER_BYTES + sealed));
        datagram.putBytes(0, plain);
        datagram.putBytes(0, all, 0, TunnelCodec.HEADER_BYTES);
        try (Aead aead = Aead.sealing(cipher, key); SealedBatch batch = new SealedBatch()) {
            batch.add(datagram, 0, plain.length);
            batch.seal(aead);
        }
        byte[] made = new byte[sealed];
        datagram.getBytes(TunnelCodec.HEADER_BYTES, made);
        assertThat(made).isEqualTo(Arrays.copyOfRange(all, from, from + sealed));
    }

    @Test
    void itsParityIsWhatIsMade() {
        byte[] both = vector("V8");
        byte[] member = Arrays.copyOf(vector("V1"), both.length);
        int bytes = vector("V1").length;
        UnsafeBuffer storage = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
        try (FecEncoder encoder = new FecEncoder(256)) {
            encoder.shape(2, 2, 1);
            for (int i = 0; i < 2; i++) {
                storage.putBytes(0, member);
                storage.putLong(8, 5 + 2 * i, ByteOrder.BIG_ENDIAN);
                if (i == 1) {
                    storage.putByte(TunnelCodec.HEADER_BYTES + 1, (byte) 15);
                    storage.putByte(bytes, (byte) 0xFF);
                }
                encoder.add(storage, 0, bytes + i);
            }
            for (int row = 0; row < 2; row++) {
                UnsafeBuffer parity = new UnsafeBuffer(both, row * both.length / 2, both.length / 2);
                assertThat(TunnelCodec.check(parity, 0, parity.capacity())).isNull();
                assertThat(ParityCodec.check(parity, 0, parity.capacity())).isNull();
                assertThat(ParityCodec.row(parity, 0)).isEqualTo(row);
                assertThat(ParityCodec.first(parity, 0)).isEqualTo(encoder.first(0));
                assertThat(ParityCodec.symbolBytes(parity, 0)).isEqualTo(encoder.symbolBytes(0));
                byte[] made = new byte[encoder.symbolBytes(0)];
                encoder.parity().getBytes(encoder.parityOffset(0, row), made);
                assertThat(made).isEqualTo(Arrays.copyOfRange(both, (row + 1) * both.length / 2 - made.length,
                    (row + 1) * both.length / 2));
            }
        }
    }
}
