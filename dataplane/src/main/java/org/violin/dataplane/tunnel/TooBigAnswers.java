package org.violin.dataplane.tunnel;

import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.PacketTooBig;
import org.violin.dataplane.wire.Segmenter;

/**
 * Tells senders that their packets are too long for a link's tunnel: so many a second, and kept until the worker takes
 * them, in memory of its own, as none of a worker's slots may wait. Worker's thread.
 */
final class TooBigAnswers {
    /** Answers that wait at a time: a worker takes them in its next cycle. */
    private static final int WAITING_MAX = 16;
    /** So many at once, and then one in so long. */
    static final int BURST = 50;
    static final long INTERVAL_NS = 10_000_000;
    /** Locally administered: the link's own, which no station has; its last 32 bits are the link's id. */
    private static final long MAC = 0x0E56L << 32;

    private final long mac;
    private final LongSupplier nanoClock;
    private final UnsafeBuffer waiting = new UnsafeBuffer(new byte[WAITING_MAX * PacketTooBig.MAX_BYTES]);
    private final int[] lengths = new int[WAITING_MAX];
    private int count;
    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer segment = new UnsafeBuffer(new byte[PacketTooBig.MAX_BYTES]);
    /** The time that the answers given so far have used up. */
    private long usedNs;

    /** @param nanoClock monotonic time in nanoseconds */
    TooBigAnswers(int linkId, LongSupplier nanoClock) {
        mac = MAC | linkId & 0xFFFF_FFFFL;
        this.nanoClock = nanoClock;
        usedNs = nanoClock.getAsLong() - BURST * INTERVAL_NS;
    }

    /**
     * Answers a frame that is too long for a datagram if it is one to be answered, unless there are too many. False: it
     * is not, and may be sent in fragments.
     *
     * @param frameBytes of the longest frame that passes
     */
    boolean answer(DirectBuffer storage, int offset, int length, long offload, int frameBytes) {
        boolean isSuperFrame = Offload.isSuperFrame(offload);
        int bytes = isSuperFrame ? copyFirstSegment(storage, offset, length, offload) : length;
        DirectBuffer frame = isSuperFrame ? segment : storage;
        int at = isSuperFrame ? 0 : offset;
        if (!PacketTooBig.isDue(frame, at, bytes, frameBytes)) {
            return false;
        }
        if (count < WAITING_MAX && takeTurn()) {
            lengths[count] = PacketTooBig.write(frame, at, frameBytes, mac, waiting, count * PacketTooBig.MAX_BYTES);
            count++;
        }
        return true;
    }

    /** As much of it as an answer quotes; returns its length. */
    private int copyFirstSegment(DirectBuffer storage, int offset, int length, long offload) {
        int gsoSize = Offload.gsoSize(offload);
        segment.putBytes(0, storage, offset, Math.min(length, PacketTooBig.MAX_BYTES));
        segmenter.wrap(storage, offset, length, offload);
        segmenter.segmentCount(gsoSize);
        segmenter.writeHeaders(0, gsoSize, segment, 0);
        return segmenter.headerBytes() + gsoSize;
    }

    private boolean takeTurn() {
        long now = nanoClock.getAsLong();
        long begin = now - BURST * INTERVAL_NS;
        if (usedNs - begin < 0) {
            usedNs = begin;
        }
        if (usedNs + INTERVAL_NS - now > 0) {
            return false;
        }
        usedNs += INTERVAL_NS;
        return true;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Hands over what waits, each in a slot; returns how many. */
    int take(FramePool pool, FrameBatch batch, PortCounters counters) {
        int taken = count;
        for (int i = 0; i < taken; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                counters.dropped(DropReason.NO_BUFFER, 1);
            } else {
                pool.storage().putBytes(pool.offset(slot), waiting, i * PacketTooBig.MAX_BYTES, lengths[i]);
                batch.add(slot, pool.offset(slot), lengths[i], Offload.NONE);
            }
        }
        count = 0;
        return taken;
    }
}
