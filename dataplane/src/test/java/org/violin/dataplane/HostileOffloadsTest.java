package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.wire.OffloadCheck;
import org.violin.dataplane.wire.ReferenceFrame;

/**
 * Frames with virtio-net headers that lie, from a program on the host that sends through the TAP: the kernel refuses
 * some; the rest reach the dataplane as the kernel passes them on.
 */
class HostileOffloadsTest {
    private static final int FRAMES = 6_000;
    /** Frames after which those that were sent are waited for: a super-frame may be cut into thousands. */
    private static final int PACE = 16;
    private static final int HEADER = OffloadCheck.HEADER_BYTES;
    private static final int GSO_TYPE = 1;
    private static final int GSO_HEADER_BYTES = 2;
    private static final int GSO_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;

    private final SplittableRandom random = Seeds.random("HostileOffloadsTest");

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void whatTheHostSaysOfItsFramesHurtsNobody(IoEngine engine) throws Exception {
        try (FastPath path = new FastPath(1500, 1500, engine);
            PacketSocket left = new PacketSocket(path.left, FastPath.TAP, 0, true)) {
            path.left.set("ipv6/conf/all/disable_ipv6", "1");
            int taken = 0;
            for (int i = 0; i < FRAMES; i++) {
                taken += left.offer(frame()) ? 1 : 0;
                if (i % PACE == 0) {
                    path.awaitEveryDatagram();
                }
            }
            long sent = path.left.device(FastPath.TAP).txFrames();
            FastPath.await("all frames", () -> FastPath.port(path.a, "tap").rxFrames() >= sent);
            path.awaitEveryDatagram();
            assertThat(taken).as("frames that the kernel takes").isGreaterThan(FRAMES / 20);
            assertThat(path.drops()).as("what the kernel passes on, lies and all").containsKey("a.tap.bad-offload");
            assertThat(path.drops()).as("what the other kernel refuses").doesNotContainKey("b.tap.egress-error");
            TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, 1 << 20, random.nextLong());
        }
    }

    /** A good frame behind a good header, one or more fields of which are then made up. */
    private byte[] frame() {
        boolean isLong = random.nextInt(10) == 0;
        ReferenceFrame frame = ReferenceFrame.random(random, random.nextInt(isLong ? 66_000 : 3_000));
        byte[] bytes = PacketSocket.withHeader(frame.bytes(), frame.superFrame(1 + random.nextInt(1_400)),
            frame.headerBytes());
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        for (int lies = random.nextInt(4); lies > 0; lies--) {
            lie(buffer, frame);
        }
        return bytes;
    }

    private void lie(UnsafeBuffer buffer, ReferenceFrame frame) {
        switch (random.nextInt(8)) {
            case 0 -> buffer.putByte(0, (byte) random.nextInt(256));
            case 1 -> buffer.putByte(GSO_TYPE, (byte) pick(0, 1, 3, 4, 5, 0x81, 0x84, 0x85, random.nextInt(256)));
            case 2 -> buffer.putShort(GSO_HEADER_BYTES, (short) number(frame));
            case 3, 4 -> buffer.putShort(GSO_SIZE, (short) number(frame));
            case 5 -> buffer.putShort(CHECKSUM_START, (short) number(frame));
            case 6 -> buffer.putShort(CHECKSUM_OFFSET, (short) number(frame));
            default -> buffer.putByte(HEADER + random.nextInt(frame.headerBytes()), (byte) random.nextInt(256));
        }
    }

    private int number(ReferenceFrame frame) {
        return pick(0, 1, 7, 8, 9, frame.transport(), frame.headerBytes(), frame.headerBytes() - 1,
            frame.payloadBytes(), frame.payloadBytes() + 1, frame.bytes().length, 0x7FFF, 0x8000, 0xFFFF,
            random.nextInt(1 << 16), random.nextInt(256));
    }

    private int pick(int... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
