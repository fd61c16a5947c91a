package org.violin.dataplane.tunnel;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.sys.FecEncoder;
import org.violin.dataplane.sys.FecSolver;
import org.violin.dataplane.sys.OffHeap;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * Brings back datagrams of one tunnel that were lost, from parity. Datagrams have been delivered by then, or wait for
 * their turn where the peer wants order; it keeps copies of the last {@value #WINDOW}, but only while parity comes.
 * Blocks that wait for more parity are {@value #BLOCKS} at most; the oldest makes room. All memory is claimed when it
 * is made. Worker's thread.
 */
final class FecReceiver implements Sequencer.Outlet, AutoCloseable {
    static final int WINDOW = 1024;
    static final int BLOCKS = 64;
    /** After the last parity: whoever sends no more needs no copies. */
    private static final long ACTIVE_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int STRIDE = ParityCodec.SYMBOL_MAX_BYTES;
    private static final int TYPE_BYTE = TunnelCodec.VERSION << 4 | TunnelCodec.TYPE_DATA;
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    /** Takes what has been brought back, and what has not. */
    interface Sink {
        /** The datagram with that counter is known now; false: it is not missing. */
        boolean onRecovered(Epoch epoch, long counter);

        /**
         * One that has been brought back, or held, is to be handed over; its bytes from {@link ParityCodec#SYMBOL} on
         * are the symbol's.
         */
        void onTurn(Epoch epoch, long counter, DirectBuffer storage, int symbol, int symbolBytes);

        /** There was too little parity. */
        void onLost(int datagrams);
    }

    /** One that not all is known of yet. */
    private static final class Block {
        final long[] counters = new long[ParityCodec.MEMBERS_MAX];
        int members;
        int symbolBytes;
        /** Which rows of parity are there, a bit each. */
        int rows;
        boolean done = true;

        boolean is(long first, int memberCount) {
            return members == memberCount && counters[0] == first;
        }

        boolean mayHave(long counter) {
            return counter >= counters[0] && counter <= counters[members - 1];
        }
    }

    private final OffHeap windowMemory = OffHeap.map((long) WINDOW * STRIDE);
    private final OffHeap parityMemory = OffHeap.map((long) BLOCKS * ParityCodec.ROWS_MAX * STRIDE);
    private final UnsafeBuffer window = windowMemory.buffer();
    private final UnsafeBuffer parity = parityMemory.buffer();
    private final FecSolver solver = new FecSolver();
    private final long[] counters = new long[WINDOW];
    private final int[] symbolBytes = new int[WINDOW];
    private final Block[] blocks = new Block[BLOCKS];
    private final long[] missing = new long[ParityCodec.MEMBERS_MAX];
    private final Sequencer order = new Sequencer(this);
    private final Sink sink;
    private int nextBlock;
    private int waiting;
    private Epoch epoch;
    private long lastParityNs;
    private long nowNs;

    FecReceiver(Sink sink) {
        this.sink = sink;
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = new Block();
        }
        Arrays.fill(counters, -1);
    }

    private static int slot(long counter) {
        return (int) counter & WINDOW - 1;
    }

    boolean isActive(long nowNs) {
        return epoch != null && nowNs - lastParityNs < ACTIVE_NS;
    }

    Sequencer order() {
        return order;
    }

    /** A session is over: nothing of it is of any use. */
    void forget() {
        order.forget();
        epoch = null;
    }

    /**
     * A datagram with records was received.
     *
     * @return true: it is to be handed over, and then {@link #onHandedOver} called; false: it waits for its turn
     */
    boolean onData(Epoch of, long counter, DirectBuffer storage, int offset, int length, long now) {
        nowNs = now;
        int bytes = length - ParityCodec.SYMBOL;
        if (of != epoch || bytes > STRIDE) {
            order.flush();
            return true;
        }
        if (order.isOn()) {
            order.makeRoom(counter);
            order.settle(counter);
        }
        keep(counter, storage, offset, length);
        boolean isTurn = !order.isOn() || order.offer(counter, now);
        if (!order.isOn() || !isTurn) {
            recoverWith(counter);
        }
        return isTurn;
    }

    /** What comes behind it may go. */
    void onHandedOver(long counter) {
        if (order.isOn()) {
            recoverWith(counter);
            order.drain();
        }
    }

    private void keep(long counter, DirectBuffer storage, int offset, int length) {
        int bytes = length - ParityCodec.SYMBOL;
        int at = slot(counter) * STRIDE;
        window.putInt(at, TYPE_BYTE << 24 | bytes, ORDER);
        window.putBytes(at + ParityCodec.SYMBOL_HEADER_BYTES, storage, offset + TunnelCodec.HEADER_BYTES,
            length - TunnelCodec.HEADER_BYTES);
        counters[slot(counter)] = counter;
        symbolBytes[slot(counter)] = bytes;
    }

    private void recoverWith(long counter) {
        for (int i = 0; waiting > 0 && i < BLOCKS; i++) {
            if (!blocks[i].done && blocks[i].mayHave(counter)) {
                recover(i);
            }
        }
    }

    /** A parity was received that {@link ParityCodec#check} has passed. */
    void onParity(Epoch of, DirectBuffer storage, int offset, long now) {
        nowNs = now;
        lastParityNs = now;
        if (of != epoch) {
            begin(of);
        }
        if (!ParityCodec.isOrdered(storage, offset)) {
            order.stop();
        } else if (!order.isOn()) {
            order.begin(of.window());
        }
        take(storage, offset);
        order.drain();
    }

    private void take(DirectBuffer storage, int offset) {
        int members = ParityCodec.members(storage, offset);
        int index = find(ParityCodec.first(storage, offset), members);
        if (index < 0) {
            index = claim(storage, offset, members);
        }
        Block block = blocks[index];
        int row = ParityCodec.row(storage, offset);
        int bytes = ParityCodec.symbolBytes(storage, offset);
        if (block.done || (block.rows & 1 << row) != 0 || bytes != block.symbolBytes) {
            return;
        }
        int at = parityOffset(index, row);
        parity.putBytes(at, storage, offset + ParityCodec.DELTAS + members - 1, bytes);
        parity.setMemory(at + bytes, FecEncoder.padded(bytes) - bytes, (byte) 0);
        block.rows |= 1 << row;
        recover(index);
    }

    /** Other keys, other counters. */
    private void begin(Epoch of) {
        order.stop();
        epoch = of;
        Arrays.fill(counters, -1);
        for (int i = 0; i < BLOCKS; i++) {
            giveUp(blocks[i]);
            blocks[i].members = 0;
        }
    }

    private static int parityOffset(int block, int row) {
        return (block * ParityCodec.ROWS_MAX + row) * STRIDE;
    }

    private int find(long first, int members) {
        for (int i = 0; i < BLOCKS; i++) {
            if (blocks[i].is(first, members)) {
                return i;
            }
        }
        return -1;
    }

    private int claim(DirectBuffer storage, int offset, int members) {
        int index = nextBlock;
        nextBlock = (nextBlock + 1) % BLOCKS;
        Block block = blocks[index];
        giveUp(block);
        long counter = ParityCodec.first(storage, offset);
        block.counters[0] = counter;
        for (int i = 1; i < members; i++) {
            counter += ParityCodec.delta(storage, offset, i - 1);
            block.counters[i] = counter;
        }
        block.members = members;
        block.symbolBytes = ParityCodec.symbolBytes(storage, offset);
        block.rows = 0;
        block.done = false;
        waiting++;
        return index;
    }

    private void giveUp(Block block) {
        if (!block.done) {
            sink.onLost(countMissing(block));
            end(block);
        }
    }

    private void end(Block block) {
        block.done = true;
        waiting--;
    }

    private int countMissing(Block block) {
        int count = 0;
        for (int i = 0; i < block.members; i++) {
            if (counters[slot(block.counters[i])] != block.counters[i]) {
                missing[count++] = block.counters[i];
            }
        }
        return count;
    }

    private void recover(int index) {
        Block block = blocks[index];
        int count = countMissing(block);
        if (count == 0) {
            end(block);
        } else if (count <= Integer.bitCount(block.rows)) {
            end(block);
            if (solve(index, count)) {
                deliver(block, count);
            } else {
                sink.onLost(count);
            }
        }
    }

    private boolean solve(int index, int count) {
        Block block = blocks[index];
        int bytes = FecEncoder.padded(block.symbolBytes);
        solver.begin(block.members);
        for (int i = 0; i < block.members; i++) {
            int slot = slot(block.counters[i]);
            if (counters[slot] != block.counters[i]) {
                order.makeRoom(block.counters[i]);
                solver.addTarget(window, slot * STRIDE);
            } else if (symbolBytes[slot] > block.symbolBytes) {
                return false;
            } else {
                window.setMemory(slot * STRIDE + symbolBytes[slot], bytes - symbolBytes[slot], (byte) 0);
                solver.addMember(i, window, slot * STRIDE);
            }
        }
        int rows = block.rows;
        for (int i = 0; i < count; i++) {
            int row = Integer.numberOfTrailingZeros(rows);
            rows &= rows - 1;
            solver.addParity(row, parity, parityOffset(index, row));
        }
        return solver.solve(bytes);
    }

    /** What is no datagram with records is not one that was sent: members and parity did not belong together. */
    private void deliver(Block block, int count) {
        for (int i = 0; i < count; i++) {
            int slot = slot(missing[i]);
            int at = slot * STRIDE;
            int header = window.getInt(at, ORDER);
            int bytes = header & 0xFFFF;
            if (header >>> 16 != TYPE_BYTE << 8 || bytes <= ParityCodec.SYMBOL_HEADER_BYTES
                || bytes > block.symbolBytes) {
                sink.onLost(1);
                continue;
            }
            counters[slot] = missing[i];
            symbolBytes[slot] = bytes;
            if (sink.onRecovered(epoch, missing[i]) && (!order.isOn() || order.offer(missing[i], nowNs))) {
                onTurn(missing[i]);
                order.drain();
            }
        }
    }

    @Override
    public void onTurn(long counter) {
        int slot = slot(counter);
        sink.onTurn(epoch, counter, window, slot * STRIDE, symbolBytes[slot]);
    }

    @Override
    public void close() {
        solver.close();
        parityMemory.close();
        windowMemory.close();
    }
}
