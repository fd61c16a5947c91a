package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.violin.dataplane.worker.HandDriven.frame;
import static org.violin.dataplane.worker.HandDriven.newSwitch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.port.MemoryPort;
import org.violin.dataplane.shaping.Bottleneck;
import org.violin.dataplane.shaping.Chance;
import org.violin.dataplane.shaping.ImpairedLine;
import org.violin.dataplane.shaping.LossModel;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.Ready;

/** The duty cycle, driven by hand with in-memory ports and a manual clock. */
class WorkerTest {
    private long nowNs = 1;
    /** By how much each look at the clock takes it forward. */
    private long lookNs;
    private final PatientPoller poller = new PatientPoller();
    private final HandDriven hand = new HandDriven(poller, () -> nowNs += lookNs);
    private final Worker worker = hand.worker;

    /** Tells how long the worker would have slept, and does not sleep. */
    private static final class PatientPoller implements Poller {
        private final Poller poller = new EpollPoller();
        private long timeoutNs;

        @Override
        public FrameChannel tap(int fd, int offload, Ready ready) {
            return poller.tap(fd, offload, ready);
        }

        @Override
        public FrameChannel packet(int fd, IntSupplier mtu, Ready ready) {
            return poller.packet(fd, mtu, ready);
        }

        @Override
        public FrameChannel seqpacket(int fd, Ready ready) {
            return poller.seqpacket(fd, ready);
        }

        @Override
        public DatagramChannel udp(int fd, Ready ready) {
            return poller.udp(fd, ready);
        }

        @Override
        public void watch(int fd, Ready ready) {
            poller.watch(fd, ready);
        }

        @Override
        public void unwatch(int fd) {
            poller.unwatch(fd);
        }

        @Override
        public int poll(long wantedNs) {
            timeoutNs = wantedNs;
            return poller.poll(0);
        }

        @Override
        public void wakeup() {
            poller.wakeup();
        }

        @Override
        public void close() {
            poller.close();
        }
    }

    @AfterEach
    void everySlotIsBack() {
        hand.close();
    }

    @Test
    void unknownGoesEverywhereElseAndAnAnswerGoesToItsStationAlone() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 3);
        ports.get(0).inject(frame(2, 1, "hello"));
        hand.cycle();
        assertThat(ports.get(0).takeSent()).isEmpty();
        assertThat(ports.get(1).takeSent()).containsExactly(frame(2, 1, "hello"));
        assertThat(ports.get(2).takeSent()).containsExactly(frame(2, 1, "hello"));

        ports.get(1).inject(frame(1, 2, "answer"));
        hand.cycle();
        assertThat(ports.get(0).takeSent()).containsExactly(frame(1, 2, "answer"));
        assertThat(ports.get(2).takeSent()).isEmpty();
    }

    /** As after a port that a worker was late to give up: others may have its index. */
    @Test
    void whatIsLearnedOfAnotherBridgesPortLeadsNowhere() {
        Switch lan = newSwitch();
        List<MemoryPort> ports = hand.plug(lan, 2);
        MemoryPort others = new MemoryPort("another's");
        hand.worker.onAttachPort(2, others, newSwitch());
        lan.table().enter(2, 2, 0);
        ports.get(0).inject(frame(2, 1, "hello"));
        hand.cycle();
        assertThat(others.takeSent()).isEmpty();
        assertThat(ports.get(0).counters().drops(DropReason.NO_EGRESS)).isEqualTo(1);
    }

    @Test
    void aPortIsClosedThatWasNotPluggedIn() {
        MemoryPort port = new MemoryPort("port");
        hand.worker.onClosePort(port);
        hand.worker.onAttachPort(0, port, newSwitch());
        hand.worker.onClosePort(port);
        hand.worker.onClosePort(port);
        assertThat(hand.pool.freeCount()).isEqualTo(HandDriven.SLOTS);
    }

    @Test
    void framesOfOnePortKeepTheirOrderThroughFullBatches() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            byte[] frame = frame(2, 1, "frame " + i);
            sent.add(frame);
            ports.get(0).inject(frame);
        }
        for (int i = 0; i < 1000 / 64 + 1; i++) {
            hand.cycle();
        }
        assertThat(ports.get(1).takeSent()).containsExactlyElementsOf(sent);
    }

    @Test
    void aFloodToMorePortsThanABatchSharesItsSlots() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 100);
        for (int i = 0; i < 200; i++) {
            ports.get(0).inject(frame(0xFFFF_FFFF_FFFFL, 1, "broadcast " + i));
        }
        for (int i = 0; i < 5; i++) {
            hand.cycle();
        }
        for (int i = 1; i < ports.size(); i++) {
            assertThat(ports.get(i).takeSent()).hasSize(200);
        }
        assertThat(hand.pool.freeCount()).isEqualTo(HandDriven.SLOTS);
    }

    @Test
    void dropsAreCountedAtThePortTheFrameCameFrom() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 2);
        ports.get(0).inject(frame(2, 0x0100_0000_0001L, "a group address sends nothing"));
        hand.cycle();
        assertThat(ports.get(0).counters().drops(DropReason.SOURCE_MULTICAST)).isEqualTo(1);
        assertThat(ports.get(1).takeSent()).isEmpty();
    }

    @Test
    void aClosedPortsStationsAreForgottenAndItsIndexIsUsedAgain() {
        Bridge bridge = newSwitch();
        List<MemoryPort> ports = hand.plug(bridge, 3);
        ports.get(1).inject(frame(1, 2, "here I am"));
        hand.cycle();
        ports.forEach(MemoryPort::takeSent);
        worker.onClosePort(ports.get(1));
        bridge.forgetPort(1);
        MemoryPort successor = new MemoryPort("successor");
        worker.onAttachPort(1, successor, bridge);
        ports.get(0).inject(frame(2, 1, "where are you"));
        hand.cycle();
        assertThat(successor.takeSent()).hasSize(1);
        assertThat(ports.get(2).takeSent()).hasSize(1);
    }

    @Test
    void closingAPortWithFramesWaitingLosesNoSlot() {
        List<MemoryPort> ports = hand.plug(newSwitch(), 2);
        ports.get(0).inject(frame(2, 1, "too late"));
        worker.onClosePort(ports.get(0));
        hand.cycle();
        assertThat(hand.pool.freeCount()).isEqualTo(HandDriven.SLOTS);
    }

    @Test
    void aThirdPortOnAPatchIsRefusedAndNothingHasChanged() {
        Bridge patch = new Patch();
        List<MemoryPort> ports = hand.plug(patch, 2);
        MemoryPort third = new MemoryPort("third");
        assertThatThrownBy(() -> worker.onAttachPort(2, third, patch)).hasMessageContaining("third");
        ports.get(0).inject(frame(2, 1, "still a cable"));
        hand.cycle();
        assertThat(ports.get(1).takeSent()).hasSize(1);
    }

    @Test
    void stationsAgeByTheWorkersClock() {
        MacTable table = new MacTable(64, 300, 1, nowNs);
        Switch bridge = new Switch(table);
        worker.onAddBridge(bridge);
        List<MemoryPort> ports = hand.plug(bridge, 2);
        ports.get(0).inject(frame(2, 1, "once"));
        hand.cycle();
        assertThat(table.lookup(1)).isNotEqualTo(MacTable.ABSENT);
        for (int i = 0; i < 400; i++) {
            nowNs += 1_000_000_000L;
            hand.cycle();
        }
        assertThat(table.lookup(1)).isEqualTo(MacTable.ABSENT);
    }

    @Test
    void sleepsOnceNothingHasComeForAWhile() {
        MemoryPort port = hand.plug(new Patch(), 2).getFirst();
        nowNs += 1_000_000_000L;
        worker.doWork(Worker.TICK_NS);
        worker.doWork(Worker.TICK_NS);
        assertThat(poller.timeoutNs).as("with nothing to do").isPositive();
        port.inject(frame(2, 1, "work"));
        worker.doWork(Worker.TICK_NS);
        worker.doWork(Worker.TICK_NS);
        assertThat(poller.timeoutNs).as("just after work").isZero();
        nowNs += Idling.LINGER_NS;
        worker.doWork(Worker.TICK_NS);
        worker.doWork(Worker.TICK_NS);
        assertThat(poller.timeoutNs).as("some time after it").isPositive();
    }

    @Test
    void staysAwakeWhileFramesTakeMuchOfItsTime() {
        MemoryPort port = hand.plug(new Patch(), 2).getFirst();
        port.inject(frame(2, 1, "work"));
        lookNs = Idling.WINDOW_NS / Idling.BUSY_SHARE;
        hand.cycle();
        lookNs = 0;
        nowNs += Idling.WINDOW_NS / 2;
        worker.doWork(Worker.TICK_NS);
        worker.doWork(Worker.TICK_NS);
        assertThat(poller.timeoutNs).isZero();
        nowNs += Idling.WINDOW_NS;
        worker.doWork(Worker.TICK_NS);
        worker.doWork(Worker.TICK_NS);
        assertThat(poller.timeoutNs).as("when no more come").isPositive();
    }

    @Test
    void wakesOnceASecondWhenThereIsNothingToLookAfter() {
        nowNs += Worker.TICK_NS;
        hand.cycle();
        worker.doWork(Long.MAX_VALUE);
        assertThat(poller.timeoutNs).isEqualTo(Worker.IDLE_TICK_NS);
        hand.commands.offer(() -> worker.onAddBridge(new Patch()));
        hand.cycle();
        worker.doWork(Long.MAX_VALUE);
        assertThat(poller.timeoutNs).isEqualTo(Worker.TICK_NS);
        nowNs += Worker.TICK_NS;
        hand.cycle();
        worker.doWork(Long.MAX_VALUE);
        assertThat(poller.timeoutNs).isEqualTo(Worker.TICK_NS);
    }

    @Test
    void commandsRunInTheCycle() {
        List<String> ran = new ArrayList<>();
        hand.commands.offer(() -> ran.add("first"));
        hand.commands.offer(() -> ran.add("second"));
        hand.cycle();
        assertThat(ran).containsExactly("first", "second");
    }

    private static ImpairedLine delayed(long delayNs) {
        Chance never = new Chance(0, 0);
        return new ImpairedLine(new ImpairedLine.Models(false, new Bottleneck(0, 0), new LossModel(0, 0, 0), delayNs, 0,
            never, never, never, never), 1 << 20);
    }

    @Test
    void framesOnALineLeaveWhenTheyAreDueAndTheWorkerSleepsUntilThen() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        worker.onImpair(ports.get(1), delayed(20_000_000), null);
        ports.get(0).inject(frame(2, 1, "there"));
        ports.get(1).inject(frame(1, 2, "back"));
        hand.cycle();
        assertThat(ports.get(0).takeSent()).containsExactly(frame(1, 2, "back"));
        nowNs += 5_000_000;
        worker.doWork(50_000_000);
        assertThat(poller.timeoutNs).isEqualTo(15_000_000);
        assertThat(ports.get(1).takeSent()).isEmpty();
        nowNs += 15_000_000;
        hand.cycle();
        assertThat(ports.get(1).takeSent()).containsExactly(frame(2, 1, "there"));
        worker.doWork(50_000_000);
        assertThat(poller.timeoutNs).isEqualTo(50_000_000);
    }

    @Test
    void whatIsOnALineArrivesWhenItIsChangedOrTakenAway() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        ImpairedLine first = delayed(20_000_000);
        worker.onImpair(ports.get(1), first, null);
        for (ImpairedLine next : new ImpairedLine[] {delayed(10_000_000), null}) {
            ports.get(0).inject(frame(2, 1, "under way"));
            hand.cycle();
            assertThat(ports.get(1).takeSent()).isEmpty();
            worker.onImpair(ports.get(1), next, null);
            assertThat(ports.get(1).takeSent()).containsExactly(frame(2, 1, "under way"));
        }
        assertThat(first.nextDueNs()).isEqualTo(Long.MAX_VALUE);
        ports.get(0).inject(frame(2, 1, "at once"));
        hand.cycle();
        assertThat(ports.get(1).takeSent()).containsExactly(frame(2, 1, "at once"));
    }

    @Test
    void whoDoesNotTakeFromALineWakesWhoDoes() {
        List<MemoryPort> ports = hand.plug(new Patch(), 2);
        AtomicInteger woken = new AtomicInteger();
        try (ImpairedLine line = delayed(1)) {
            worker.onImpair(ports.get(1), line, woken::incrementAndGet);
            ports.get(0).inject(frame(2, 1, "for another worker"));
            hand.cycle();
            ports.get(0).inject(frame(2, 1, "and another"));
            nowNs++;
            hand.cycle();
            assertThat(woken).hasValue(1);
            assertThat(ports.get(1).takeSent()).isEmpty();
            worker.onImpair(ports.get(1), null, null);
            assertThat(line.nextDueNs()).isEqualTo(nowNs);
        }
    }
}
