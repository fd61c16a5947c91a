package org.violin.dataplane.sys;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Computes the missing members of a block from the others and from parity. Belongs to one worker's thread. */
public final class FecSolver implements AutoCloseable {
    private final OffHeap memory = OffHeap.map(Layout.FEC_DECODE_BYTES);
    private final UnsafeBuffer decode = memory.buffer();
    private int rows;
    private int targets;

    /** Begins with a block of {@code members}, all missing. */
    public void begin(int members) {
        decode.setMemory(0, Layout.FEC_DECODE_BYTES, (byte) 0);
        decode.putInt(Layout.FEC_DECODE_MEMBERS, members);
        rows = 0;
        targets = 0;
    }

    /** A member that is there: its symbol, padded with zeros to a multiple of 64 bytes. */
    public void addMember(int member, DirectBuffer storage, int offset) {
        decode.putLong(Layout.FEC_DECODE_MEMBER + member * Long.BYTES, storage.addressOffset() + offset);
    }

    /** A row of parity, as long as the symbols; as many as members are missing. */
    public void addParity(int row, DirectBuffer storage, int offset) {
        decode.putByte(Layout.FEC_DECODE_ROW + rows, (byte) row);
        decode.putLong(Layout.FEC_DECODE_PARITY + rows++ * Long.BYTES, storage.addressOffset() + offset);
    }

    /** Where the next of the missing members is to go. */
    public void addTarget(DirectBuffer storage, int offset) {
        decode.putLong(Layout.FEC_DECODE_TARGET + targets++ * Long.BYTES, storage.addressOffset() + offset);
    }

    /**
     * Writes the missing members to their targets.
     *
     * @param bytes of all symbols; a multiple of 64
     * @return false if there are not as many rows of parity, and targets, as members missing
     */
    public boolean solve(int bytes) {
        decode.putInt(Layout.FEC_DECODE_ROWS, rows);
        decode.putInt(Layout.FEC_DECODE_BYTES_FIELD, bytes);
        return targets == rows && NativeFec.decode(memory.address()) == 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
