package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.wire.ParityCodec;

/**
 * Adds up the parity of the datagrams that one worker sends through one tunnel, while they are sent ({@link
 * DatagramChannel#end}). A datagram becomes a member of the block whose turn it is; members are known by their
 * counters. Parity of blocks that are full, or that shall not wait any longer, is sent by the owner, who then frees
 * them. Until then their memory is not used again, and what finds no free block goes unprotected.
 *
 * <p>Belongs to the worker's thread. Allocates all memory when it is made.
 */
public final class FecEncoder implements AutoCloseable {
    /** Blocks that are filled or wait to be sent. */
    static final int BLOCKS = 48;

    private final OffHeap state = OffHeap.map(Layout.FEC_BYTES + (long) BLOCKS * Layout.FEC_BLOCK_BYTES);
    private final OffHeap parity;
    private final UnsafeBuffer fec = state.buffer();
    private final int stride;

    /** @param datagramBytes the longest that is protected */
    public FecEncoder(int datagramBytes) {
        stride = padded(datagramBytes - ParityCodec.SYMBOL);
        parity = OffHeap.map((long) BLOCKS * ParityCodec.ROWS_MAX * stride);
        fec.putLong(Layout.FEC_TABLES, Tables.MEMORY.address());
        fec.putLong(Layout.FEC_PARITY, parity.address());
        fec.putInt(Layout.FEC_STRIDE, stride);
        fec.putInt(Layout.FEC_BLOCK_COUNT, BLOCKS);
        shape(1, 1, 1);
    }

    /** A symbol's length as it is computed. */
    public static int padded(int bytes) {
        return bytes + Layout.FEC_PADDING - 1 & -Layout.FEC_PADDING;
    }

    /**
     * Decides what blocks are like from now on.
     *
     * @param members 1 to {@link ParityCodec#MEMBERS_MAX}
     * @param rows    of parity, 1 to {@link ParityCodec#ROWS_MAX}
     * @param depth   blocks that are filled in turn: a divisor of 48; another than before only while no block is begun
     */
    public void shape(int members, int rows, int depth) {
        assert members >= 1 && members <= ParityCodec.MEMBERS_MAX && rows >= 1 && rows <= ParityCodec.ROWS_MAX
            && BLOCKS % depth == 0 : members + "+" + rows + " x " + depth;
        fec.putInt(Layout.FEC_MEMBERS, members);
        fec.putInt(Layout.FEC_ROWS, rows);
        if (fec.getInt(Layout.FEC_DEPTH) != depth) {
            assert !hasMembers() : "blocks are being filled";
            fec.putInt(Layout.FEC_DEPTH, depth);
            fec.putInt(Layout.FEC_GROUP, 0);
            fec.putInt(Layout.FEC_TURN, 0);
        }
    }

    /** What the library knows it by. */
    long handle() {
        return state.address();
    }

    /**
     * Adds a datagram that lies somewhere, not sealed, as sending it does. Up to 63 bytes behind it are overwritten.
     */
    public void add(MutableDirectBuffer storage, int offset, int bytes) {
        NativeFec.add(handle(), storage.addressOffset() + offset, bytes);
    }

    /** Whether any block has members whose parity has not been sent. */
    public boolean hasMembers() {
        for (int block = 0; block < BLOCKS; block++) {
            if (members(block) > 0) {
                return true;
            }
        }
        return false;
    }

    public int blocks() {
        return BLOCKS;
    }

    private static int at(int block) {
        return Layout.FEC_BYTES + block * Layout.FEC_BLOCK_BYTES;
    }

    /** Whether a block has all its members. */
    public boolean isFull(int block) {
        int group = fec.getInt(Layout.FEC_GROUP);
        int depth = fec.getInt(Layout.FEC_DEPTH);
        boolean open = block >= group && block < group + depth;
        return members(block) > 0 && (!open || members(block) >= fec.getInt(Layout.FEC_MEMBERS));
    }

    /** How many members a block has; 0: it is free. */
    public int members(int block) {
        return fec.getByte(at(block) + Layout.FEC_BLOCK_MEMBERS) & 0xFF;
    }

    public int rows(int block) {
        return fec.getByte(at(block) + Layout.FEC_BLOCK_ROWS) & 0xFF;
    }

    /** The first member's counter. */
    public long first(int block) {
        return fec.getLong(at(block) + Layout.FEC_BLOCK_FIRST);
    }

    /** Bytes of the longest symbol, which the parity has too. */
    public int symbolBytes(int block) {
        return fec.getShort(at(block) + Layout.FEC_BLOCK_BYTES_FIELD) & 0xFFFF;
    }

    /** How much higher the counter of member {@code index + 1} is than that of the one before, a byte each. */
    public void getDeltas(int block, MutableDirectBuffer target, int offset) {
        target.putBytes(offset, fec, at(block) + Layout.FEC_BLOCK_DELTAS, members(block) - 1);
    }

    /** Where a row of parity is in {@link #parity}. */
    public int parityOffset(int block, int row) {
        return (block * ParityCodec.ROWS_MAX + row) * stride;
    }

    public MutableDirectBuffer parity() {
        return parity.buffer();
    }

    /** The block's parity has been sent. */
    public void free(int block) {
        fec.putByte(at(block) + Layout.FEC_BLOCK_MEMBERS, (byte) 0);
        int group = fec.getInt(Layout.FEC_GROUP);
        if (block >= group && block < group + fec.getInt(Layout.FEC_DEPTH)) {
            fec.putInt(Layout.FEC_TURN, 0);
        }
    }

    /** Datagrams, so far, that found no free block. */
    public int unprotected() {
        return fec.getInt(Layout.FEC_UNPROTECTED);
    }

    @Override
    public void close() {
        parity.close();
        state.close();
    }

    /** Of all encoders, for as long as the process lives. */
    private static final class Tables {
        static final OffHeap MEMORY = OffHeap.map(Layout.FEC_TABLE_BYTES);

        static {
            NativeFec.tables(MEMORY.address());
        }
    }
}
