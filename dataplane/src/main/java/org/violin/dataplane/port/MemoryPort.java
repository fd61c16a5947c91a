package org.violin.dataplane.port;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.Poller;

/**
 * A port whose device is the test that holds it: frames given to {@link #inject} come in, frames that leave are kept
 * for {@link #takeSent}. For tests that drive a worker by hand, on one thread.
 */
public final class MemoryPort extends Port {
    private final Deque<byte[]> incoming = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();
    private Inlet inlet;

    public MemoryPort(String name) {
        super(name, "memory");
    }

    /** A frame that the next cycles will receive. */
    public void inject(byte[] frame) {
        incoming.add(frame.clone());
        if (inlet != null) {
            inlet.onReady();
        }
    }

    /** The frames sent since the last call, in order. */
    public List<byte[]> takeSent() {
        List<byte[]> frames = List.copyOf(sent);
        sent.clear();
        return frames;
    }

    @Override
    public String detail() {
        return "";
    }

    @Override
    public boolean isUp() {
        return inlet != null;
    }

    @Override
    public void attach(Poller poller, Inlet workersInlet) {
        inlet = workersInlet;
        if (!incoming.isEmpty()) {
            inlet.onReady();
        }
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        int count = 0;
        while (count < RECEIVE_MAX && !incoming.isEmpty()) {
            int slot = pool.claim();
            byte[] frame = incoming.remove();
            count++;
            counters().received(1, frame.length);
            if (slot == FramePool.NONE) {
                counters().dropped(DropReason.NO_BUFFER, 1);
                continue;
            }
            int offset = pool.offset(slot);
            pool.storage().putBytes(offset, frame);
            batch.add(slot, offset, frame.length, Offload.NONE);
        }
        return count;
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            byte[] frame = new byte[batch.lengths()[i]];
            pool.storage().getBytes(batch.offsets()[i], frame);
            sent.add(frame);
            counters().sent(1, frame.length);
        }
        batch.release(pool);
    }

    @Override
    public void close() {
        inlet = null;
        incoming.clear();
    }
}
