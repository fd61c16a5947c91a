package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.bridge.GroupTable;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.bridge.Snooping;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.port.MemoryPort;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.wire.GroupFrames;

/** What a worker does with what a switch decides for groups, and with what it asks. */
class WorkerMulticastTest {
    private static final String GROUP = "239.1.2.3";
    private static final int INTERVAL_SECONDS = 2;

    private long nowNs = 1;
    private final HandDriven hand = new HandDriven(new EpollPoller(), () -> nowNs);
    private final Switch bridge = new Switch(new MacTable(64, 300, 1, nowNs),
        new GroupTable(new Snooping(true, INTERVAL_SECONDS, true, 0x0200_0000_0050L), nowNs));
    private List<MemoryPort> ports;

    @BeforeEach
    void plug() {
        hand.worker.onAddBridge(bridge);
        ports = hand.plug(bridge, 4);
    }

    /** Proves that every slot is back. */
    @AfterEach
    void close() {
        hand.close();
    }

    /** Until all ports have been asked. */
    private void settle() {
        for (int i = 0; i < 10 * (INTERVAL_SECONDS + 2); i++) {
            nowNs += Worker.TICK_NS;
            hand.cycle();
        }
        hand.cycle();
        ports.forEach(MemoryPort::takeSent);
    }

    private void send(int port, byte[] frame) {
        ports.get(port).inject(GroupFrames.from(port + 1, frame));
        hand.cycle();
    }

    @Test
    void whatTheSwitchAsksLeavesByAllPorts() {
        hand.cycle();
        ports.forEach(port -> assertThat(port.takeSent()).isEmpty());
        hand.cycle();
        for (MemoryPort port : ports) {
            List<byte[]> sent = port.takeSent();
            assertThat(sent).hasSize(2);
            assertThat(sent).extracting(frame -> (int) frame[0]).containsExactly(0x01, 0x33);
        }
        assertThat(hand.pool.freeCount()).isEqualTo(HandDriven.SLOTS);
    }

    @Test
    void aGroupsFrameGoesToItsMembersAndIsOneSlot() {
        settle();
        send(1, GroupFrames.igmp("16", GROUP));
        send(2, GroupFrames.igmp("16", GROUP));
        send(1, GroupFrames.data(GROUP));
        assertThat(ports.get(2).takeSent()).containsExactly(GroupFrames.from(2, GroupFrames.data(GROUP)));
        for (int port : new int[] {0, 1, 3}) {
            assertThat(ports.get(port).takeSent()).as("port %d", port).isEmpty();
        }
        send(0, GroupFrames.data("239.9.9.9"));
        assertThat(ports.get(0).counters().drops(DropReason.NO_MEMBER)).isEqualTo(1);
        assertThat(ports.get(1).counters().drops(DropReason.REPORT_KEPT)).isEqualTo(1);
        assertThat(hand.pool.freeCount()).isEqualTo(HandDriven.SLOTS);
    }

    /** The table may know a port longer than its worker has it; by then its index may be another bridge's. */
    @Test
    void aMemberThatIsAnotherBridgesByNowGetsNothing() {
        settle();
        send(1, GroupFrames.igmp("16", GROUP));
        hand.worker.onClosePort(ports.get(1));
        send(0, GroupFrames.data(GROUP));
        assertThat(ports.get(0).counters().drops(DropReason.NO_EGRESS)).isEqualTo(1);
        MemoryPort stranger = new MemoryPort("stranger");
        hand.worker.onAttachPort(1, stranger, new Patch());
        send(0, GroupFrames.data(GROUP));
        assertThat(stranger.takeSent()).isEmpty();
        assertThat(ports.get(0).counters().drops(DropReason.NO_EGRESS)).isEqualTo(2);
    }
}
