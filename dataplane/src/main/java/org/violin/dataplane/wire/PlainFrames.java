package org.violin.dataplane.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * What a frame becomes for a receiver that does nothing of what its sender has left undone: itself, itself with its
 * checksum complete, or the segments that it stands for, complete. Headers are made anew, apart from the payload, which
 * stays where it lies and is not written to, as others may hold it as well.
 *
 * <p>Of one thread, used again by {@link #wrap}; allocates nothing.
 */
public final class PlainFrames {
    private final Segmenter segmenter = new Segmenter();
    private DirectBuffer storage;
    private int offset;
    private int length;
    private long offload;
    private int headerBytes;
    /** Of every frame but the last. */
    private int payloadMax;

    /** Takes a frame that has passed {@link OffloadCheck}; returns how many frames it becomes. */
    public int wrap(DirectBuffer frameStorage, int frameOffset, int frameLength, long frameOffload) {
        storage = frameStorage;
        offset = frameOffset;
        length = frameLength;
        offload = frameOffload;
        if (Offload.isSuperFrame(offload)) {
            segmenter.wrap(storage, offset, length, offload);
            headerBytes = segmenter.headerBytes();
            payloadMax = Offload.gsoSize(offload);
            return segmenter.segmentCount(payloadMax);
        }
        headerBytes = !Offload.needsChecksum(offload) ? 0
            : Offload.checksumStart(offload) + Offload.checksumOffset(offload) + Short.BYTES;
        payloadMax = length - headerBytes;
        return 1;
    }

    /** Bytes that {@link #writeHeaders} makes, at most {@link Layers#MAX_HEADER_BYTES}; 0: the frame is as it is. */
    public int headerBytes() {
        return headerBytes;
    }

    /** Where in the storage goes on what the headers of frame {@code index} begin. */
    public int payloadOffset(int index) {
        return offset + headerBytes + index * payloadMax;
    }

    /** How much that is; may be 0. */
    public int payloadBytes(int index) {
        return Math.min(payloadMax, length - headerBytes - index * payloadMax);
    }

    /** Writes the headers of frame {@code index}, {@link #headerBytes} bytes, with its checksum. */
    public void writeHeaders(int index, MutableDirectBuffer target, int targetOffset) {
        if (headerBytes == 0) {
            return;
        }
        if (Offload.isSuperFrame(offload)) {
            segmenter.writeHeaders(index * payloadMax, payloadBytes(index), target, targetOffset);
        } else {
            target.putBytes(targetOffset, storage, offset, headerBytes);
        }
        Checksum.complete(
            target, targetOffset, headerBytes, storage, payloadOffset(index), payloadBytes(index), offload);
    }
}
