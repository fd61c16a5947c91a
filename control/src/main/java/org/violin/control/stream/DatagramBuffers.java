package org.violin.control.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Memory for the dataplane's datagrams: room for the longest, behind room for its length, so that a super-frame goes
 * from socket to socket without another copy in between.
 */
final class DatagramBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int LONGEST = 65_535;
    /** Shorter ones are copied: waiting, they would hold four times their size. */
    private static final int COPY_MAX_BYTES = LONGEST / 4;

    /** @param messages how many are read before they are sent */
    DatagramBuffers(int messages) {
        super(messages);
    }

    @Override
    public ExtendedHandle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return LONGEST;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return allocator.ioBuffer(FrameDecoder.LENGTH_BYTES + LONGEST).writeZero(FrameDecoder.LENGTH_BYTES);
            }
        };
    }

    /** The same bytes in memory that may be kept. */
    static ByteBuf fitted(ByteBuf frame) {
        int bytes = frame.readableBytes();
        if (bytes > COPY_MAX_BYTES) {
            return frame;
        }
        ByteBuf copy = frame.alloc().ioBuffer(bytes).writeBytes(frame);
        frame.release();
        return copy;
    }
}
