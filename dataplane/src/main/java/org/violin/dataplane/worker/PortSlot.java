package org.violin.dataplane.worker;

import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.PortGuard;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.port.Inlet;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.shaping.ImpairedLine;

/** A port as its worker holds it: its index on any bridge, and the frames decided for it in this cycle. */
final class PortSlot implements Inlet {
    final int index;
    final Port port;
    final FrameBatch egress = new FrameBatch();
    /** What it is plugged into. */
    Bridge bridge;
    /** What frames are checked by when they come in; null: nothing. */
    PortGuard guard;
    /** What frames pass before they leave; null: nothing. */
    ImpairedLine line;
    /** Tells the worker that takes frames off the line; null: this one does. */
    Runnable wakeTaker;
    private final Worker worker;
    private long sentFrames;

    PortSlot(Worker worker, int index, Port port, Bridge bridge) {
        this.worker = worker;
        this.index = index;
        this.port = port;
        this.bridge = bridge;
    }

    /** Another bridge than the one that it has been taken out of. */
    void plugInto(Bridge other) {
        bridge = other;
        if (!bridge.addPort(index)) {
            throw new AssertionError(port.name() + ": a patch joins two ports and has both");
        }
    }

    /** What was sent since the last call left so long after the poll that told of it. */
    void onSent(long residenceNs) {
        long frames = port.counters().get(PortCounter.TX_FRAMES);
        port.residence().record(residenceNs, frames - sentFrames);
        sentFrames = frames;
    }

    @Override
    public void onReady() {
        worker.onReady(this);
    }

    @Override
    public void onFrame(int slot, int offset, int length, long offload) {
        worker.onFrame(this, slot, offset, length, offload);
    }
}
