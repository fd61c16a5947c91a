package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.PlainFrames;

/**
 * A guest's connection: one message is one frame, complete, as {@link PlainFrames} makes it.
 */
final class SeqpacketChannel extends IntakeChannel {
    private final PlainFrames frames = new PlainFrames();

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
            int count = frames.wrap(storage, batch.offsets()[i], batch.lengths()[i], batch.offloads()[i]);
            for (int frame = 0; frame < count; frame++) {
                gatherFrame(storage, frame, counters);
            }
        }
    }

    private void gatherFrame(MutableDirectBuffer storage, int frame, PortCounters counters) {
        if (!gather.hasRoom(2, Layers.MAX_HEADER_BYTES)) {
            flush(counters);
        }
        int headerBytes = frames.headerBytes();
        if (headerBytes > 0) {
            frames.writeHeaders(frame, gather.headers(), gather.claimHeader(headerBytes));
        }
        int payloadBytes = frames.payloadBytes(frame);
        gather.addPart(storage.addressOffset() + frames.payloadOffset(frame), payloadBytes);
        end(1, headerBytes + payloadBytes);
    }

    @Override
    void write(long parts, long messages, int count) {
        Native.unixSend(fd, parts, messages, count);
    }
}
