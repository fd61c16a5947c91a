package org.violin.dataplane.tunnel;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.MssOption;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * Has those who send through a link send what fits a datagram of its tunnel, where operators want that: a tunnel needs
 * it not, as it cuts what is too long. Worker's thread; each worker has its own.
 */
final class PathFit {
    /** A frame's datagram without the frame. A partial checksum may be told with it, or not: as if it were. */
    private static final int OVERHEAD_BYTES =
        TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES + TunnelCodec.CHECKSUM_BYTES;

    private final boolean clamps;
    private final int mssLimit;
    /** Null: what is too long is sent in fragments. */
    private final TooBigAnswers answers;

    /**
     * @param mssClamp the largest MSS that TCP may be told; -1: what fits a datagram; 0: any
     * @param answers  to packets that are too long and not to be fragmented; null: they are
     */
    PathFit(int mssClamp, TooBigAnswers answers) {
        clamps = mssClamp != 0;
        mssLimit = Math.max(0, mssClamp);
        this.answers = answers;
    }

    /**
     * Frames that are about to be sent; some may be dropped here.
     *
     * @param datagramBytes what a datagram may have, before it is sealed
     */
    void onSend(LinkPort link, FramePool pool, FrameBatch batch, int datagramBytes) {
        int room = datagramBytes - OVERHEAD_BYTES;
        int kept = 0;
        for (int i = 0; i < batch.count(); i++) {
            if (answers != null && answer(link, pool, batch, i, datagramBytes)
                || clamps && !clamp(link, pool, batch, i, room)) {
                continue;
            }
            batch.move(i, kept++);
        }
        batch.keep(kept);
    }

    /** Whether a frame goes back to its sender, as it were. TCP's super-frames are cut as short as need be. */
    private boolean answer(LinkPort link, FramePool pool, FrameBatch batch, int index, int datagramBytes) {
        int offset = batch.offsets()[index];
        int length = batch.lengths()[index];
        long offload = batch.offloads()[index];
        int datagram = TunnelCodec.HEADER_BYTES + TunnelCodec.frameRecordHeaderBytes(offload) + length;
        boolean isCut = Offload.isSuperFrame(offload) && Offload.gsoType(offload) != Offload.UDP;
        if (datagram <= datagramBytes || isCut
            || !answers.answer(pool.storage(), offset, length, offload, datagramBytes - OVERHEAD_BYTES)) {
            return false;
        }
        link.counters().dropped(DropReason.TOO_BIG, 1);
        pool.release(batch.slots()[index]);
        return true;
    }

    TooBigAnswers answers() {
        return answers;
    }

    /** Others may hold the frame as well: it is changed in a slot of its own. False: there is none. */
    private boolean clamp(LinkPort link, FramePool pool, FrameBatch batch, int index, int room) {
        int offset = batch.offsets()[index];
        int length = batch.lengths()[index];
        long offload = batch.offloads()[index];
        if (Offload.isSuperFrame(offload) || !MssOption.exceeds(pool.storage(), offset, length, mssLimit, room)) {
            return true;
        }
        int own = pool.claim();
        if (own == FramePool.NONE) {
            link.counters().dropped(DropReason.NO_BUFFER, 1);
        } else {
            int copy = pool.offset(own);
            pool.storage().putBytes(copy, pool.storage(), offset, length);
            MssOption.lower(pool.storage(), copy, length, offload, mssLimit, room);
            batch.offsets()[index] = copy;
        }
        pool.release(batch.slots()[index]);
        batch.slots()[index] = own;
        return own != FramePool.NONE;
    }

    /** A frame has come that nobody else has yet. {@code datagramBytes}: as in {@link #onSend}; 0: not known. */
    void onReceived(MutableDirectBuffer storage, int offset, int length, long offload, int datagramBytes) {
        if (clamps && datagramBytes > 0) {
            MssOption.lower(storage, offset, length, offload, mssLimit, datagramBytes - OVERHEAD_BYTES);
        }
    }
}
