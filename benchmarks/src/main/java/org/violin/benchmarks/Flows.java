package org.violin.benchmarks;

import java.nio.ByteOrder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Segmenter;

/** A bulk TCP flow over IPv4 or IPv6 as Linux sends it: time stamps, super-frames of 45 segments of 1448 bytes. */
final class Flows {
    static final int SEGMENTS = 45;
    static final int SEGMENT_BYTES = 1448;

    private static final int ETHERNET = 14;
    private static final int TCP_BYTES = 32;
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    final UnsafeBuffer superFrame;
    final int length;
    final long offload;
    /** As a virtio-net header tells it. */
    final int gsoType;
    final int headerBytes;
    /** The segments one after the other, each {@link #segmentLength} bytes, with partial checksums. */
    final UnsafeBuffer segments;
    final int segmentLength;

    Flows(boolean isIpv6) {
        int transport = ETHERNET + (isIpv6 ? 40 : 20);
        headerBytes = transport + TCP_BYTES;
        length = headerBytes + SEGMENTS * SEGMENT_BYTES;
        superFrame = new UnsafeBuffer(BufferUtil.allocateDirectAligned(length, 64));
        for (int i = 0; i < length; i++) {
            superFrame.putByte(i, (byte) (i * 31));
        }
        superFrame.putShort(12, (short) (isIpv6 ? 0x86DD : 0x0800), ORDER);
        if (isIpv6) {
            superFrame.putInt(ETHERNET, 0x6000_0000, ORDER);
            superFrame.putShort(ETHERNET + 4, (short) (length - transport), ORDER);
            superFrame.putByte(ETHERNET + 6, (byte) 6);
        } else {
            superFrame.putInt(ETHERNET, 0x4500_0000 | length - ETHERNET, ORDER);
            superFrame.putInt(ETHERNET + 4, 0x4000, ORDER);
            superFrame.putByte(ETHERNET + 9, (byte) 6);
        }
        superFrame.putShort(transport + 12, (short) 0x8010, ORDER);
        gsoType = isIpv6 ? 4 : 1;
        offload = Offload.superFrame(isIpv6 ? Offload.TCP6 : Offload.TCP4, SEGMENT_BYTES, transport, 16);
        segmentLength = headerBytes + SEGMENT_BYTES;
        segments = new UnsafeBuffer(BufferUtil.allocateDirectAligned(SEGMENTS * segmentLength, 64));
        Segmenter segmenter = new Segmenter();
        segmenter.wrap(superFrame, 0, length, offload);
        segmenter.segmentCount(SEGMENT_BYTES);
        for (int i = 0; i < SEGMENTS; i++) {
            int from = i * SEGMENT_BYTES;
            segmenter.writeHeaders(from, SEGMENT_BYTES, segments, i * segmentLength);
            segments.putBytes(i * segmentLength + headerBytes, superFrame, headerBytes + from, SEGMENT_BYTES);
        }
    }
}
