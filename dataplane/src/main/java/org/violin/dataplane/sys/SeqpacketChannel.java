package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Checksum;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.Segmenter;

/**
 * A guest's connection: one message is one frame, complete. Checksums that a frame's sender has left undone
 * are computed here, and super-frames cut, headers apart from the payload, which stays where it lies.
 */
final class SeqpacketChannel extends IntakeChannel {
    private final Segmenter segmenter = new Segmenter();

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
        for (int i = 0; i < batch.count(); i++) {
            int offset = batch.offsets()[i];
            int length = batch.lengths()[i];
            long offload = batch.offloads()[i];
            if (Offload.isSuperFrame(offload)) {
                gatherSegments(pool, offset, length, offload, counters);
                continue;
            }
            makeRoom(counters);
            if (Offload.needsChecksum(offload)) {
                gatherCompleted(pool, offset, length, offload);
            } else {
                gather.addPart(pool.storage().addressOffset() + offset, length);
            }
            end(1, length);
        }
    }

    private void makeRoom(PortCounters counters) {
        if (!gather.hasRoom(2, Layers.MAX_HEADER_BYTES)) {
            flush(counters);
        }
    }

    private void gatherSegments(FramePool pool, int offset, int length, long offload, PortCounters counters) {
        segmenter.wrap(pool.storage(), offset, length, offload);
        int headerBytes = segmenter.headerBytes();
        int size = Offload.gsoSize(offload);
        segmenter.segmentCount(size);
        for (int from = headerBytes; from < length; from += size) {
            int bytes = Math.min(size, length - from);
            makeRoom(counters);
            int header = gather.claimHeader(headerBytes);
            segmenter.writeHeaders(from - headerBytes, bytes, gather.headers(), header);
            Checksum.complete(gather.headers(), header, headerBytes, pool.storage(), offset + from, bytes, offload);
            gather.addPart(pool.storage().addressOffset() + offset + from, bytes);
            end(1, headerBytes + bytes);
        }
    }

    private void gatherCompleted(FramePool pool, int offset, int length, long offload) {
        int headerBytes = Offload.checksumStart(offload) + Offload.checksumOffset(offload) + Short.BYTES;
        int header = gather.claimHeader(headerBytes);
        MutableDirectBuffer headers = gather.headers();
        headers.putBytes(header, pool.storage(), offset, headerBytes);
        int payload = offset + headerBytes;
        int bytes = length - headerBytes;
        Checksum.complete(headers, header, headerBytes, pool.storage(), payload, bytes, offload);
        gather.addPart(pool.storage().addressOffset() + payload, bytes);
    }

    @Override
    void write(long parts, long messages, int count) {
        Native.unixSend(fd, parts, messages, count);
    }
}
