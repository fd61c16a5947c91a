package org.violin.dataplane;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.OffHeap;

/** A guest's end of a unix port, for tests: sends and receives frames over the real socket, on the test's thread. */
public final class TestGuest implements AutoCloseable {
    static final int SLOTS = 256;
    /** What one read may take. */
    static final int FEW_SLOTS = 64;
    private static final int SLOT_BYTES = FramePool.SLOT_BYTES;

    private final EpollPoller poller = new EpollPoller();
    private final OffHeap memory;
    private final FramePool pool;
    private final FrameBatch batch = new FrameBatch();
    private final PortCounters counters = new PortCounters();
    private final FrameChannel channel;
    private final Queue<byte[]> received = new ArrayDeque<>();

    public TestGuest(Path socket) {
        this(socket, SLOTS);
    }

    /** @param slots for frames; few for one of many guests */
    public TestGuest(Path socket, int slots) {
        memory = OffHeap.map(FramePool.storageBytes(slots, SLOT_BYTES));
        pool = new FramePool(memory.buffer(), slots, SLOT_BYTES);
        channel = poller.seqpacket(Devices.connectUnix(socket), () -> { });
    }

    public PortCounters counters() {
        return counters;
    }

    public void send(byte[] frame) {
        int slot = pool.claim();
        pool.storage().putBytes(pool.offset(slot), frame);
        batch.add(slot, pool.offset(slot), frame.length, Offload.NONE);
        channel.send(pool, batch, counters);
    }

    /** The next frame; null when none came in {@code timeout}. */
    public byte[] receive(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (received.isEmpty()) {
            int count = channel.receive(pool, batch, counters);
            for (int i = 0; i < batch.count(); i++) {
                received.add(bytes(batch.offsets()[i], batch.lengths()[i]));
            }
            batch.release(pool);
            long leftNs = deadlineNs - System.nanoTime();
            if (received.isEmpty() && (count == FrameChannel.CLOSED || leftNs <= 0)) {
                return null;
            }
            if (received.isEmpty()) {
                poller.poll(leftNs);
            }
        }
        return received.remove();
    }

    private byte[] bytes(int offset, int length) {
        byte[] frame = new byte[length];
        pool.storage().getBytes(offset, frame);
        return frame;
    }

    @Override
    public void close() {
        channel.close();
        poller.close();
        memory.close();
    }
}
