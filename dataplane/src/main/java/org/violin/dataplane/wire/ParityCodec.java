package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;

/**
 * What stands in front of a row of parity, behind the datagram's header; {@code docs/tunnel-protocol.md} is the
 * specification. Offsets are from the datagram's first byte.
 */
public final class ParityCodec {
    public static final int MEMBERS = 16;
    public static final int ROWS = 17;
    public static final int ROW = 18;
    public static final int FLAGS = 19;
    public static final int FIRST = 20;
    public static final int SYMBOL_LENGTH = 28;
    /** One byte for each member but the first; then the row itself. */
    public static final int DELTAS = 30;

    /** In {@link #FLAGS}: what is sent is to be handed over in the order of its counters. */
    public static final int FLAG_ORDERED = 1;

    public static final int MEMBERS_MAX = 64;
    public static final int ROWS_MAX = 16;
    /** Counters from a block's first member to its last. */
    public static final int SPAN_MAX = 1024;
    /** Where in a datagram its symbol begins: the last bytes of the header are the symbol's own. */
    public static final int SYMBOL = 12;
    /** Of its own: the datagram's first byte, a zero, and the symbol's length. */
    public static final int SYMBOL_HEADER_BYTES = 4;
    public static final int SYMBOL_MAX_BYTES = 2048;

    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private ParityCodec() {
    }

    /** How much longer a parity may be than the longest of its members. */
    public static int overhead(int members) {
        return DELTAS - SYMBOL + members - 1;
    }

    /** Writes all but the deltas. */
    public static void write(MutableDirectBuffer buffer, int offset, int members, int rows, int row, int flags,
        long first, int symbolBytes) {
        buffer.putByte(offset + MEMBERS, (byte) members);
        buffer.putByte(offset + ROWS, (byte) rows);
        buffer.putByte(offset + ROW, (byte) row);
        buffer.putByte(offset + FLAGS, (byte) flags);
        buffer.putLong(offset + FIRST, first, ORDER);
        buffer.putShort(offset + SYMBOL_LENGTH, (short) symbolBytes, ORDER);
    }

    /** Why a parity of any origin, {@code length} bytes without tag, is bad; or null. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < DELTAS) {
            return DropReason.DATAGRAM_SHORT;
        }
        int members = members(buffer, offset);
        int rows = buffer.getByte(offset + ROWS) & 0xFF;
        int symbol = symbolBytes(buffer, offset);
        boolean good = members >= 1 && members <= MEMBERS_MAX && rows >= 1 && rows <= ROWS_MAX
            && row(buffer, offset) < rows && (buffer.getByte(offset + FLAGS) & ~FLAG_ORDERED) == 0
            && symbol > SYMBOL_HEADER_BYTES && symbol <= SYMBOL_MAX_BYTES
            && length == DELTAS + members - 1 + symbol && first(buffer, offset) >= 0;
        int span = 0;
        for (int i = 0; good && i < members - 1; i++) {
            span += delta(buffer, offset, i);
            good = delta(buffer, offset, i) != 0 && span < SPAN_MAX;
        }
        return good ? null : DropReason.BAD_PARITY;
    }

    public static int members(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + MEMBERS) & 0xFF;
    }

    public static int row(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + ROW) & 0xFF;
    }

    public static boolean isOrdered(DirectBuffer buffer, int offset) {
        return (buffer.getByte(offset + FLAGS) & FLAG_ORDERED) != 0;
    }

    public static long first(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + FIRST, ORDER);
    }

    public static int symbolBytes(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset + SYMBOL_LENGTH, ORDER) & 0xFFFF;
    }

    /** How much higher member {@code index + 1}'s counter is than that of the member before. */
    public static int delta(DirectBuffer buffer, int offset, int index) {
        return buffer.getByte(offset + DELTAS + index) & 0xFF;
    }
}
