package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.wire.SegmentHeaders;
import org.violin.dataplane.wire.Segmenter;

/** Describes to the library how a super-frame is cut: a {@code struct violin_cut}. */
final class Cut {

    private Cut() {
    }

    /**
     * Writes {@link Layout#CUT_BYTES} bytes.
     *
     * @param frame        where in the template that follows the frame's headers begin
     * @param segmenter    has taken the super-frame, and knows the cut
     * @param payloadFrom  where the first segment's payload begins in that
     * @param payloadBytes of all segments that are made
     * @param segmentBytes of payload in each but the last
     */
    static void write(MutableDirectBuffer buffer, int offset, int frame, Segmenter segmenter, int payloadFrom,
        int payloadBytes, int segmentBytes) {
        SegmentHeaders headers = segmenter.headers();
        int last = (payloadBytes - 1) / segmentBytes * segmentBytes;
        int kind = (headers.isIpv6() ? Layout.CUT_IPV6 : 0) | (headers.isUdp() ? Layout.CUT_UDP : 0);
        int firstFlags = segmenter.flags(payloadFrom, Math.min(segmentBytes, payloadBytes));
        int lastFlags = segmenter.flags(payloadFrom + last, payloadBytes - last);
        buffer.putInt(offset + Layout.CUT_SEQUENCE, segmenter.sequence(payloadFrom));
        buffer.putInt(offset + Layout.CUT_IPV4_SUM, headers.ipv4HeaderSum());
        buffer.putInt(offset + Layout.CUT_PSEUDO_SUM, headers.pseudoHeaderSum());
        buffer.putShort(offset + Layout.CUT_ID, (short) segmenter.id(payloadFrom));
        buffer.putShort(offset + Layout.CUT_SEGMENT_BYTES, (short) segmentBytes);
        buffer.putShort(offset + Layout.CUT_FRAME, (short) frame);
        buffer.putShort(offset + Layout.CUT_NETWORK, (short) (frame + headers.network()));
        buffer.putShort(offset + Layout.CUT_TRANSPORT, (short) (frame + headers.transport()));
        buffer.putByte(offset + Layout.CUT_KIND, (byte) kind);
        buffer.putByte(offset + Layout.CUT_FIRST_FLAGS, (byte) firstFlags);
        buffer.putByte(offset + Layout.CUT_LAST_FLAGS, (byte) lastFlags);
        buffer.putByte(offset + Layout.CUT_FLAGS, (byte) segmenter.innerFlags());
    }
}
