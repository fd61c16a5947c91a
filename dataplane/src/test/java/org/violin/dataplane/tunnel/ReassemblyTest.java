package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;

class ReassemblyTest {
    private static final int SLOT_BYTES = 2048;
    private static final int SLOTS = 4;
    private static final int GAP = 64;
    private static final byte CANARY = 0x5A;
    private static final int LINK = 9;

    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final byte[] memory = new byte[GAP + SLOTS * (SLOT_BYTES + GAP)];
    private final UnsafeBuffer storage = new UnsafeBuffer(memory);
    private final int[] slotOffsets = new int[SLOTS];
    private final Reassembly reassembly;
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[SLOT_BYTES]);

    ReassemblyTest() {
        Arrays.fill(memory, CANARY);
        for (int i = 0; i < SLOTS; i++) {
            slotOffsets[i] = GAP + i * (SLOT_BYTES + GAP);
        }
        reassembly = new Reassembly(storage, slotOffsets, SLOT_BYTES, drops);
        new SplittableRandom(1).nextBytes(frame.byteArray());
    }

    private int piece(int link, int frameId, int start, int end, int length, long nowNs) {
        return reassembly.onFragment(link, frameId, start, length, frame, start, end - start, Offload.NONE, nowNs);
    }

    private int piece(int frameId, int start, int end, int length) {
        return piece(LINK, frameId, start, end, length, 0);
    }

    private void assertWhole(int slot, int length) {
        assertThat(slot).isNotEqualTo(Reassembly.NONE);
        assertThat(reassembly.frameLength(slot)).isEqualTo(length);
        int offset = reassembly.frameOffset(slot);
        assertThat(Arrays.equals(memory, offset, offset + length, frame.byteArray(), 0, length)).isTrue();
    }

    @Test
    void putsAFrameTogetherInAnyOrder() {
        assertThat(piece(1, 500, 1000, 1500)).isEqualTo(Reassembly.NONE);
        assertThat(piece(1, 1000, 1500, 1500)).isEqualTo(Reassembly.NONE);
        int slot = piece(1, 0, 500, 1500);
        assertWhole(slot, 1500);
        assertThat(reassembly.inUse()).isEqualTo(1);
        reassembly.take(slot, reassembly.frameOffset(slot));
        assertThat(reassembly.inUse()).isZero();
        assertThat(drops.toMap()).isEmpty();
    }

    @Test
    void oneFragmentCanBeAFrame() {
        assertWhole(piece(1, 0, 60, 60), 60);
    }

    @Test
    void keepsFramesAndLinksApart() {
        piece(1, 1, 0, 700, 1400, 0);
        piece(2, 1, 0, 700, 1400, 0);
        piece(1, 2, 0, 700, 1400, 0);
        assertThat(reassembly.inUse()).isEqualTo(3);
        assertWhole(piece(2, 1, 700, 1400, 1400, 0), 1400);
        assertWhole(piece(1, 2, 700, 1400, 1400, 0), 1400);
        assertWhole(piece(1, 1, 700, 1400, 1400, 0), 1400);
    }

    @Test
    void aKeptFrameLeavesOtherMemoryInItsPlace() {
        int slot = piece(1, 0, 60, 60);
        int kept = reassembly.frameOffset(slot);
        reassembly.take(slot, 0);
        assertThat(reassembly.slotOffsets()).contains(0).doesNotContain(kept);
        assertWhole(piece(2, 0, 61, 61), 61);
    }

    @Test
    void anOverlapKillsTheFrame() {
        int[][] overlaps = {{0, 500}, {499, 501}, {100, 200}, {0, 1500}, {400, 600}, {300, 1300}};
        for (int[] overlap : overlaps) {
            piece(1, 0, 500, 1500);
            piece(1, 1000, 1100, 1500);
            assertThat(piece(1, overlap[0], overlap[1], 1500)).isEqualTo(Reassembly.NONE);
            assertThat(reassembly.inUse()).isZero();
        }
        assertThat(drops.get(DropReason.FRAGMENT_OVERLAP)).isEqualTo(overlaps.length);
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThat(piece(1, 0, 10, SLOT_BYTES + 1)).isEqualTo(Reassembly.NONE);
        assertThat(drops.get(DropReason.FRAGMENT_BOUNDS)).isEqualTo(1);
        assertWhole(piece(1, 0, SLOT_BYTES, SLOT_BYTES), SLOT_BYTES);
        piece(2, 0, 500, 1500);
        piece(2, 500, 1000, 1501);
        assertThat(drops.get(DropReason.FRAGMENT_MISMATCH)).isEqualTo(1);
        assertThat(reassembly.inUse()).isEqualTo(1);
    }

    @Test
    void countsTheRangesThatItKeeps() {
        for (int i = 0; i < 64; i++) {
            piece(1, 2 * i, 2 * i + 1, 1500);
        }
        assertThat(reassembly.inUse()).isEqualTo(1);
        piece(1, 128, 129, 1500);
        assertThat(reassembly.inUse()).isZero();
        assertThat(drops.get(DropReason.FRAGMENT_EXCESS)).isEqualTo(1);
    }

    @Test
    void waitsNoLongerThanItSays() {
        long start = Long.MAX_VALUE - 5;
        piece(LINK, 1, 0, 500, 1500, start);
        reassembly.onTick(start + Reassembly.TIMEOUT_NS - 1);
        assertThat(reassembly.inUse()).isEqualTo(1);
        reassembly.onTick(start + Reassembly.TIMEOUT_NS);
        assertThat(reassembly.inUse()).isZero();
        assertThat(drops.get(DropReason.FRAGMENT_TIMEOUT)).isEqualTo(1);
    }

    @Test
    void theLinkThatHoldsMostMakesRoom() {
        piece(1, 1, 0, 500, 1500, 1);
        piece(2, 1, 0, 500, 1500, 2);
        piece(2, 2, 0, 500, 1500, 3);
        piece(2, 3, 0, 500, 1500, 4);
        piece(3, 1, 0, 500, 1500, 5);
        assertThat(drops.get(DropReason.FRAGMENT_EVICTED)).isEqualTo(1);
        assertWhole(piece(1, 1, 500, 1500, 1500, 6), 1500);
        assertWhole(piece(2, 2, 500, 1500, 1500, 6), 1500);
        assertWhole(piece(2, 3, 500, 1500, 1500, 6), 1500);
        assertWhole(piece(3, 1, 500, 1500, 1500, 6), 1500);
    }

    @Test
    void aLinkWithoutEndDisplacesItself() {
        piece(1, 1, 0, 500, 1500, 0);
        for (int i = 0; i < 1000; i++) {
            piece(2, i, 0, 500, 1500, i);
        }
        assertWhole(piece(1, 1, 500, 1500, 1500, 6), 1500);
        assertThat(drops.get(DropReason.FRAGMENT_EVICTED)).isEqualTo(997);
    }

    @Test
    void forgetsAll() {
        piece(1, 0, 500, 1500);
        reassembly.clear();
        assertThat(reassembly.inUse()).isZero();
        assertThat(piece(1, 500, 1500, 1500)).isEqualTo(Reassembly.NONE);
        assertThat(drops.toMap()).isEmpty();
    }

    /** Random cuts of random frames, shuffled together with hostile ones: honest frames come whole, nothing leaks. */
    @Test
    void survivesMixedTraffic() {
        SplittableRandom random = Seeds.random("Reassembly, mixed traffic");
        long nowNs = 0;
        int whole = 0;
        for (int round = 0; round < 200_000; round++) {
            nowNs += random.nextLong(1_000_000);
            int length = random.nextInt(14, SLOT_BYTES + 10);
            int start = random.nextInt(length);
            int end = random.nextInt(start + 1, length + 1);
            if (length <= SLOT_BYTES && random.nextBoolean()) {
                int cut = random.nextInt(1, length);
                assertThat(piece(1, round, cut, length, length, nowNs)).isEqualTo(Reassembly.NONE);
                hostile(random, nowNs, Math.min(end, SLOT_BYTES));
                int slot = piece(1, round, 0, cut, length, nowNs);
                assertWhole(slot, length);
                reassembly.take(slot, reassembly.frameOffset(slot));
                whole++;
            }
            reassembly.onTick(nowNs);
            assertThat(reassembly.inUse()).isBetween(0, SLOTS);
        }
        assertThat(whole).isGreaterThan(50_000);
        for (int i = 0; i < memory.length; i++) {
            if (i % (SLOT_BYTES + GAP) < GAP) {
                assertThat(memory[i]).isEqualTo(CANARY);
            }
        }
    }

    private void hostile(SplittableRandom random, long nowNs, int length) {
        for (int i = random.nextInt(6); i > 0; i--) {
            int total = Math.max(14, length);
            int start = random.nextInt(total);
            int end = random.nextInt(start + 1, total + 1);
            int slot = piece(2, random.nextInt(4), start, end, total, nowNs);
            if (slot != Reassembly.NONE) {
                reassembly.take(slot, reassembly.frameOffset(slot));
            }
        }
    }

    @Test
    void allocatesNothing() {
        Runnable work = () -> {
            for (int i = 0; i < 50_000; i++) {
                piece(i & 3, i, 500, 1500, 1500, i);
                int slot = piece(i & 3, i, 0, 500 - (i & 1), 1500, i);
                if (slot != Reassembly.NONE) {
                    reassembly.take(slot, reassembly.frameOffset(slot));
                }
                reassembly.onTick(i);
            }
        };
        assertThat(Allocations.of(20, work)).isZero();
    }
}
