package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.Seeds;

class FrameDecoderTest {
    private final SplittableRandom random = Seeds.random("FrameDecoderTest");
    private final List<byte[]> received = new ArrayList<>();
    private final List<ByteBuf> handed = new ArrayList<>();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final FrameDecoder decoder = new FrameDecoder(allocator, datagram -> {
        received.add(ByteBufUtil.getBytes(datagram));
        handed.add(datagram);
        datagram.release();
    });

    private boolean read(ByteBuf bytes) {
        try {
            return decoder.read(bytes);
        } finally {
            bytes.release();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100, 1_500, 65_536, 300_000})
    void datagramsComeOutWholeHoweverTheStreamIsCut(int chunkBytesMax) {
        List<byte[]> sent = new ArrayList<>();
        ByteBuf stream = Unpooled.buffer();
        while (stream.readableBytes() < Math.min(2_000_000, 20_000 * chunkBytesMax)) {
            int bytes = random.nextInt(4) == 0 ? 0
                : random.nextBoolean() ? random.nextInt(16, 200) : random.nextInt(16, 65_536);
            byte[] datagram = new byte[bytes];
            random.nextBytes(datagram);
            stream.writeShort(bytes).writeBytes(datagram);
            if (bytes > 0) {
                sent.add(datagram);
            }
        }
        while (stream.isReadable()) {
            int bytes = Math.min(stream.readableBytes(), 1 + random.nextInt(chunkBytesMax));
            assertThat(read(Unpooled.copiedBuffer(stream.readSlice(bytes)))).isTrue();
        }
        assertThat(received).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(received.get(i)).isEqualTo(sent.get(i));
        }
        assertNothingIsHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15})
    void aLengthThatNoDatagramHasEndsIt(int length) {
        assertThat(read(Unpooled.buffer().writeShort(16).writeZero(16).writeShort(0).writeShort(length).writeZero(40)))
            .isFalse();
        assertThat(decoder.isFarewell()).isEqualTo(length == 1);
        assertThat(received).hasSize(1);
        assertNothingIsHeld();
    }

    @Test
    void halfADatagramIsLetGo() {
        assertThat(read(Unpooled.buffer().writeShort(1_000).writeZero(999))).isTrue();
        assertThat(allocator.metric().usedDirectMemory()).isEqualTo(1_000);
        decoder.close();
        assertNothingIsHeld();
    }

    private void assertNothingIsHeld() {
        assertThat(handed).allMatch(datagram -> datagram.refCnt() == 0);
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
}
