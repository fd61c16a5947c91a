package org.violin.dataplane.sys;

import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/**
 * Where a UDP channel's datagrams come from: read when somebody asks (epoll), or read already (io_uring). What is said
 * of each buffer stands in an array of {@code violin_received}. Worker's thread.
 */
abstract class DatagramIntake implements AutoCloseable {
    final OffHeap memory = OffHeap.map((long) Layout.BATCH_MAX * Layout.RECEIVED_BYTES);
    final UnsafeBuffer received = memory.buffer();

    private long refusals;

    /** As {@link DatagramChannel#receive}. */
    abstract int receive(FramePool pool, FrameBatch batch);

    /** Takes note of what a read has returned. */
    final void note(int result) {
        if (result == -Errno.ECONNREFUSED) {
            refusals++;
        }
    }

    /** As {@link DatagramChannel#takeRefusals}. */
    final long takeRefusals() {
        long taken = refusals;
        refusals = 0;
        return taken;
    }

    final int segmentBytes(int index) {
        int bytes = received.getInt(at(index) + Layout.RECEIVED_SEGMENT_BYTES);
        return bytes > 0 ? bytes : received.getInt(slice(index) + Layout.SLICE_LENGTH);
    }

    final boolean isTruncated(int index) {
        return received.getInt(slice(index) + Layout.SLICE_STATUS) == Layout.TRUNCATED;
    }

    final boolean isFrom(int index, Endpoint endpoint) {
        return endpoint.isAt(received, sourceAt(index));
    }

    final boolean isFromHost(int index, Endpoint endpoint) {
        return endpoint.isHostAt(received, sourceAt(index));
    }

    final Endpoint source(int index) {
        return Endpoint.at(received, sourceAt(index));
    }

    final long sourceKey(int index) {
        return Endpoint.keyAt(received, sourceAt(index));
    }

    static int at(int index) {
        return index * Layout.RECEIVED_BYTES;
    }

    static int slice(int index) {
        return at(index) + Layout.RECEIVED_SLICE;
    }

    static int sourceAt(int index) {
        return at(index) + Layout.RECEIVED_SOURCE;
    }

    /** Ends the watch on the descriptor, which is the caller's to close. */
    @Override
    public abstract void close();
}
