package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.violin.dataplane.worker.HandDriven.newSwitch;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.counters.LatencyHistogram;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.port.MemoryPort;
import org.violin.dataplane.sys.EpollPoller;

/** How long frames are said to be inside, by a clock that goes on by a step each time that it is read. */
class WorkerLatencyTest {
    private static final long STEP_NS = 1000;
    private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    private long nowNs;
    private final HandDriven hand = new HandDriven(new EpollPoller(), () -> nowNs += STEP_NS);

    private record Traced(String ingress, String egress, String drop, int bytes, boolean superFrame,
        long readNs, long decideNs, long queueNs, long sendNs) {
    }

    @AfterEach
    void everySlotIsBack() {
        hand.close();
    }

    @Test
    void everyFrameThatLeavesIsCountedAtItsEgressPort() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        for (int i = 0; i < 100; i++) {
            ports.get(0).inject(frame(2, 1));
        }
        hand.cycle();
        hand.cycle();
        assertThat(count(ports.get(0))).isZero();
        assertThat(count(ports.get(1))).isEqualTo(ports.get(1).counters().get(PortCounter.TX_FRAMES)).isEqualTo(100);
        assertThat(ports.get(1).residence().maxNs()).as("from the poll to the return").isEqualTo(STEP_NS);
    }

    @Test
    void aFloodCountsAtEachPortWhenThatHasSent() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 3);
        ports.get(0).inject(frame(BROADCAST, 1));
        hand.cycle();
        assertThat(ports).extracting(WorkerLatencyTest::count).containsExactly(0L, 1L, 1L);
        assertThat(ports).extracting(port -> port.residence().maxNs())
            .containsExactlyInAnyOrder(0L, STEP_NS, 2 * STEP_NS);
    }

    @Test
    void whatIsDroppedHasNotLeft() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 2);
        ports.get(0).inject(frame(2, 0x0100_0000_0001L));
        hand.cycle();
        assertThat(ports).extracting(WorkerLatencyTest::count).containsExactly(0L, 0L);
    }

    @Test
    void oneFrameInSoManyIsTracedThroughItsStages() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        Tracer tracer = trace(3, 100, 0);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 5; j++) {
                ports.get(0).inject(frame(2, 1));
                ports.get(1).inject(frame(1, 2));
            }
            hand.cycle();
        }
        // Every third of 20: the first of all, the last but one.
        assertThat(tracer.take(100, Traced::new)).hasSize(7).allSatisfy(traced -> assertThat(traced)
            .usingRecursiveComparison().ignoringFields("readNs", "sendNs")
            .isEqualTo(new Traced("port 0", "port 1", null, 60, false, 0, STEP_NS, STEP_NS, 0)));
        assertThat(tracer.take(100, Traced::new)).isEmpty();
    }

    @Test
    void stagesAddUpToTheTimeInside() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        Tracer tracer = trace(1, 10, 0, 1);
        ports.get(0).inject(frame(2, 1));
        hand.cycle();
        assertThat(tracer.take(10, Traced::new)).containsExactly(
            new Traced("port 0", "port 1", null, 60, false, STEP_NS, STEP_NS, STEP_NS, STEP_NS));
        assertThat(ports.get(1).residence().maxNs()).isEqualTo(4 * STEP_NS);
    }

    @Test
    void aBatchesFramesHaveTheBatchesTimes() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        Tracer tracer = trace(1, 100, 0);
        for (int i = 0; i < 64; i++) {
            ports.get(0).inject(frame(2, 1));
        }
        hand.cycle();
        assertThat(tracer.take(100, Traced::new)).hasSize(64).containsOnly(
            new Traced("port 0", "port 1", null, 60, false, STEP_NS, STEP_NS, STEP_NS, STEP_NS));
    }

    @Test
    void floodsAndDropsAreTracedToo() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 3);
        Tracer tracer = trace(1, 10, 0);
        ports.get(0).inject(frame(BROADCAST, 1));
        ports.get(0).inject(frame(2, 0));
        hand.cycle();
        // Both other ports send, and then the clock is read for the end of the cycle.
        assertThat(tracer.take(10, Traced::new)).containsExactly(
            new Traced("port 0", null, null, 60, false, STEP_NS, STEP_NS, STEP_NS, 3 * STEP_NS),
            new Traced("port 0", null, "source-zero", 60, false, STEP_NS, STEP_NS, STEP_NS, 0));
    }

    @Test
    void framesAreShownOnceTheirCycleIsOver() {
        MemoryPort port = hand.plug(new Patch(), 2).getFirst();
        Tracer tracer = trace(1, 10, 0);
        assertThat(tracer.take(10, Traced::new)).isEmpty();
        for (int i = 0; i < 3; i++) {
            port.inject(frame(2, 1));
            hand.cycle();
        }
        assertThat(tracer.take(2, Traced::new)).hasSize(2);
        assertThat(tracer.take(2, Traced::new)).hasSize(1);
    }

    @Test
    void aFullTraceEndsByItself() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        Tracer tracer = trace(2, 3, 0);
        for (int i = 0; i < 20; i++) {
            ports.get(0).inject(frame(2, 1));
        }
        hand.cycle();
        assertThat(tracer.take(10, Traced::new)).hasSize(3);
        long beforeNs = nowNs;
        ports.get(0).inject(frame(2, 1));
        hand.cycle();
        assertThat(nowNs - beforeNs).as("after it the clock is read at poll, send and cycle's end, as without one")
            .isEqualTo(3 * STEP_NS);
        assertThat(tracer.take(10, Traced::new)).isEmpty();
    }

    private Tracer trace(int every, int count, int... ingresses) {
        BitSet ports = new BitSet();
        for (int ingress : ingresses) {
            ports.set(ingress);
        }
        Tracer tracer = new Tracer(ports, every, count);
        hand.worker.onTrace(tracer);
        return tracer;
    }

    private static long count(MemoryPort port) {
        long count = 0;
        for (int i = 0; i < LatencyHistogram.BUCKETS; i++) {
            count += port.residence().count(i);
        }
        return count;
    }

    private static byte[] frame(long destination, long source) {
        return HandDriven.frame(destination, source, "");
    }
}
