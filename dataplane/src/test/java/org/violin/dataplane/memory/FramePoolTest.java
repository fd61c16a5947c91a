package org.violin.dataplane.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FramePoolTest {
    private static final int SLOTS = 8;
    private static final int SLOT_BYTES = 2000;

    private final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, SLOT_BYTES)]), SLOTS, SLOT_BYTES);

    @Test
    void slotsDoNotOverlapAndStayInside() {
        Set<Integer> offsets = new HashSet<>();
        for (int i = 0; i < SLOTS; i++) {
            offsets.add(pool.offset(pool.claim()));
        }
        assertThat(offsets).hasSize(SLOTS);
        int[] sorted = offsets.stream().mapToInt(Integer::intValue).sorted().toArray();
        for (int i = 1; i < SLOTS; i++) {
            assertThat(sorted[i] - sorted[i - 1]).isGreaterThanOrEqualTo(SLOT_BYTES);
        }
        assertThat(sorted[SLOTS - 1] + SLOT_BYTES).isLessThanOrEqualTo(pool.storage().capacity());
    }

    @Test
    void anExhaustedPoolSaysSoAndRecovers() {
        for (int i = 0; i < SLOTS; i++) {
            assertThat(pool.claim()).isNotEqualTo(FramePool.NONE);
        }
        assertThat(pool.claim()).isEqualTo(FramePool.NONE);
        pool.release(3);
        assertThat(pool.claim()).isEqualTo(3);
    }

    @Test
    void aSharedSlotIsFreeWhenTheLastHolderReleasesIt() {
        int slot = pool.claim();
        pool.retain(slot, 2);
        pool.release(slot);
        pool.release(slot);
        assertThat(pool.freeCount()).isEqualTo(SLOTS - 1);
        pool.release(slot);
        assertThat(pool.freeCount()).isEqualTo(SLOTS);
        pool.checkBalance();
    }

    @Test
    void releasingOnceTooOftenIsCaught() {
        int slot = pool.claim();
        pool.release(slot);
        assertThatThrownBy(() -> pool.release(slot)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aSlotThatIsNotBackIsReported() {
        pool.claim();
        assertThatThrownBy(pool::checkBalance).hasMessageContaining("1 of 8");
    }

    @Test
    void slotsBeginInDifferentCacheSets() {
        int lines = (pool.offset(1) - pool.offset(0)) / 64;
        assertThat(lines % 2).isEqualTo(1);
    }
}
