package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** By hand, with a clock that stands still between. */
class IdlingTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long CYCLE_NS = 1000;

    private long nowNs = 77;
    private final Idling idling = new Idling(nowNs);

    private void cycle(int work, long ns) {
        nowNs += ns;
        idling.onCycle(work, nowNs);
    }

    private boolean isAwake() {
        return idling.isAwake(nowNs);
    }

    /** Cycles without work until it sleeps; returns how long that took. */
    private long awakeNs() {
        long from = nowNs;
        while (isAwake()) {
            cycle(0, CYCLE_NS);
        }
        return nowNs - from;
    }

    @Test
    void lingersAfterWork() {
        assertThat(isAwake()).as("at the beginning").isFalse();
        cycle(0, SECOND);
        assertThat(isAwake()).as("without work").isFalse();
        cycle(1, CYCLE_NS);
        assertThat(awakeNs()).isEqualTo(Idling.LINGER_NS);
        cycle(0, CYCLE_NS);
        assertThat(isAwake()).isFalse();
    }

    /** As there is nothing to lose by it, and much to win. */
    @Test
    void lingersAgainAndAgainWhereItIsNotInVain() {
        cycle(0, SECOND);
        for (int i = 0; i < 100_000; i++) {
            cycle(1, Idling.LINGER_NS - CYCLE_NS);
            assertThat(isAwake()).as("after answer %d", i).isTrue();
        }
    }

    @Test
    void waitsInVainForOnePartOfTheTime() {
        long periodNs = 300_000;
        long vainNs = 0;
        long from = nowNs;
        for (int i = 0; i < 10_000; i++) {
            long next = nowNs + periodNs;
            cycle(1, CYCLE_NS);
            vainNs += awakeNs();
            cycle(0, next - nowNs);
        }
        assertThat((double) vainNs / (nowNs - from)).isBetween(0.9 / Idling.LINGER_SHARE, 1.05 / Idling.LINGER_SHARE);
    }

    /** Though nothing may be in vain yet. */
    @Test
    void manyCyclesOfWorkKeepItAwakeInAnyCase() {
        for (int i = 1; i < 3 * Idling.BUSY_CYCLES; i++) {
            idling.onCycle(1, nowNs);
            assertThat(isAwake()).as("after %d busy cycles", i).isEqualTo(i >= Idling.BUSY_CYCLES);
        }
        assertThat(awakeNs()).isEqualTo(Idling.BUSY_NS);
        cycle(0, CYCLE_NS);
        idling.onCycle(1, nowNs);
        assertThat(isAwake()).as("after a pause and one busy cycle").isFalse();
    }
}
