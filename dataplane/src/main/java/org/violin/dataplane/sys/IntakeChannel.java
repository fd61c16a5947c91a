package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.PlainFrames;

/**
 * Frames taken from an intake, and written as the messages of a {@link Gather}; the kinds differ in what stands in
 * front of a frame, and in the call that writes.
 */
abstract class IntakeChannel implements FrameChannel {
    final int fd;
    final Gather gather = new Gather();
    private final FrameIntake intake;
    private final PlainFrames plain = new PlainFrames();
    /** For each message: the frames in it and their bytes. */
    private final int[] messageFrames = new int[Layout.MESSAGES_MAX];
    private final int[] messageBytes = new int[Layout.MESSAGES_MAX];
    private boolean closed;

    IntakeChannel(int fd, FrameIntake intake) {
        this.fd = fd;
        this.intake = intake;
    }

    /** Appends a frame that was read to {@code offset}; or says why it is dropped. */
    abstract DropReason take(FramePool pool, FrameBatch batch, int slot, int offset, int length);

    /** Makes messages of the frames; {@link #end} ends each, and {@link #flush} makes room. */
    abstract void gather(FramePool pool, FrameBatch batch, PortCounters counters);

    /** Writes the messages and leaves each one's status. */
    abstract void write(long parts, long messages, int count);

    @Override
    public final int receive(FramePool pool, FrameBatch batch, PortCounters counters) {
        int count = intake.receive(pool);
        if (count == FrameIntake.NO_SLOT) {
            counters.dropped(DropReason.NO_BUFFER, 1);
            return 0;
        }
        if (count == FrameIntake.EMPTY) {
            counters.received(1, 0);
            counters.dropped(DropReason.RUNT, 1);
            return 1;
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int slot = intake.slot(i);
            int length = intake.length(i);
            DropReason bad = intake.isTruncated(i)
                ? DropReason.OVERSIZED : take(pool, batch, slot, intake.offset(i), length);
            if (bad != null) {
                counters.dropped(bad, 1);
                pool.release(slot);
            }
            bytes += length;
        }
        if (count > 0) {
            counters.received(count, bytes - (long) count * headerBytes());
        }
        return count;
    }

    /** Bytes that stand in front of each frame. */
    int headerBytes() {
        return 0;
    }

    @Override
    public final void send(FramePool pool, FrameBatch batch, PortCounters counters) {
        gather(pool, batch, counters);
        flush(counters);
        batch.release(pool);
    }

    /** Makes messages of what a frame stands for, complete ones, with nothing left to others. */
    final void gatherPlain(
        MutableDirectBuffer storage, int offset, int length, long offload, PortCounters counters) {
        int count = plain.wrap(storage, offset, length, offload);
        int before = headerBytes();
        for (int i = 0; i < count; i++) {
            if (!gather.hasRoom(2, before + Layers.MAX_HEADER_BYTES)) {
                flush(counters);
            }
            int headerBytes = plain.headerBytes();
            if (before + headerBytes > 0) {
                int header = gather.claimHeader(before + headerBytes);
                gather.headers().setMemory(header, before, (byte) 0);
                plain.writeHeaders(i, gather.headers(), header + before);
            }
            int payloadBytes = plain.payloadBytes(i);
            gather.addPart(storage.addressOffset() + plain.payloadOffset(i), payloadBytes);
            end(1, headerBytes + payloadBytes);
        }
    }

    /** Ends the message that has been gathered. */
    final void end(int frames, int bytes) {
        int message = gather.endMessage();
        messageFrames[message] = frames;
        messageBytes[message] = bytes;
    }

    /** Writes what has been gathered. */
    final void flush(PortCounters counters) {
        int count = gather.messageCount();
        if (count == 0) {
            return;
        }
        write(gather.partsAddress(), gather.messagesAddress(), count);
        long frames = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            int status = gather.status(i);
            if (status == 0) {
                frames += messageFrames[i];
                bytes += messageBytes[i];
            } else {
                counters.dropped(status == -Errno.EAGAIN || status == -Errno.ENOBUFS
                    ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR, messageFrames[i]);
            }
        }
        counters.sent(frames, bytes);
        gather.reset();
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            intake.close();
            Native.close(fd);
            gather.close();
        }
    }
}
