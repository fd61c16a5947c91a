package org.violin.control.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/**
 * Finds the datagrams in a stream: each has its length in front, in two bytes. What comes whole is passed on where it
 * lies; a datagram that comes in parts is put together in memory of its own, one at a time. A length of 0 is a sign of
 * life; no other is below a tunnel datagram's header, but one that ends it all.
 */
final class FrameDecoder {
    static final int LENGTH_BYTES = 2;
    /** A tunnel datagram's header. */
    static final int MIN_BYTES = 16;
    /** Instead of a length: the other end wants no other connection after this one (docs/vnet.md, Frames). */
    static final int FAREWELL = 1;
    private static final int NONE = -1;

    private final ByteBufAllocator allocator;
    private final Consumer<ByteBuf> datagrams;
    /** Of the datagram that comes next; and the first byte of that, if only it has come. */
    private int length = NONE;
    private int highByte = NONE;
    private ByteBuf part;

    /** @param datagrams takes them over */
    FrameDecoder(ByteBufAllocator allocator, Consumer<ByteBuf> datagrams) {
        this.allocator = allocator;
        this.datagrams = datagrams;
    }

    /** Reads all of {@code in}; false at a length that no datagram has: there is no way on from there. */
    boolean read(ByteBuf in) {
        while (in.isReadable()) {
            if (length == NONE) {
                readLength(in);
            } else {
                readBody(in);
            }
            if (length == 0) {
                length = NONE;
            } else if (length != NONE && length < MIN_BYTES) {
                return false;
            }
        }
        return true;
    }

    /** Whether it was a farewell that could not be read on from. */
    boolean isFarewell() {
        return length == FAREWELL;
    }

    private void readLength(ByteBuf in) {
        if (highByte != NONE) {
            length = highByte << 8 | in.readUnsignedByte();
            highByte = NONE;
        } else if (in.readableBytes() == 1) {
            highByte = in.readUnsignedByte();
        } else {
            length = in.readUnsignedShort();
        }
    }

    private void readBody(ByteBuf in) {
        if (part == null && in.readableBytes() >= length) {
            datagrams.accept(in.readRetainedSlice(length));
            length = NONE;
            return;
        }
        if (part == null) {
            part = allocator.directBuffer(length, length);
        }
        in.readBytes(part, Math.min(in.readableBytes(), part.writableBytes()));
        if (!part.isWritable()) {
            ByteBuf whole = part;
            part = null;
            length = NONE;
            datagrams.accept(whole);
        }
    }

    void close() {
        if (part != null) {
            part.release();
            part = null;
        }
    }
}
