package org.violin.dataplane.shaping;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.shaping.ImpairedLine.Models;
import org.violin.dataplane.wire.ReferenceFrame;

/** One line, time in the test's hand. */
class ImpairedLineTest {
    private static final int SLOTS = 64;
    private static final int BYTES = 1 << 20;
    private static final Chance NEVER = new Chance(0, 0);
    private static final Chance ALWAYS = new Chance(1, 0);
    private static final Bottleneck WIDE = new Bottleneck(0, 0);
    private static final LossModel SAFE = new LossModel(0, 0, 0);
    private static final int MS = 1_000_000;

    private final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, FramePool.SLOT_BYTES)]), SLOTS,
        FramePool.SLOT_BYTES);
    private final FrameBatch batch = new FrameBatch();
    private final PortCounters counters = new PortCounters();
    private final SplittableRandom random = Seeds.random("ImpairedLineTest");
    private ImpairedLine line;
    private long nowNs = 1;

    @AfterEach
    void everySlotIsBack() {
        line.close();
        pool.checkBalance();
    }

    private void make(Bottleneck bottleneck, LossModel loss, long delayNs, long jitterNs, Chance reorder,
        Chance duplicate, Chance corrupt) {
        line = new ImpairedLine(new Models(false, bottleneck, loss, delayNs, jitterNs, new Chance(1, 1), reorder,
            duplicate, corrupt), BYTES);
    }

    private void offer(byte[] frame, long offload) {
        int slot = pool.claim();
        pool.storage().putBytes(pool.offset(slot), frame);
        batch.add(slot, pool.offset(slot), frame.length, offload);
        line.offer(pool, batch, counters, nowNs);
        assertThat(pool.freeCount()).isEqualTo(SLOTS);
    }

    private void offer(int number) {
        offer(ByteBuffer.allocate(60).putInt(number).array(), Offload.NONE);
    }

    /** The frames that are due now, and their words. */
    private List<byte[]> take(List<Long> offloads) {
        List<byte[]> frames = new ArrayList<>();
        while (line.take(pool, batch, nowNs) > 0) {
            for (int i = 0; i < batch.count(); i++) {
                byte[] frame = new byte[batch.lengths()[i]];
                pool.storage().getBytes(batch.offsets()[i], frame);
                frames.add(frame);
                offloads.add(batch.offloads()[i]);
            }
            batch.release(pool);
        }
        return frames;
    }

    private List<Integer> takeNumbers() {
        return take(new ArrayList<>()).stream().map(frame -> ByteBuffer.wrap(frame).getInt()).toList();
    }

    private long dropped(DropReason reason) {
        return counters.dropsByLabel().getOrDefault(reason.label(), 0L);
    }

    @Test
    void aFrameTakesTheDelayToTheNanosecond() {
        make(WIDE, SAFE, 20 * MS, 0, NEVER, NEVER, NEVER);
        assertThat(line.nextDueNs()).isEqualTo(Long.MAX_VALUE);
        offer(1);
        assertThat(line.nextDueNs()).isEqualTo(1 + 20 * MS);
        nowNs = 5 * MS;
        offer(2);
        nowNs = 20 * MS;
        assertThat(takeNumbers()).isEmpty();
        nowNs++;
        assertThat(takeNumbers()).containsExactly(1);
        assertThat(line.nextDueNs()).isEqualTo(25 * MS);
        nowNs = 25 * MS;
        assertThat(takeNumbers()).containsExactly(2);
        assertThat(line.nextDueNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void jitterIsWithinItsBoundsAndKeepsTheOrder() {
        make(WIDE, SAFE, 10 * MS, 3 * MS, NEVER, NEVER, NEVER);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 5000; i++) {
            offer(i);
            long sentNs = nowNs;
            nowNs = line.nextDueNs();
            least = Math.min(least, nowNs - sentNs);
            most = Math.max(most, nowNs - sentNs);
            assertThat(takeNumbers()).containsExactly(i);
        }
        assertThat(least).isBetween(7L * MS, 7L * MS + MS / 50);
        assertThat(most).isBetween(13L * MS - MS / 50, 13L * MS);
        for (int i = 0; i < 500; i++) {
            offer(i);
            nowNs += MS / 10;
        }
        List<Integer> all = new ArrayList<>();
        while (line.nextDueNs() != Long.MAX_VALUE) {
            nowNs = Math.max(nowNs, line.nextDueNs());
            all.addAll(takeNumbers());
        }
        assertThat(all).hasSize(500).isSorted();
    }

    @Test
    void framesLeaveABottleneckAtItsRate() {
        make(new Bottleneck(8_000_000, 10_000), SAFE, 5 * MS, 0, NEVER, NEVER, NEVER);
        for (int i = 0; i < 300; i++) {
            offer(i);
        }
        long passed = 10_000 / 60 + 1;
        assertThat(dropped(DropReason.IMPAIR_QUEUE)).isEqualTo(300 - passed);
        for (int i = 0; i < passed; i++) {
            nowNs = line.nextDueNs();
            assertThat(nowNs).isEqualTo(1 + 5 * MS + (i + 1) * 60_000L);
            assertThat(takeNumbers()).containsExactly(i);
        }
    }

    @Test
    void aFrameThatOvertakesIsNotDelayed() {
        make(WIDE, SAFE, 10 * MS, 0, new Chance(0.1, 7), NEVER, NEVER);
        List<Integer> atOnce = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            offer(i);
            atOnce.addAll(takeNumbers());
        }
        assertThat(atOnce).hasSizeBetween(50, 150).isSorted();
        nowNs += 10 * MS;
        List<Integer> later = takeNumbers();
        assertThat(later).hasSize(1000 - atOnce.size()).isSorted().doesNotContainAnyElementsOf(atOnce);
    }

    @Test
    void aFrameThatComesTwiceComesTwice() {
        make(WIDE, SAFE, MS, 0, NEVER, ALWAYS, NEVER);
        offer(1);
        offer(2);
        nowNs += MS;
        assertThat(takeNumbers()).containsExactly(1, 1, 2, 2);
    }

    @Test
    void lossIsCounted() {
        make(WIDE, new LossModel(0.25, 0, 3), 0, 0, NEVER, NEVER, NEVER);
        for (int i = 0; i < 1000; i++) {
            offer(i);
        }
        assertThat(takeNumbers()).hasSize(1000 - (int) dropped(DropReason.IMPAIR_LOSS));
        assertThat(dropped(DropReason.IMPAIR_LOSS)).isBetween(200L, 300L);
    }

    /** Each segment is a frame of its own, as a kernel would have made it. */
    @Test
    void aSuperFrameIsCut() {
        make(WIDE, SAFE, 0, 0, NEVER, NEVER, NEVER);
        for (int i = 0; i < 500; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, 20 + random.nextInt(20_000));
            int size = 8 + random.nextInt(frame.payloadBytes() - 8);
            size = Math.max(size, frame.payloadBytes() / 100 + 1);
            offer(frame.bytes(), frame.superFrame(size));
            List<Long> offloads = new ArrayList<>();
            assertThat(take(offloads)).containsExactlyElementsOf(frame.cut(size).stream().map(ReferenceFrame::bytes)
                .toList());
            assertThat(offloads).containsOnly(frame.partial());
        }
        assertThat(counters.dropsByLabel()).isEmpty();
    }

    /** One bit is wrong and the checksum is not, so that whoever checks finds it. */
    @Test
    void aCorruptFrameIsCompleteButForOneBit() {
        make(WIDE, SAFE, 0, 0, NEVER, NEVER, ALWAYS);
        for (int i = 0; i < 2000; i++) {
            ReferenceFrame frame = ReferenceFrame.random(random, 1 + random.nextInt(1400));
            offer(frame.bytes(), frame.partial());
            List<Long> offloads = new ArrayList<>();
            byte[] came = take(offloads).getFirst();
            byte[] whole = frame.completed();
            assertThat(offloads).containsExactly(Offload.NONE);
            assertThat(came).hasSameSizeAs(whole);
            int bits = 0;
            for (int at = 0; at < whole.length; at++) {
                bits += Integer.bitCount((came[at] ^ whole[at]) & 0xFF);
            }
            assertThat(bits).isEqualTo(1);
        }
    }

    @Test
    void nothingPassesALineThatIsDown() {
        line = new ImpairedLine(new Models(true, WIDE, SAFE, 0, 0, NEVER, NEVER, NEVER, NEVER), BYTES);
        offer(1);
        assertThat(line.nextDueNs()).isEqualTo(Long.MAX_VALUE);
        assertThat(dropped(DropReason.IMPAIR_DOWN)).isEqualTo(1);
    }

    /** However many frames come, the memory for them stays what it is. */
    @Test
    void whatFindsNoRoomIsDroppedAndCounted() {
        make(WIDE, SAFE, MS, 0, NEVER, NEVER, NEVER);
        int count = 2 * BYTES / 60;
        for (int i = 0; i < count; i++) {
            offer(i);
        }
        long dropped = dropped(DropReason.IMPAIR_QUEUE);
        assertThat(dropped).isPositive();
        nowNs += MS;
        assertThat(takeNumbers()).hasSize(count - (int) dropped).isSorted();
        offer(1);
        assertThat(line.nextDueNs()).isEqualTo(nowNs + MS);
    }

    @Test
    void framesStayWhileThePoolHasNoSlot() {
        make(WIDE, SAFE, 0, 0, NEVER, NEVER, NEVER);
        offer(1);
        int[] slots = new int[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = pool.claim();
        }
        assertThat(line.take(pool, batch, nowNs)).isZero();
        for (int slot : slots) {
            pool.release(slot);
        }
        assertThat(takeNumbers()).containsExactly(1);
    }

    @Test
    void theTakerIsToldWhenTheLineWasEmpty() {
        make(WIDE, SAFE, MS, 0, NEVER, NEVER, NEVER);
        assertThat(offerOne()).isTrue();
        assertThat(offerOne()).isFalse();
        nowNs += MS;
        takeNumbers();
        assertThat(offerOne()).isTrue();
    }

    @Test
    void theTakerIsToldOfAFrameThatOvertakes() {
        make(WIDE, SAFE, MS, 0, new Chance(0.2, 3), NEVER, NEVER);
        int told = 0;
        for (int i = 0; i < 1000; i++) {
            long before = line.nextDueNs();
            boolean tells = offerOne();
            assertThat(tells).isEqualTo(line.nextDueNs() < before);
            told += tells && before != Long.MAX_VALUE ? 1 : 0;
            nowNs++;
            takeNumbers();
        }
        assertThat(told).isBetween(100, 300);
    }

    private boolean offerOne() {
        int slot = pool.claim();
        batch.add(slot, pool.offset(slot), 60, Offload.NONE);
        return line.offer(pool, batch, counters, nowNs);
    }

    @Test
    void theSameSeedsGiveEveryFrameTheSameFate() {
        List<List<Integer>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            nowNs = 1;
            make(new Bottleneck(1_000_000_000, 5000), new LossModel(0.1, 2, 5), MS, MS, new Chance(0.1, 6),
                new Chance(0.1, 7), new Chance(0.1, 8));
            List<Integer> came = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                offer(i);
                nowNs += 400;
                came.addAll(takeNumbers());
            }
            nowNs += 10 * MS;
            came.addAll(takeNumbers());
            runs.add(came);
            line.close();
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1)).hasSizeGreaterThan(1000);
    }

    @Test
    void aClosedLineDropsWhatComes() {
        make(WIDE, SAFE, MS, 0, NEVER, NEVER, NEVER);
        offer(1);
        line.close();
        line.close();
        offer(2);
        nowNs += MS;
        assertThat(takeNumbers()).isEmpty();
        assertThat(line.nextDueNs()).isEqualTo(Long.MAX_VALUE);
        assertThat(dropped(DropReason.IMPAIR_DOWN)).isEqualTo(1);
    }
}
