package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.Seeds;
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
        assertThat(reader.offload()).isEqualTo(Offload.checksum(34, 16));
    }

    @Test
    void readsTheSuperFramesThatAreWritten() {
        SplittableRandom random = Seeds.random("RecordReaderTest");
        for (int i = 0; i < 2_000; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, 17 + random.nextInt(3_000));
            long offload = frame.superFrame(16 + random.nextInt(frame.payloadBytes() - 16));
            boolean isCut = OffloadCheck.check(frame.buffer(), 0, frame.bytes().length, Offload.gsoType(offload),
                Offload.gsoSize(offload), frame.transport(), frame.checksumOffset()) != OffloadCheck.BAD;
            UnsafeBuffer record = superFrame(frame, offload);
            reader.wrap(record, 0, record.capacity());
            assertThat(reader.next()).isEqualTo(isCut);
            if (isCut) {
                assertThat(reader.kind()).isEqualTo(TunnelCodec.KIND_SUPER_FRAME);
                assertThat(reader.offload()).isEqualTo(offload);
                assertThat(reader.bodyOffset()).isEqualTo(TunnelCodec.SUPER_FRAME_RECORD_HEADER_BYTES);
                assertThat(reader.bodyLength()).isEqualTo(frame.bytes().length);
                assertThat(reader.next()).isFalse();
            }
            assertThat(reader.error()).isEqualTo(isCut ? null : DropReason.BAD_METADATA);
        }
    }

    private static UnsafeBuffer superFrame(ReferenceFrame frame, long offload) {
        int headers = TunnelCodec.SUPER_FRAME_RECORD_HEADER_BYTES;
        UnsafeBuffer record = new UnsafeBuffer(new byte[headers + frame.bytes().length]);
        TunnelCodec.writeSuperFrameRecord(record, 0, 0xCAFE_BABE, frame.bytes().length, frame.headerBytes(), offload);
        record.putBytes(headers, frame.bytes());
        return record;
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
        BAD_METADATA, 00100301cafebabe000e00000100000e0001000002000000000202000000000108004500
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

    /** TCP over IPv4, 20 bytes of payload in segments of 10; then one thing that is said of it is changed. */
    @ParameterizedTest
    @CsvSource(textBlock = """
        true, 00220010 01000036 000a0000
        true, 00220010 81000036 000a0000
        true, 00220010 01000036 00080000
        true, 00220010 01000036 00140000
        true, 00220010 01000036 ffff0000
        false, 00220010 00000036 000a0000
        false, 00220010 02000036 000a0000
        false, 00220010 04000036 000a0000
        false, 00220010 05000036 000a0000
        false, 00220010 85000036 000a0000
        false, 00220010 01010036 000a0000
        false, 00220010 01000035 000a0000
        false, 00220010 01000000 000a0000
        false, 00220010 0100004a 000a0000
        false, 00220010 01000036 000a0001
        false, 00220010 01000036 00000000
        false, 00220010 01000036 00070000
        false, 00220006 01000036 000a0000
        false, 00210010 01000036 000a0000
        false, 000e0010 01000036 000a0000
        """)
    void holdsASuperFrameToItsHeaders(boolean good, String metadata) {
        String ethernet = "020000000002" + "020000000001" + "0800";
        String ip = "4500003c000040004006" + "0000" + "0a0000010a000002";
        String tcp = "0016c000" + "00000001" + "00000000" + "50180200" + "0000" + "0000";
        String frame = ethernet + ip + tcp + body(20);
        read(reader, "004a0301cafebabe" + metadata.replace(" ", "") + frame);
        assertThat(reader.next()).isEqualTo(good);
        assertThat(reader.error()).isEqualTo(good ? null : DropReason.BAD_METADATA);
        read(reader, "004a0301cafebabe" + "0022001001000036000a0000" + frame.replace("4500003c", "4500003d"));
        assertThat(reader.next()).as("a length in the frame that is not its own").isFalse();
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
