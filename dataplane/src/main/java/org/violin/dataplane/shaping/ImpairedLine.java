package org.violin.dataplane.shaping;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.KernelException;
import org.violin.dataplane.wire.Checksum;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.Segmenter;

/**
 * One direction of a line that is worse than it need be. What leaves by a port passes, in this order, a bottleneck,
 * loss and duplication; then each copy corruption, and delay with jitter.
 *
 * <p>Theory of operation. A network knows no super-frames, so one is cut here, and each of its segments has a fate of
 * its own. Frames are copied: they wait for long, and the pool's slots are few and large. They wait in one ring in the
 * order in which they came, so jitter alone never changes the order; those that are to overtake have a ring of their
 * own, and are due when they are through the bottleneck.
 *
 * <p>A corrupted frame has one bit turned over, any of it. Its checksum is completed before, or whoever does that later
 * would make it right again.
 *
 * <p>Thread-safe: any worker offers, one takes what is due. After {@link #close} frames are dropped.
 */
public final class ImpairedLine implements AutoCloseable {
    private final Models models;
    private final FrameRing inOrder;
    private final FrameRing ahead;
    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer headers = new UnsafeBuffer(new byte[Layers.MAX_HEADER_BYTES]);
    private volatile long nextDueNs = FrameRing.NEVER;
    private long lastDueNs;
    private boolean closed;

    /**
     * What the line does.
     *
     * @param down      nothing passes
     * @param delayNs   that every frame takes
     * @param jitterNs  by which this may be more or less
     * @param reorder   a frame is not delayed
     * @param duplicate a frame comes twice
     * @param corrupt   one of its bits is wrong
     */
    public record Models(boolean down, Bottleneck bottleneck, LossModel loss, long delayNs, long jitterNs,
        Chance jitter, Chance reorder, Chance duplicate, Chance corrupt) {
    }

    /** @param bytes of memory for frames under way, a power of two, 1 MiB or more */
    public ImpairedLine(Models models, int bytes) {
        this.models = models;
        inOrder = new FrameRing(bytes);
        try {
            ahead = new FrameRing(bytes);
        } catch (KernelException e) {
            inOrder.close();
            throw e;
        }
    }

    /** When {@link #take} has something to do; {@link Long#MAX_VALUE}: never. Any thread. */
    public long nextDueNs() {
        return nextDueNs;
    }

    /**
     * Takes all frames of the batch, also those that get lost.
     *
     * @param counters of the port, where drops are counted
     * @return true if who takes is to be told, because there is something to take sooner than it knows
     */
    public synchronized boolean offer(FramePool pool, FrameBatch batch, PortCounters counters, long nowNs) {
        long knownDueNs = nextDueNs;
        for (int i = 0; i < batch.count(); i++) {
            int offset = batch.offsets()[i];
            int length = batch.lengths()[i];
            long offload = batch.offloads()[i];
            if (closed || models.down()) {
                counters.dropped(DropReason.IMPAIR_DOWN, 1);
            } else if (Offload.isSuperFrame(offload)) {
                offerSegments(pool.storage(), offset, length, offload, counters, nowNs);
            } else {
                offer(pool.storage(), offset, length, 0, offload, counters, nowNs);
            }
        }
        batch.release(pool);
        note();
        return nextDueNs < knownDueNs;
    }

    private void offerSegments(DirectBuffer storage, int offset, int length, long offload, PortCounters counters,
        long nowNs) {
        segmenter.wrap(storage, offset, length, offload);
        int size = Offload.gsoSize(offload);
        segmenter.segmentCount(size);
        int payload = offset + segmenter.headerBytes();
        for (int from = 0; from < segmenter.payloadBytes(); from += size) {
            int bytes = Math.min(size, segmenter.payloadBytes() - from);
            segmenter.writeHeaders(from, bytes, headers, 0);
            offer(storage, payload + from, bytes, segmenter.headerBytes(), Offload.ofSegment(offload), counters, nowNs);
        }
    }

    /** One frame: the first {@code headerBytes} of it are a segment's headers, the rest lies in the storage. */
    private void offer(DirectBuffer storage, int offset, int bytes, int headerBytes, long offload,
        PortCounters counters, long nowNs) {
        long throughNs = models.bottleneck().pass(headerBytes + bytes, nowNs);
        if (throughNs == Bottleneck.FULL) {
            counters.dropped(DropReason.IMPAIR_QUEUE, 1);
            return;
        }
        if (models.loss().loses()) {
            counters.dropped(DropReason.IMPAIR_LOSS, 1);
            return;
        }
        int copies = models.duplicate().happens() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            boolean overtakes = models.reorder().happens();
            FrameRing ring = overtakes ? ahead : inOrder;
            long dueNs = overtakes ? throughNs : dueNs(throughNs);
            boolean corrupt = models.corrupt().happens();
            int at = ring.claim(headerBytes + bytes, corrupt ? Offload.NONE : offload, dueNs);
            if (at < 0) {
                counters.dropped(DropReason.IMPAIR_QUEUE, 1);
                return;
            }
            ring.memory().putBytes(at, headers, 0, headerBytes);
            ring.memory().putBytes(at + headerBytes, storage, offset, bytes);
            if (corrupt) {
                corrupt(ring.memory(), at, headerBytes + bytes, offload);
            }
            ring.commit(at);
        }
    }

    private long dueNs(long throughNs) {
        long dueNs = throughNs + models.delayNs() + Math.round(models.jitterNs() * models.jitter().deviation());
        lastDueNs = inOrder.headDueNs() == FrameRing.NEVER ? dueNs : Math.max(dueNs, lastDueNs);
        return lastDueNs;
    }

    private void corrupt(MutableDirectBuffer memory, int at, int length, long offload) {
        if (Offload.needsChecksum(offload)) {
            Checksum.complete(memory, at, length, memory, at + length, 0, offload);
        }
        int bit = models.corrupt().pick(length * Byte.SIZE);
        int index = at + bit / Byte.SIZE;
        memory.putByte(index, (byte) (memory.getByte(index) ^ 1 << bit % Byte.SIZE));
    }

    /**
     * Appends to the batch the frames that are due, as many as it and the pool have room for.
     *
     * @return how many; call again until it is 0
     */
    public synchronized int take(FramePool pool, FrameBatch batch, long nowNs) {
        int count = 0;
        while (!closed && !batch.isFull()) {
            FrameRing ring = ahead.headDueNs() < inOrder.headDueNs() ? ahead : inOrder;
            if (ring.headDueNs() == FrameRing.NEVER || ring.headDueNs() - nowNs > 0 || !ring.take(pool, batch)) {
                break;
            }
            count++;
        }
        note();
        return count;
    }

    private void note() {
        long dueNs = closed ? FrameRing.NEVER : Math.min(inOrder.headDueNs(), ahead.headDueNs());
        if (dueNs != nextDueNs) {
            nextDueNs = dueNs;
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            note();
            inOrder.close();
            ahead.close();
        }
    }
}
