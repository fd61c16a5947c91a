package org.violin.dataplane.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.port.MemoryPort;
import org.violin.dataplane.sys.Poller;

/** A worker without a thread, its cycles run by hand and its time a test's; its ports are in memory. */
final class HandDriven implements AutoCloseable {
    static final int SLOTS = 256;
    private static final int SLOT_BYTES = 2048;
    private static final int MIN_FRAME_BYTES = 60;
    private static final int PAYLOAD = 14;

    final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, SLOT_BYTES)]), SLOTS, SLOT_BYTES);
    final MpscVarHandleArrayQueue<Runnable> commands = new MpscVarHandleArrayQueue<>(64);
    final Worker worker;

    HandDriven(Poller poller, LongSupplier nanoClock) {
        worker = new Worker(poller, pool, null, nanoClock, commands);
    }

    /** One cycle, which does not wait. */
    void cycle() {
        worker.doWork(0);
    }

    /** Ports 0, 1... of a bridge. */
    List<MemoryPort> plug(Bridge bridge, int count) {
        List<MemoryPort> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemoryPort port = new MemoryPort("port " + i);
            worker.onAttachPort(i, port, bridge);
            ports.add(port);
        }
        return ports;
    }

    static Switch newSwitch() {
        return new Switch(new MacTable(64, 300, 42, 0));
    }

    static byte[] frame(long destination, long source, String payload) {
        byte[] frame = new byte[MIN_FRAME_BYTES];
        for (int i = 0; i < 6; i++) {
            frame[i] = (byte) (destination >>> (40 - 8 * i));
            frame[6 + i] = (byte) (source >>> (40 - 8 * i));
        }
        frame[12] = 0x08;
        System.arraycopy(payload.getBytes(), 0, frame, PAYLOAD, Math.min(payload.length(), frame.length - PAYLOAD));
        return frame;
    }

    /** Proves that every slot is back. */
    @Override
    public void close() {
        worker.onClose();
    }
}
