package org.violin.dataplane.tunnel;

import java.util.concurrent.TimeUnit;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.sys.FecEncoder;
import org.violin.dataplane.wire.ParityCodec;

/**
 * One worker's forward error correction of what it sends through one tunnel: an encoder, and when its parity is to be
 * sent. Blocks that do not fill wait for a quarter of the round trip at most, between {@link #WAIT_MIN_NS} and {@link
 * #WAIT_MAX_NS}. Where what is lost decides, no more blocks are filled in turn than fill in that time: many that hold
 * little protect less, and cost more, than one that is full. Worker's thread.
 */
final class FecSender implements AutoCloseable {
    static final long WAIT_MIN_NS = TimeUnit.MICROSECONDS.toNanos(500);
    static final long WAIT_MAX_NS = TimeUnit.MILLISECONDS.toNanos(8);

    /** Fewer members are protected well by one row. */
    private static final int THIN_MIN = 4;

    private final Tunnel tunnel;
    private final FecEncoder encoder;
    /** Says what blocks are to be like. */
    private final FecControl control;
    /** What they are like; 0: nothing is protected. */
    private int shape;
    /** Datagrams that the encoder has blocks for, beside those that may be begun. */
    private int capacity;
    private Epoch epoch;
    private int datagrams;
    /** The same since parity was last sent of blocks that had not filled. */
    private int waited;
    private long dueNs = Long.MAX_VALUE;

    FecSender(Tunnel tunnel, FecControl control) {
        this.tunnel = tunnel;
        this.control = control;
        encoder = new FecEncoder(ParityCodec.SYMBOL + ParityCodec.SYMBOL_MAX_BYTES);
        reshape();
    }

    /** Whether blocks are to be like others than they are: then all parity there is goes first. */
    boolean isToReshape() {
        return control.shape() != shape;
    }

    /** Takes over what blocks are to be like. None has members. */
    void reshape() {
        shape = control.shape();
        if (shape != 0) {
            fillInTurn(FecControl.depth(shape));
            capacity = (encoder.blocks() - 2 * FecControl.depth(shape)) * FecControl.members(shape);
            waited = 0;
        }
    }

    /**
     * How many blocks at a time, the most that there can be; none has members. A run of losses takes more of each of
     * fewer blocks: they get more rows, as far as the cap on what goes over the wire allows.
     */
    private void fillInTurn(int most) {
        int depth = most;
        while (encoder.blocks() % depth != 0) {
            depth--;
        }
        int rows = FecControl.rows(shape);
        int cap = Math.max(rows, FecControl.rowsMax(FecControl.members(shape)));
        encoder.shape(FecControl.members(shape), Math.min(cap, rows * FecControl.depth(shape) / depth), depth);
    }

    Tunnel tunnel() {
        return tunnel;
    }

    FecEncoder encoder() {
        return encoder;
    }

    /** What datagrams are to be members of; null: of nothing. */
    FecEncoder protecting() {
        return shape == 0 ? null : encoder;
    }

    /** Whose counters the members have; null: there are none. */
    Epoch epoch() {
        return epoch;
    }

    void begin(Epoch next) {
        epoch = next;
    }

    /** What a datagram may have, if its parity may have {@code bytes}. */
    int datagramBytes(int bytes) {
        return shape == 0 ? bytes : Math.min(bytes - ParityCodec.overhead(FecControl.members(shape)),
            ParityCodec.SYMBOL + ParityCodec.SYMBOL_MAX_BYTES);
    }

    /** Datagrams are being sent. */
    void onDatagrams(int count) {
        datagrams += count;
        waited += count;
    }

    /** Whether {@code more} datagrams find blocks only after a flush. */
    boolean isFull(int more) {
        return datagrams > 0 && datagrams + more > capacity;
    }

    /** When parity is to be sent that has no full block. */
    long dueNs() {
        return dueNs;
    }

    /** Whether parity has waited for its block to fill for as long as it may. */
    boolean isOverdue(long nowNs) {
        return dueNs != Long.MAX_VALUE && nowNs - dueNs >= 0;
    }

    /** Whether there may be parity that is to be sent now. */
    boolean isDue(long nowNs) {
        return datagrams > 0 || isOverdue(nowNs);
    }

    /**
     * Rows of a block that are sent: of one that has not filled, in proportion. A stream so thin that it fills none
     * gets one more, as short blocks lose more than their share, and it costs little.
     */
    int rows(int block) {
        int members = encoder.members(block);
        int full = Math.max(members, FecControl.members(shape));
        int share = Math.max(1, (encoder.rows(block) * members + full - 1) / full);
        boolean thin = waited < FecControl.members(shape) && members >= THIN_MIN;
        return thin ? Math.min(encoder.rows(block), share + 1) : share;
    }

    /** The next block whose parity is to be sent, from {@code block} on, be it full or only begun; -1: none. */
    int nextLeaving(int block, boolean partial) {
        for (int i = block; i < encoder.blocks(); i++) {
            if (encoder.isFull(i) || partial && encoder.members(i) > 0) {
                return i;
            }
        }
        return -1;
    }

    /** Writes what stands in front of a block's parity. */
    void writeHeader(MutableDirectBuffer buffer, int offset, int block, int row) {
        ParityCodec.write(buffer, offset, encoder.members(block), rows(block), row,
            control.isOrdered() ? ParityCodec.FLAG_ORDERED : 0, encoder.first(block), encoder.symbolBytes(block));
        encoder.getDeltas(block, buffer, offset + ParityCodec.DELTAS);
    }

    /** All that was {@link #nextLeaving} has been sent: frees it, and decides when to send what is left. */
    void onSent(long nowNs, boolean partial) {
        for (int block = nextLeaving(0, partial); block >= 0; block = nextLeaving(block + 1, partial)) {
            encoder.free(block);
        }
        datagrams = 0;
        if (partial && shape != 0) {
            if (control.adapts()) {
                fillInTurn(Math.clamp(waited / FecControl.members(shape), 1, FecControl.depth(shape)));
            }
            waited = 0;
        }
        if (!encoder.hasMembers()) {
            dueNs = Long.MAX_VALUE;
        } else if (dueNs == Long.MAX_VALUE || isOverdue(nowNs)) {
            dueNs = nowNs + Math.clamp(tunnel.rttNs() / 4, WAIT_MIN_NS, WAIT_MAX_NS);
        }
    }

    @Override
    public void close() {
        encoder.close();
    }
}
