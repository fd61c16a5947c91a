package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;

/** The bytes here are the test vectors of docs/tunnel-protocol.md. */
class TunnelCodecTest {
    private final byte[] bytes = new byte[64];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);

    private String hex(int length) {
        return HexFormat.of().formatHex(bytes, 0, length);
    }

    private static DropReason check(String hex) {
        UnsafeBuffer datagram = new UnsafeBuffer(HexFormat.of().parseHex(hex));
        return TunnelCodec.check(datagram, 0, datagram.capacity());
    }

    @Test
    void writesAndReadsTheHeader() {
        TunnelCodec.writeHeader(buffer, 0, TunnelCodec.TYPE_DATA, 0xA1B2_C3D4, 0x0102_0304_0506_0708L);
        assertThat(hex(16)).isEqualTo("11000000a1b2c3d40102030405060708");
        assertThat(TunnelCodec.check(buffer, 0, 16)).isNull();
        assertThat(TunnelCodec.type(buffer, 0)).isEqualTo(TunnelCodec.TYPE_DATA);
        assertThat(TunnelCodec.receiverIndex(buffer, 0)).isEqualTo(0xA1B2_C3D4);
        assertThat(TunnelCodec.counter(buffer, 0)).isEqualTo(0x0102_0304_0506_0708L);
    }

    @Test
    void writesRecordHeaders() {
        long partial = Offload.checksum(34, 16);
        TunnelCodec.writeFrameRecord(buffer, 0, 0xCAFE_BABE, 60, Offload.NONE);
        assertThat(hex(TunnelCodec.frameRecordHeaderBytes(Offload.NONE))).isEqualTo("003c0100cafebabe");
        TunnelCodec.writeFrameRecord(buffer, 0, 0xCAFE_BABE, 64, partial);
        assertThat(hex(TunnelCodec.frameRecordHeaderBytes(partial))).isEqualTo("00400101cafebabe00220010");
        TunnelCodec.writeFragmentRecord(buffer, 0, 0xCAFE_BABE, 7, 757, 1514, 757, Offload.NONE);
        assertThat(hex(TunnelCodec.fragmentRecordHeaderBytes(Offload.NONE)))
            .isEqualTo("02f50200cafebabe0000000702f505ea");
        TunnelCodec.writeFragmentRecord(buffer, 0, 0xCAFE_BABE, 7, 0, 1514, 757, partial);
        assertThat(hex(TunnelCodec.fragmentRecordHeaderBytes(partial)))
            .isEqualTo("02f50201cafebabe0022001000000007000005ea");
        TunnelCodec.writeFragmentRecord(buffer, 0, -1, -1, 65_000, 65_535, 535, Offload.NONE);
        assertThat(hex(16)).isEqualTo("02170200fffffffffffffffffde8ffff");
    }

    @Test
    void namesWhatIsWrongWithAHeader() {
        String rest = "000000a1b2c3d40000000000000001";
        assertThat(check("11" + rest)).isNull();
        assertThat(check("11" + rest.substring(2))).isEqualTo(DropReason.DATAGRAM_SHORT);
        assertThat(check("")).isEqualTo(DropReason.DATAGRAM_SHORT);
        assertThat(check("21" + rest)).isEqualTo(DropReason.BAD_VERSION);
        assertThat(check("01" + rest)).isEqualTo(DropReason.BAD_VERSION);
        assertThat(check("10" + rest)).isEqualTo(DropReason.BAD_TYPE);
        assertThat(check("16" + rest)).isEqualTo(DropReason.BAD_TYPE);
        assertThat(check("1f" + rest)).isEqualTo(DropReason.BAD_TYPE);
        assertThat(check("1101" + rest.substring(2))).isEqualTo(DropReason.BAD_RESERVED);
        assertThat(check("11000080" + rest.substring(6))).isEqualTo(DropReason.BAD_RESERVED);
        assertThat(check("11000000a1b2c3d48000000000000001")).isEqualTo(DropReason.BAD_RESERVED);
        assertThat(check("12" + rest)).isEqualTo(DropReason.DATAGRAM_SHORT);
        assertThat(check("12" + rest + "00".repeat(31))).isEqualTo(DropReason.DATAGRAM_SHORT);
        assertThat(check("12" + rest + "00".repeat(32))).isNull();
    }
}
