package org.violin.control.guest;

import java.nio.ByteBuffer;

/**
 * Finds frames in a stream that may begin, break off and go on anywhere. Not thread-safe. Bounded: holds at most two of
 * the longest frames.
 *
 * <p>The owner fills {@link #input()} and then calls {@link #next()} until it returns null.
 */
final class AgentDecoder {
    private final int payloadMax;
    private final ByteBuffer input;

    AgentDecoder(int payloadMax) {
        this.payloadMax = payloadMax;
        this.input = ByteBuffer.allocate(2 * (payloadMax + AgentFrame.OVERHEAD_BYTES));
    }

    /** Where to put what was read; has room after {@link #next()} has returned null. */
    ByteBuffer input() {
        return input;
    }

    /** The next whole frame, or null: more bytes are needed. Skips what can be no frame. */
    AgentFrame next() {
        input.flip();
        AgentFrame frame = null;
        while (frame == null && input.remaining() >= AgentFrame.OVERHEAD_BYTES) {
            int at = input.position();
            int length = input.getShort(at + 12) & 0xFFFF;
            if (input.getInt(at) != AgentFrame.MAGIC || input.get(at + 15) != AgentFrame.VERSION
                || length > payloadMax) {
                input.position(at + 1);
                continue;
            }
            if (input.remaining() < length + AgentFrame.OVERHEAD_BYTES) {
                break;
            }
            frame = check(at, length);
            input.position(frame == null ? at + 1 : at + length + AgentFrame.OVERHEAD_BYTES);
        }
        input.compact();
        return frame;
    }

    private AgentFrame check(int at, int length) {
        int end = at + AgentFrame.HEADER_BYTES + length;
        if (AgentFrame.crc(input.array(), at + 4, end - at - 4) != input.getInt(end)) {
            return null;
        }
        byte[] payload = new byte[length];
        input.get(at + AgentFrame.HEADER_BYTES, payload);
        return new AgentFrame(input.get(at + 14), input.getInt(at + 4), input.getInt(at + 8), payload);
    }
}
