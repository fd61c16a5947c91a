package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.violin.dataplane.worker.HandDriven.frame;
import static org.violin.dataplane.worker.HandDriven.newSwitch;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.bridge.PortGuard;
import org.violin.dataplane.bridge.RateLimit;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.port.MemoryPort;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.sys.EpollPoller;

/** What a port that floods costs the others of its worker: no more than a batch of its frames in each cycle. */
class FairShareTest {
    private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
    private static final long ALICE = 0x0200_0000_000AL;
    private static final long BOB = 0x0200_0000_000BL;
    private static final int CYCLES = 200;
    private static final int FLOOD = (CYCLES + 10) * Port.RECEIVE_MAX;

    private long nowNs = 1;
    private final HandDriven hand = new HandDriven(new EpollPoller(), () -> nowNs);
    private final SplittableRandom random = Seeds.random("FairShareTest");
    private final Switch bridge = newSwitch();
    private MemoryPort flooder;
    private MemoryPort alice;
    private MemoryPort bob;

    @BeforeEach
    void flood() {
        List<MemoryPort> ports = hand.plug(bridge, 3);
        flooder = ports.get(0);
        alice = ports.get(1);
        bob = ports.get(2);
        bob.inject(frame(BROADCAST, BOB, "here I am"));
        hand.cycle();
        ports.forEach(MemoryPort::takeSent);
        for (int i = 0; i < FLOOD; i++) {
            flooder.inject(frame(BROADCAST, 0x0200_0100_0000L + random.nextInt(1 << 24), "flood"));
        }
    }

    @AfterEach
    void everySlotIsBack() {
        hand.close();
    }

    /** In the cycle in which it came, however much the other port still has, and whatever it makes the switch learn. */
    @Test
    void anothersFrameDoesNotWaitForAFlood() {
        for (int cycle = 1; cycle <= CYCLES; cycle++) {
            byte[] frame = frame(BOB, ALICE, "frame " + cycle);
            alice.inject(frame);
            hand.cycle();
            assertThat(bob.takeSent()).as("cycle %d", cycle).contains(frame);
            assertThat(flooder.counters().get(PortCounter.RX_FRAMES)).isEqualTo((long) cycle * Port.RECEIVE_MAX);
            assertThat(flooder.takeSent()).as("what is Bob's").isEmpty();
            alice.takeSent();
        }
    }

    @Test
    void aGuardedPortsFloodReachesNobodyAndTeachesTheSwitchNothing() {
        hand.worker.onGuard(flooder, new PortGuard(new long[] {1}, null, true, null, null, null));
        for (int cycle = 1; cycle <= CYCLES; cycle++) {
            hand.cycle();
        }
        assertThat(bob.takeSent()).isEmpty();
        assertThat(flooder.counters().drops(DropReason.UNDECLARED_MAC)).isEqualTo((long) CYCLES * Port.RECEIVE_MAX);
        assertThat(bridge.table().size()).as("Bob alone").isEqualTo(1);
        hand.worker.onGuard(flooder, null);
        hand.cycle();
        assertThat(bob.takeSent()).hasSize(Port.RECEIVE_MAX);
    }

    @Test
    void aStormIsHeldToItsRateByTheWorkersClock() {
        hand.worker.onGuard(flooder, new PortGuard(null, null, false, new RateLimit(10, nowNs), null, null));
        hand.cycle();
        assertThat(bob.takeSent()).hasSize(10);
        nowNs += 500_000_000;
        hand.cycle();
        assertThat(bob.takeSent()).hasSize(5);
        assertThat(flooder.counters().drops(DropReason.STORM_BROADCAST)).isEqualTo(2 * Port.RECEIVE_MAX - 15);
    }
}
