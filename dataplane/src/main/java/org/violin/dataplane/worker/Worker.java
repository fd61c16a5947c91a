package org.violin.dataplane.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.PortGuard;
import org.violin.dataplane.bridge.Verdict;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.shaping.ImpairedLine;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.tunnel.TunnelSocket;

/**
 * Moves frames. Each cycle: wait until something is ready, run commands, take one bounded batch from each ready port
 * (inhale), let its bridge decide for the batch, hand what was decided to the egress ports (exhale), run timers. Frames
 * stay where they were read; ports pass slots on, a flooded frame is one slot with several holders.
 *
 * <p>A frame leaves in the cycle that it came in by, unless a line delays it. How long that took is recorded at the
 * port that it left by: from the cycle's one clock reading, just after the poll, to another one when the port's system
 * calls have returned.
 *
 * <p>Workers run beside each other. Each has its own object for every port and bridge, under the same index, and so
 * sends to any port by itself, without a hand-over; only the MAC tables, and what a tunnel's senders need, are shared.
 *
 * <p>All {@code on...} methods and {@link #doWork} belong to the worker's thread; tests call them by hand.
 */
public final class Worker {
    /** How often bridges age and tunnels look after their peers. */
    static final long TICK_NS = 100_000_000;
    /** The same for a worker with neither: its socket alone is to be looked at. */
    static final long IDLE_TICK_NS = 1_000_000_000;

    private static final int INITIAL_PORTS = 16;
    /** No port's index. */
    private static final int NOBODY = -1;

    private final Poller poller;
    private final FramePool pool;
    private final LongSupplier nanoClock;
    private final TunnelSocket tunnels;
    private final MpscVarHandleArrayQueue<Runnable> commands;
    private final List<Bridge> bridges = new ArrayList<>();
    private final FrameBatch inhaled = new FrameBatch();
    private final int[] verdicts = new int[FrameBatch.CAPACITY];
    private PortSlot[] ports = new PortSlot[INITIAL_PORTS];
    private PortSlot ingress;
    private final PortQueue ready = new PortQueue(INITIAL_PORTS);
    private final PortQueue dirty = new PortQueue(INITIAL_PORTS);
    /** Links with frames that go out with the tunnels' flush. */
    private final PortQueue gathered = new PortQueue(INITIAL_PORTS);
    /** Ports with a line that this worker takes frames off. */
    private final List<PortSlot> impaired = new ArrayList<>();
    private Tracer tracer;
    private final Bridge.Speaker speaker = this::say;
    private boolean tunnelsReady;
    private long nextTickNs;
    private long nowNs;
    private final Idling idling;

    /**
     * @param tunnels   the UDP socket of all tunnels; null: no tunnels
     * @param nanoClock monotonic time in nanoseconds
     * @param commands  what {@link WorkerProxy} fills
     */
    public Worker(
        Poller poller, FramePool pool, TunnelSocket tunnels, LongSupplier nanoClock,
        MpscVarHandleArrayQueue<Runnable> commands) {
        this.poller = poller;
        this.pool = pool;
        this.tunnels = tunnels;
        this.nanoClock = nanoClock;
        this.commands = commands;
        this.nowNs = nanoClock.getAsLong();
        this.nextTickNs = nowNs;
        this.idling = new Idling(nowNs);
        if (tunnels != null) {
            tunnels.attach(poller, () -> tunnelsReady = true);
        }
    }

    /**
     * One cycle. Waits for at most {@code maxWaitNs} when nothing is known to be ready.
     *
     * @return 0 when there was nothing to do
     */
    public int doWork(long maxWaitNs) {
        int work = poller.poll(waitNs(maxWaitNs));
        nowNs = nanoClock.getAsLong();
        work += drainCommands();
        int taken = inhale();
        work += taken;
        exhale();
        if (taken > 0) {
            idling.onWork(nowNs, nanoClock.getAsLong());
        } else {
            idling.onNothing(nowNs);
        }
        work += runTimers();
        return work;
    }

    private long waitNs(long maxWaitNs) {
        // What a bridge says in a tick leaves in the next cycle.
        if (!ready.isEmpty() || !dirty.isEmpty() || tunnelsReady || !commands.isEmpty() || idling.isAwake()) {
            return 0;
        }
        long now = nanoClock.getAsLong();
        long untilNs = Math.min(nextTickNs - now, maxWaitNs);
        for (int i = 0; i < impaired.size(); i++) {
            untilNs = Math.min(untilNs, impaired.get(i).line.nextDueNs() - now);
        }
        if (tunnels != null) {
            untilNs = Math.min(untilNs, tunnels.nextDueNs() - now);
        }
        return Math.max(0, untilNs);
    }

    /** When the cycle's poll returned. */
    long nowNs() {
        return nowNs;
    }

    private int drainCommands() {
        int count = 0;
        Runnable command;
        while (count < commands.capacity() && (command = commands.relaxedPoll()) != null) {
            command.run();
            count++;
        }
        if (count > 0) {
            nextTickNs = Math.min(nextTickNs - nowNs, TICK_NS) + nowNs;
        }
        return count;
    }

    private int inhale() {
        int work = 0;
        for (int i = ready.count(); i > 0; i--) {
            PortSlot slot = ready.take();
            int count = slot.port.receive(pool, inhaled);
            ingress = slot;
            forward();
            if (count >= Port.RECEIVE_MAX) {
                ready.add(slot);
            }
            work += count;
        }
        if (tunnelsReady || tunnels != null && tunnels.isDue(nowNs)) {
            tunnelsReady = tunnels.receive(pool, nowNs);
            forward();
            work++;
        }
        return work;
    }

    /** A frame that a port hands over by itself; see {@link org.violin.dataplane.port.Inlet#onFrame}. */
    void onFrame(PortSlot from, int slot, int offset, int length, long offload) {
        if (inhaled.count() > 0 && (ingress != from || inhaled.isFull())) {
            forward();
        }
        ingress = from;
        inhaled.add(slot, offset, length, offload);
    }

    void onReady(PortSlot slot) {
        ready.add(slot);
    }

    /** Decides for the batch inhaled from {@link #ingress} and passes every frame on. */
    private void forward() {
        if (inhaled.count() > 0 && ingress.guard != null) {
            ingress.guard.admit(pool, inhaled, ingress.port.counters());
        }
        int count = inhaled.count();
        if (count == 0) {
            return;
        }
        DirectBuffer storage = pool.storage();
        int[] slots = inhaled.slots();
        int[] offsets = inhaled.offsets();
        int[] lengths = inhaled.lengths();
        long[] offloads = inhaled.offloads();
        boolean traced = tracer != null && tracer.wants(ingress.index, count);
        long readNs = traced ? nanoClock.getAsLong() : 0;
        ingress.bridge.decide(ingress.index, storage, offsets, lengths, count, verdicts);
        if (ingress.guard != null) {
            ingress.guard.limitFloods(storage, offsets, count, verdicts, nowNs);
        }
        long decidedNs = traced ? nanoClock.getAsLong() : 0;
        for (int i = 0; i < count; i++) {
            int verdict = verdicts[i];
            PortSlot egress = verdict >= 0 && verdict < ports.length ? ports[verdict] : null;
            if (egress != null && egress.bridge == ingress.bridge) {
                passOn(egress, slots[i], offsets[i], lengths[i], offloads[i]);
            } else if (verdict >= 0) {
                // Another worker has the port already, or still has it, and has learned the station there.
                ingress.port.counters().dropped(DropReason.NO_EGRESS, 1);
                pool.release(slots[i]);
            } else if (!Verdict.isDrop(verdict)) {
                Bridge bridge = ingress.bridge;
                int[] to = verdict == Verdict.FLOOD ? bridge.members() : bridge.chosen(i);
                if (!spread(bridge, to, verdict == Verdict.FLOOD ? bridge.memberCount() : to.length, ingress.index,
                    slots[i], offsets[i], lengths[i], offloads[i])) {
                    ingress.port.counters().dropped(DropReason.NO_EGRESS, 1);
                }
            } else {
                ingress.port.counters().dropped(Verdict.reason(verdict), 1);
                pool.release(slots[i]);
            }
        }
        if (traced) {
            tracer.onQueued(ingress, inhaled, verdicts, ports, nowNs, readNs, decidedNs, nanoClock.getAsLong());
        }
        inhaled.clear();
    }

    /**
     * Passes a frame on to members of a bridge, the first {@code count} ports but {@code except}, and gives up the hold
     * on its slot. Of other ports, which a bridge may take for members while they come and go, none gets it: they may
     * be another network's.
     *
     * @return false: no port has got it
     */
    private boolean spread(
        Bridge bridge, int[] to, int count, int except, int slot, int offset, int length, long offload) {
        boolean isPassedOn = false;
        for (int i = count - 1; i >= 0; i--) {
            PortSlot egress = to[i] < ports.length ? ports[to[i]] : null;
            if (to[i] != except && egress != null && egress.bridge == bridge) {
                pool.retain(slot, 1);
                passOn(egress, slot, offset, length, offload);
                isPassedOn = true;
            }
        }
        pool.release(slot);
        return isPassedOn;
    }

    /** A frame of a bridge's own; see {@link Bridge.Speaker}. */
    private boolean say(Bridge from, int[] to, int count, DirectBuffer frame, int length) {
        int slot = pool.claim();
        if (slot == FramePool.NONE) {
            return false;
        }
        int offset = pool.offset(slot);
        pool.storage().putBytes(offset, frame, 0, length);
        spread(from, to, count, NOBODY, slot, offset, length, Offload.NONE);
        return true;
    }

    private void passOn(PortSlot egress, int slot, int offset, int length, long offload) {
        FrameBatch batch = egress.egress;
        if (batch.isFull()) {
            transmit(egress);
        }
        batch.add(slot, offset, length, offload);
        dirty.add(egress);
    }

    private void exhale() {
        for (int i = dirty.count(); i > 0; i--) {
            transmit(dirty.take());
        }
        for (int i = 0; i < impaired.size(); i++) {
            takeDue(impaired.get(i), nowNs);
        }
        if (tunnels != null) {
            tunnels.flush(pool, nowNs);
        }
        if (!gathered.isEmpty() || tracer != null) {
            settle();
        }
    }

    private void settle() {
        long sentNs = nanoClock.getAsLong();
        while (!gathered.isEmpty()) {
            gathered.take().onSent(sentNs - nowNs);
        }
        if (tracer != null && tracer.onCycleEnd(sentNs)) {
            tracer = null;
        }
    }

    private void transmit(PortSlot egress) {
        if (egress.line == null) {
            send(egress);
        } else if (egress.line.offer(pool, egress.egress, egress.port.counters(), nowNs) && egress.wakeTaker != null) {
            egress.wakeTaker.run();
        }
    }

    /** Sends what has come to the end of a port's line. */
    private void takeDue(PortSlot egress, long dueNs) {
        while (egress.line.nextDueNs() - dueNs <= 0 && egress.line.take(pool, egress.egress, dueNs) > 0) {
            send(egress);
        }
    }

    private void send(PortSlot egress) {
        if (egress.egress.count() > 0) {
            egress.port.transmit(pool, egress.egress);
            egress.egress.clear();
            if (egress.port.isFlushed()) {
                gathered.add(egress);
            } else {
                onSent(egress);
            }
        }
    }

    private void onSent(PortSlot egress) {
        long sentNs = nanoClock.getAsLong();
        egress.onSent(sentNs - nowNs);
        if (tracer != null) {
            tracer.onSent(egress.port, sentNs);
        }
    }

    private int runTimers() {
        if (nowNs - nextTickNs < 0) {
            return 0;
        }
        boolean idle = bridges.isEmpty() && (tunnels == null || tunnels.isEmpty());
        nextTickNs = nowNs + (idle ? IDLE_TICK_NS : TICK_NS);
        for (int i = 0; i < bridges.size(); i++) {
            bridges.get(i).onTick(nowNs, speaker);
        }
        if (tunnels != null) {
            tunnels.onTick(pool, nowNs);
        }
        return 1;
    }

    /** Tells whether this thread may go before ordinary ones. */
    void onPriority(boolean first) {
        idling.setGoesFirst(first);
    }

    /** Ages what the bridge learns; the other workers' bridges that share it are not added. */
    public void onAddBridge(Bridge bridge) {
        bridges.add(bridge);
    }

    public void onRemoveBridge(Bridge bridge) {
        bridges.remove(bridge);
    }

    /**
     * Plugs an opened port into a bridge. If this throws, nothing has changed, and {@link #onClosePort} closes it.
     *
     * @param index the same at all workers, in use for no other port
     */
    public void onAttachPort(int index, Port port, Bridge bridge) {
        growTo(index);
        PortSlot slot = new PortSlot(this, index, port, bridge);
        if (!bridge.addPort(index)) {
            throw new IllegalStateException(port.name() + ": a patch joins two ports and has both");
        }
        ports[index] = slot;
        try {
            port.attach(poller, slot);
        } catch (RuntimeException e) {
            ports[index] = null;
            bridge.removePort(index);
            throw e;
        }
    }

    /**
     * Has what leaves by a port pass a line first. Frames under way on the line before, if it was this worker's, leave
     * now, and that line is closed: the other workers must have let go of it.
     *
     * @param line      null: none any more
     * @param wakeTaker tells the worker that takes frames off the line; null: this one does
     */
    public void onImpair(Port port, ImpairedLine line, Runnable wakeTaker) {
        PortSlot slot = find(port);
        transmit(slot);
        if (impaired.remove(slot)) {
            takeDue(slot, Long.MAX_VALUE);
            if (tunnels != null) {
                // Frames for a link hold their slots until the flush, and a small pool may have run dry.
                tunnels.flush(pool, nowNs);
                takeDue(slot, Long.MAX_VALUE);
            }
            slot.line.close();
        }
        slot.line = line;
        slot.wakeTaker = wakeTaker;
        if (line != null && wakeTaker == null) {
            impaired.add(slot);
        }
    }

    /**
     * Plugs ports into other bridges, at the same places in {@code to}; all are taken out first, so that there is room,
     * and that two may change places. What is under way to a port leaves by it.
     */
    public void onMovePorts(List<Port> moved, List<Bridge> to) {
        List<PortSlot> slots = moved.stream().map(this::find).toList();
        slots.forEach(slot -> slot.bridge.removePort(slot.index));
        IntStream.range(0, to.size()).forEach(i -> slots.get(i).plugInto(to.get(i)));
    }

    /** Has what comes in by a port checked from now on; {@code guard}: shared by all workers; null: nothing is. */
    public void onGuard(Port port, PortGuard guard) {
        find(port).guard = guard;
    }

    /** Unplugs a port, if it is plugged in, and closes it; frames on their way to it are dropped. */
    public void onClosePort(Port port) {
        PortSlot slot = slotOf(port);
        if (slot != null) {
            ready.remove(slot);
            dirty.remove(slot);
            slot.egress.release(pool);
            if (impaired.remove(slot)) {
                slot.line.close();
            }
            slot.bridge.removePort(slot.index);
            ports[slot.index] = null;
        }
        port.close();
    }

    /** Traces frames from now on, until the tracer is full; null: no more. */
    public void onTrace(Tracer newTracer) {
        tracer = newTracer;
    }

    /** Closes all ports, the tunnels' socket and the poller, and proves that every frame slot is back. */
    public void onClose() {
        for (int i = ports.length - 1; i >= 0; i--) {
            if (ports[i] != null) {
                onClosePort(ports[i].port);
            }
        }
        if (tunnels != null) {
            tunnels.close(pool);
        }
        poller.close();
        pool.checkBalance();
    }

    private PortSlot find(Port port) {
        PortSlot slot = slotOf(port);
        if (slot == null) {
            throw new IllegalStateException(port.name() + ": not attached");
        }
        return slot;
    }

    private PortSlot slotOf(Port port) {
        for (PortSlot slot : ports) {
            if (slot != null && slot.port == port) {
                return slot;
            }
        }
        return null;
    }

    private void growTo(int index) {
        if (index >= ports.length) {
            ports = Arrays.copyOf(ports, Math.max(index + 1, 2 * ports.length));
            ready.grow(ports.length);
            dirty.grow(ports.length);
            gathered.grow(ports.length);
        }
    }
}
