package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.counters.LatencyHistogram;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.port.MemoryPort;
import org.violin.dataplane.sys.EpollPoller;

/** How long frames are said to be inside, by a clock that goes on by a step each time that it is read. */
class WorkerLatencyTest {
    private static final int SLOTS = 256;
    private static final int SLOT_BYTES = 2048;
    private static final long STEP_NS = 1000;
    private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    private final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, SLOT_BYTES)]), SLOTS, SLOT_BYTES);
    private long nowNs;
    private final Worker worker = new Worker(
        new EpollPoller(), pool, null, () -> nowNs += STEP_NS, new MpscVarHandleArrayQueue<>(64));

    private record Traced(String ingress, String egress, String drop, int bytes, boolean superFrame,
        long readNs, long decideNs, long queueNs, long sendNs) {
    }

    @AfterEach
    void everySlotIsBack() {
        worker.onClose();
    }

    @Test
    void everyFrameThatLeavesIsCountedAtItsEgressPort() {
        List<MemoryPort> ports = plug(new Patch(), 2);
        for (int i = 0; i < 100; i++) {
            ports.get(0).inject(frame(2, 1));
        }
        cycle();
        cycle();
        assertThat(count(ports.get(0))).isZero();
        assertThat(count(ports.get(1))).isEqualTo(ports.get(1).counters().get(PortCounter.TX_FRAMES)).isEqualTo(100);
        assertThat(ports.get(1).residence().maxNs()).as("from the poll to the return").isEqualTo(STEP_NS);
    }

    @Test
    void aFloodCountsAtEachPortWhenThatHasSent() {
        List<MemoryPort> ports = plug(newSwitch(), 3);
        ports.get(0).inject(frame(BROADCAST, 1));
        cycle();
        assertThat(ports).extracting(WorkerLatencyTest::count).containsExactly(0L, 1L, 1L);
        assertThat(ports).extracting(port -> port.residence().maxNs())
            .containsExactlyInAnyOrder(0L, STEP_NS, 2 * STEP_NS);
    }

    @Test
    void whatIsDroppedHasNotLeft() {
        List<MemoryPort> ports = plug(newSwitch(), 2);
        ports.get(0).inject(frame(2, 0x0100_0000_0001L));
        cycle();
        assertThat(ports).extracting(WorkerLatencyTest::count).containsExactly(0L, 0L);
    }

    @Test
    void oneFrameInSoManyIsTracedThroughItsStages() {
        List<MemoryPort> ports = plug(new Patch(), 2);
        Tracer tracer = trace(3, 100, 0);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 5; j++) {
                ports.get(0).inject(frame(2, 1));
                ports.get(1).inject(frame(1, 2));
            }
            cycle();
        }
        // Every third of 20: the first of all, the last but one.
        assertThat(tracer.take(100, Traced::new)).hasSize(7).allSatisfy(traced -> assertThat(traced)
            .usingRecursiveComparison().ignoringFields("readNs", "sendNs")
            .isEqualTo(new Traced("port 0", "port 1", null, 60, false, 0, STEP_NS, STEP_NS, 0)));
        assertThat(tracer.take(100, Traced::new)).isEmpty();
    }

    @Test
    void stagesAddUpToTheTimeInside() {
        List<MemoryPort> ports = plug(new Patch(), 2);
        Tracer tracer = trace(1, 10, 0, 1);
        ports.get(0).inject(frame(2, 1));
        cycle();
        assertThat(tracer.take(10, Traced::new)).containsExactly(
            new Traced("port 0", "port 1", null, 60, false, STEP_NS, STEP_NS, STEP_NS, STEP_NS));
        assertThat(ports.get(1).residence().maxNs()).isEqualTo(4 * STEP_NS);
    }

    @Test
    void aBatchesFramesHaveTheBatchesTimes() {
        List<MemoryPort> ports = plug(new Patch(), 2);
        Tracer tracer = trace(1, 100, 0);
        for (int i = 0; i < 64; i++) {
            ports.get(0).inject(frame(2, 1));
        }
        cycle();
        assertThat(tracer.take(100, Traced::new)).hasSize(64).containsOnly(
            new Traced("port 0", "port 1", null, 60, false, STEP_NS, STEP_NS, STEP_NS, STEP_NS));
    }

    @Test
    void floodsAndDropsAreTracedToo() {
        List<MemoryPort> ports = plug(newSwitch(), 3);
        Tracer tracer = trace(1, 10, 0);
        ports.get(0).inject(frame(BROADCAST, 1));
        ports.get(0).inject(frame(2, 0));
        cycle();
        // Both other ports send, and then the clock is read for the end of the cycle.
        assertThat(tracer.take(10, Traced::new)).containsExactly(
            new Traced("port 0", null, null, 60, false, STEP_NS, STEP_NS, STEP_NS, 3 * STEP_NS),
            new Traced("port 0", null, "source-zero", 60, false, STEP_NS, STEP_NS, STEP_NS, 0));
    }

    @Test
    void framesAreShownOnceTheirCycleIsOver() {
        MemoryPort port = plug(new Patch(), 2).getFirst();
        Tracer tracer = trace(1, 10, 0);
        assertThat(tracer.take(10, Traced::new)).isEmpty();
        for (int i = 0; i < 3; i++) {
            port.inject(frame(2, 1));
            cycle();
        }
        assertThat(tracer.take(2, Traced::new)).hasSize(2);
        assertThat(tracer.take(2, Traced::new)).hasSize(1);
    }

    @Test
    void aFullTraceEndsByItself() {
        List<MemoryPort> ports = plug(new Patch(), 2);
        Tracer tracer = trace(2, 3, 0);
        for (int i = 0; i < 20; i++) {
            ports.get(0).inject(frame(2, 1));
        }
        cycle();
        assertThat(tracer.take(10, Traced::new)).hasSize(3);
        long beforeNs = nowNs;
        ports.get(0).inject(frame(2, 1));
        cycle();
        assertThat(nowNs - beforeNs).as("after it the clock is read at the poll and at the send, as without one")
            .isEqualTo(2 * STEP_NS);
        assertThat(tracer.take(10, Traced::new)).isEmpty();
    }

    private Tracer trace(int every, int count, int... ingresses) {
        BitSet ports = new BitSet();
        for (int ingress : ingresses) {
            ports.set(ingress);
        }
        Tracer tracer = new Tracer(ports, every, count);
        worker.onTrace(tracer);
        return tracer;
    }

    private void cycle() {
        worker.doWork(0);
    }

    private static long count(MemoryPort port) {
        long count = 0;
        for (int i = 0; i < LatencyHistogram.BUCKETS; i++) {
            count += port.residence().count(i);
        }
        return count;
    }

    private Switch newSwitch() {
        return new Switch(new MacTable(64, 300, 42, nowNs));
    }

    private List<MemoryPort> plug(Bridge bridge, int count) {
        List<MemoryPort> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemoryPort port = new MemoryPort("port " + i);
            worker.onAttachPort(i, port, bridge);
            ports.add(port);
        }
        return ports;
    }

    private static byte[] frame(long destination, long source) {
        byte[] frame = new byte[60];
        for (int i = 0; i < 6; i++) {
            frame[i] = (byte) (destination >>> (40 - 8 * i));
            frame[6 + i] = (byte) (source >>> (40 - 8 * i));
        }
        return frame;
    }
}
