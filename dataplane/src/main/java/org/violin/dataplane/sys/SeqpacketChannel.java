package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Ethernet;

/** A guest's connection: one message is one frame, complete. */
final class SeqpacketChannel extends IntakeChannel {
    SeqpacketChannel(int fd, FrameIntake intake) {
        super(fd, intake);
    }

    @Override
    DropReason take(FramePool pool, FrameBatch batch, int slot, int offset, int length) {
        if (length < Ethernet.HEADER_BYTES) {
            return DropReason.RUNT;
        }
        if (length > Ethernet.MAX_FRAME_BYTES) {
            return DropReason.OVERSIZED;
        }
        batch.add(slot, offset, length, Offload.NONE);
        return null;
    }

    @Override
    void gather(FramePool pool, FrameBatch batch, PortCounters counters) {
        MutableDirectBuffer storage = pool.storage();
        for (int i = 0; i < batch.count(); i++) {
            gatherPlain(storage, batch.offsets()[i], batch.lengths()[i], batch.offloads()[i], counters);
        }
    }

    @Override
    void write(long parts, long messages, int count) {
        Native.unixSend(fd, parts, messages, count);
    }
}
