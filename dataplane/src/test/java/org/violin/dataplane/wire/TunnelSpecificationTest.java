package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.DropReason;

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
        MatchResult vector = find("V1[^`]*```\\n([0-9a-f \\n]+)```").getFirst();
        UnsafeBuffer datagram = bytes(vector.group(1));
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
}
