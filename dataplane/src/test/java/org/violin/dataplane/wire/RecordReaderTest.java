package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;

class RecordReaderTest {
    private static final int EVERYTHING = TunnelCodec.CAPABILITY_CHECKSUM | TunnelCodec.CAPABILITY_SUPER_FRAME;
    private static final String FRAME = "000e0100cafebabe" + "0200000000020200000000010800";

    private final RecordReader reader = new RecordReader(EVERYTHING);

    private static String body(int length) {
        return "ab".repeat(length);
    }

    private RecordReader read(RecordReader reader, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        reader.wrap(new UnsafeBuffer(bytes), 0, bytes.length);
        return reader;
    }

    @Test
    void readsRecordAfterRecord() {
        read(reader, FRAME + "02f50200cafebabf0000000702f505ea" + body(757));
        assertThat(reader.next()).isTrue();
        assertThat(reader.kind()).isEqualTo(TunnelCodec.KIND_FRAME);
        assertThat(reader.linkId()).isEqualTo(0xCAFE_BABE);
        assertThat(reader.bodyOffset()).isEqualTo(8);
        assertThat(reader.bodyLength()).isEqualTo(14);
        assertThat(reader.frameLength()).isEqualTo(14);
        assertThat(reader.needsChecksum()).isFalse();
        assertThat(reader.next()).isTrue();
        assertThat(reader.kind()).isEqualTo(TunnelCodec.KIND_FRAGMENT);
        assertThat(reader.linkId()).isEqualTo(0xCAFE_BABF);
        assertThat(reader.bodyOffset()).isEqualTo(22 + 16);
        assertThat(reader.bodyLength()).isEqualTo(757);
        assertThat(reader.frameId()).isEqualTo(7);
        assertThat(reader.fragmentOffset()).isEqualTo(757);
        assertThat(reader.frameLength()).isEqualTo(1514);
        assertThat(reader.next()).isFalse();
        assertThat(reader.next()).isFalse();
        assertThat(reader.error()).isNull();
    }

    @Test
    void readsMetadata() {
        read(reader, "00400101cafebabe" + "00220010" + body(64));
        assertThat(reader.next()).isTrue();
        assertThat(reader.needsChecksum()).isTrue();
        assertThat(reader.checksumStart()).isEqualTo(34);
        assertThat(reader.checksumOffset()).isEqualTo(16);
        assertThat(reader.bodyOffset()).isEqualTo(12);
        read(reader, "0bb80301cafebabe" + "00220010" + "0100003605600000" + body(3000));
        assertThat(reader.next()).isTrue();
        assertThat(reader.kind()).isEqualTo(TunnelCodec.KIND_SUPER_FRAME);
        assertThat(reader.gsoType()).isEqualTo(Offload.TCP4);
        assertThat(reader.gsoHeaderLength()).isEqualTo(54);
        assertThat(reader.gsoSize()).isEqualTo(1376);
        assertThat(reader.bodyOffset()).isEqualTo(20);
        assertThat(reader.next()).isFalse();
        assertThat(reader.error()).isNull();
    }

    @Test
    void wrapsAgainAfterAnError() {
        assertThat(read(reader, "00").next()).isFalse();
        assertThat(reader.error()).isNull();
        assertThat(read(reader, "01").next()).isFalse();
        assertThat(reader.error()).isEqualTo(DropReason.RECORD_TRUNCATED);
        assertThat(read(reader, FRAME).next()).isTrue();
        assertThat(reader.error()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"''", "00", "00000000000000", "0000000000000000", "0000000000000000ffff"})
    void aDatagramMayEndInPadding(String padding) {
        read(reader, FRAME + padding);
        assertThat(reader.next()).isTrue();
        assertThat(reader.next()).isFalse();
        assertThat(reader.error()).isNull();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        RECORD_TRUNCATED, 000001
        RECORD_TRUNCATED, 000e0100cafeba
        RECORD_TRUNCATED, 000f0100cafebabe020000000002020000000001080
        RECORD_TRUNCATED, 00010200cafebabe000000070000000
        RECORD_TRUNCATED, 000e0101cafebabe000000000200000000020200000000010
        RECORD_TRUNCATED, ffff0100cafebabe0200000000020200000000010800
        RECORD_LENGTH, 000d0100cafebabe02000000000202000000000108
        RECORD_LENGTH, 00000100cafebabe
        RECORD_LENGTH, 00000200cafebabe000000070000000e
        BAD_RECORD_KIND, 000e0400cafebabe0200000000020200000000010800
        BAD_RECORD_KIND, 000eff00cafebabe0200000000020200000000010800
        BAD_RECORD_KIND, 00000001000000000000
        BAD_RECORD_KIND, 00010000000000000000
        BAD_RECORD_KIND, 00000000000000010000
        BAD_METADATA, 000e0102cafebabe0200000000020200000000010800
        BAD_METADATA, 000e0180cafebabe0200000000020200000000010800
        BAD_METADATA, 000e0101cafebabe000c00010200000000020200000000010800
        BAD_METADATA, 000e0101cafebabeffffffff0200000000020200000000010800
        BAD_METADATA, 00100101cafebabe000d000002000000000202000000000108004500
        BAD_METADATA, 00020201cafebabe00000000000000070001000eabcd
        BAD_METADATA, 000f0300cafebabe0100000e00010000020000000002020000000001080045
        BAD_METADATA, 00100301cafebabe000e00000200000e0001000002000000000202000000000108004500
        BAD_METADATA, 00100301cafebabe000e00008500000e0001000002000000000202000000000108004500
        BAD_METADATA, 00100301cafebabe000e0000010000100001000002000000000202000000000108004500
        BAD_METADATA, 00100301cafebabe000e00000100000d0001000002000000000202000000000108004500
        BAD_METADATA, 00100301cafebabe000e00000100000e0000000002000000000202000000000108004500
        BAD_METADATA, 00100301cafebabe000e00000101000e0001000002000000000202000000000108004500
        BAD_METADATA, 00100301cafebabe000e00000100000e0001000102000000000202000000000108004500
        FRAGMENT_BOUNDS, 00020200cafebabe00000007000d000eabcd
        FRAGMENT_BOUNDS, 00020200cafebabe000000070000000dabcd
        FRAGMENT_BOUNDS, 00020200cafebabe00000007ffffffffabcd
        """)
    void namesWhatIsWrongWithARecord(DropReason reason, String hex) {
        // An odd digit at the end is half a byte too few: the record is cut there.
        read(reader, FRAME + hex.substring(0, hex.length() & ~1));
        assertThat(reader.next()).isTrue();
        assertThat(reader.next()).isFalse();
        assertThat(reader.error()).isEqualTo(reason);
        assertThat(reader.next()).isFalse();
    }

    @Test
    void theSameSuperFrameIsGoodWithNothingWrong() {
        String superFrame = "00100301cafebabe000e00000100000e0001000002000000000202000000000108004500";
        assertThat(read(reader, superFrame).next()).isTrue();
        assertThat(read(reader, superFrame.replace("0100000e", "8400000e")).next()).isTrue();
        assertThat(read(reader, superFrame.replace("0100000e", "0500000e")).next()).isTrue();
    }

    @Test
    void refusesWhatItsSideHasNotOffered() {
        RecordReader plain = new RecordReader(0);
        assertThat(read(plain, "000e0101cafebabe000000000200000000020200000000010800").next()).isFalse();
        assertThat(plain.error()).isEqualTo(DropReason.NOT_OFFERED);
        assertThat(read(plain, "000f0300cafebabe0100000e00010000020000000002020000000001080045").next()).isFalse();
        assertThat(plain.error()).isEqualTo(DropReason.NOT_OFFERED);
    }
}
