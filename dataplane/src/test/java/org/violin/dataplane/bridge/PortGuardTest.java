package org.violin.dataplane.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.SenderAddresses;

class PortGuardTest {
    private static final long A = 0x0200_0000_000AL;
    private static final long B = 0x0200_0000_000BL;
    private static final long GROUP = 0x0100_5E00_0001L;
    private static final long BPDU = 0x0180_C200_0000L;
    private static final int SLOT_BYTES = 64;
    private static final int SLOTS = 256;
    private static final long SECOND = 1_000_000_000L;
    private static final int ARP = 0x0806;

    private final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, SLOT_BYTES)]), SLOTS, SLOT_BYTES);
    private final FrameBatch batch = new FrameBatch();
    private final PortCounters counters = new PortCounters();
    private final Frames frames = new Frames(64);

    private static PortGuard declaring(long... macs) {
        return new PortGuard(macs, null, false, null, null, null);
    }

    private static PortGuard limiting(RateLimit broadcast, RateLimit unknown, RateLimit multicast) {
        return new PortGuard(null, null, false, broadcast, unknown, multicast);
    }

    private void add(long destination, long source, int type) {
        Frames one = new Frames(1).add(destination, source, type);
        int slot = pool.claim();
        pool.storage().putBytes(pool.offset(slot), one.storage, one.offsets[0], one.lengths[0]);
        batch.add(slot, pool.offset(slot), one.lengths[0], Offload.NONE);
    }

    /** The sources of what the guard lets in of the batch, which is then empty; every slot is back. */
    private List<Long> admitted(PortGuard guard) {
        guard.admit(pool, batch, counters);
        List<Long> sources = new ArrayList<>();
        for (int i = 0; i < batch.count(); i++) {
            sources.add(Ethernet.source(pool.storage(), batch.offsets()[i]));
        }
        batch.release(pool);
        assertThat(pool.freeCount()).isEqualTo(SLOTS);
        return sources;
    }

    @Test
    void onlyDeclaredStationsComeInInTheirOrder() {
        for (long source : new long[] {A, B, 0, A, B + 1, Ethernet.BROADCAST, B}) {
            add(Ethernet.BROADCAST, source, 0x0800);
        }
        assertThat(admitted(declaring(A, B))).containsExactly(A, B, A, B);
        assertThat(counters.dropsByLabel()).isEqualTo(Map.of("undeclared-mac", 3L));
    }

    @Test
    void framesOfBridgesToEachOtherAreDropped() {
        for (int last = 0; last < 17; last++) {
            add(BPDU + last, A + last, 0x0026);
        }
        assertThat(admitted(new PortGuard(null, null, true, null, null, null))).containsExactly(A + 16);
        assertThat(counters.dropsByLabel()).isEqualTo(Map.of("bpdu-guard", 16L));
    }

    @Test
    void whatIsClaimedIsLookedAtLast() {
        SenderAddresses none = new SenderAddresses(new byte[0][], new int[0]);
        PortGuard guard = new PortGuard(new long[] {A}, none, true, null, null, null);
        add(BPDU, B, ARP);
        add(Ethernet.BROADCAST, B, ARP);
        add(Ethernet.BROADCAST, A, ARP);
        add(Ethernet.BROADCAST, A, 0x0800);
        add(Ethernet.BROADCAST, A, 0x88B5);
        assertThat(admitted(guard)).containsExactly(A);
        assertThat(counters.dropsByLabel()).isEqualTo(
            Map.of("bpdu-guard", 1L, "undeclared-mac", 1L, "undeclared-neighbour", 1L, "undeclared-ip", 1L));
    }

    /** A frame to a known station, one to nobody, one to a group and one to everybody, again and again: the drops. */
    private Map<DropReason, Integer> flood(PortGuard guard, int times, long nowNs) {
        Map<DropReason, Integer> drops = new EnumMap<>(DropReason.class);
        for (int i = 0; i < times; i++) {
            frames.clear().add(B, A).add(B + 1, A).add(GROUP, A).add(Ethernet.BROADCAST, A);
            int[] verdicts = {1, Verdict.FLOOD, Verdict.FLOOD, 1};
            guard.limitFloods(frames.storage, frames.offsets, frames.count, verdicts, nowNs);
            assertThat(verdicts[0]).isEqualTo(1);
            for (int verdict : verdicts) {
                if (Verdict.isDrop(verdict)) {
                    drops.merge(Verdict.reason(verdict), 1, Integer::sum);
                }
            }
        }
        return drops;
    }

    @Test
    void eachKindOfFloodHasARateOfItsOwn() {
        PortGuard guard = limiting(new RateLimit(10, 0), new RateLimit(20, 0), new RateLimit(1, 0));
        Map<DropReason, Integer> beyondASecond = Map.of(DropReason.STORM_BROADCAST, 40, DropReason.STORM_UNKNOWN, 30,
            DropReason.STORM_MULTICAST, 49);
        assertThat(flood(guard, 50, 0)).isEqualTo(beyondASecond);
        assertThat(flood(guard, 10, SECOND / 10)).isEqualTo(Map.of(DropReason.STORM_BROADCAST, 9,
            DropReason.STORM_UNKNOWN, 8, DropReason.STORM_MULTICAST, 10));
        assertThat(flood(guard, 50, 100 * SECOND)).as("after however long").isEqualTo(beyondASecond);
        assertThat(flood(limiting(null, null, new RateLimit(1, 0)), 3, 0))
            .isEqualTo(Map.of(DropReason.STORM_MULTICAST, 2));
    }

    @Test
    void whatIsDroppedAlreadyUsesNothingUp() {
        PortGuard guard = limiting(new RateLimit(1, 0), null, null);
        frames.clear().add(Ethernet.BROADCAST, A);
        int dropped = Verdict.drop(DropReason.NO_EGRESS);
        int[] verdicts = {dropped};
        guard.limitFloods(frames.storage, frames.offsets, 1, verdicts, 0);
        assertThat(verdicts[0]).isEqualTo(dropped);
        verdicts[0] = Verdict.FLOOD;
        guard.limitFloods(frames.storage, frames.offsets, 1, verdicts, 0);
        assertThat(verdicts[0]).isEqualTo(Verdict.FLOOD);
    }

    @Test
    void workersShareARate() throws Exception {
        RateLimit limit = new RateLimit(50_000, Long.MAX_VALUE - 5);
        Callable<Integer> worker = () -> {
            int passed = 0;
            for (int i = 0; i < 30_000; i++) {
                // The clock has wrapped round since.
                passed += limit.pass(Long.MIN_VALUE + 5) ? 1 : 0;
            }
            return passed;
        };
        int passed = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Integer> each : threads.invokeAll(List.of(worker, worker, worker, worker))) {
                passed += each.get();
            }
        }
        assertThat(passed).isEqualTo(50_000);
    }

    @Test
    void checksWithoutAllocating() {
        SenderAddresses addresses = new SenderAddresses(new byte[][] {{10, 0, 0, 1}}, new int[] {24});
        PortGuard guard = new PortGuard(new long[] {A}, addresses, true, new RateLimit(1000, 0),
            new RateLimit(1000, 0), new RateLimit(1000, 0));
        frames.clear();
        for (int i = 0; i < 64; i++) {
            frames.add(i % 3 == 0 ? GROUP : i % 3 == 1 ? B : Ethernet.BROADCAST, i % 5 == 0 ? B : A, 0x88B5);
        }
        int[] slots = new int[64];
        Runnable work = () -> {
            for (int i = 0; i < 5_000; i++) {
                for (int j = 0; j < 64; j++) {
                    slots[j] = pool.claim();
                    pool.storage().putBytes(pool.offset(slots[j]), frames.storage, frames.offsets[j], 14);
                    batch.add(slots[j], pool.offset(slots[j]), 14, Offload.NONE);
                }
                guard.admit(pool, batch, counters);
                Arrays.fill(frames.verdicts, Verdict.FLOOD);
                guard.limitFloods(pool.storage(), batch.offsets(), batch.count(), frames.verdicts, i);
                batch.release(pool);
            }
        };
        assertThat(Allocations.of(20, work)).isZero();
    }
}
