package org.violin.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** By hand, with a clock that stands still between. */
class IdlingTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long CYCLE_NS = 1000;

    private long nowNs = 77;
    private final Idling idling = new Idling(nowNs);

    private void rest(long ns) {
        nowNs += ns;
        idling.onNothing(nowNs);
    }

    private void work(long ns) {
        long from = nowNs;
        nowNs += ns;
        idling.onWork(from, nowNs);
    }

    /** Cycles without work until it sleeps; returns how long that took. */
    private long awakeNs() {
        long from = nowNs;
        while (idling.isAwake()) {
            rest(CYCLE_NS);
        }
        return nowNs - from;
    }

    @Test
    void lingersAfterWork() {
        assertThat(idling.isAwake()).as("at the beginning").isFalse();
        rest(SECOND);
        assertThat(idling.isAwake()).as("without work").isFalse();
        work(CYCLE_NS);
        assertThat(awakeNs()).isEqualTo(Idling.LINGER_NS);
        rest(CYCLE_NS);
        assertThat(idling.isAwake()).isFalse();
    }

    /** As there is nothing to lose by it, and much to win. */
    @Test
    void lingersAgainAndAgainWhereItIsNotInVain() {
        rest(SECOND);
        for (int i = 0; i < 100_000; i++) {
            work(CYCLE_NS);
            rest(Idling.LINGER_NS - CYCLE_NS);
            assertThat(idling.isAwake()).as("after answer %d", i).isTrue();
        }
    }

    @Test
    void waitsInVainForOnePartOfTheTime() {
        long periodNs = 300_000;
        long vainNs = 0;
        long from = nowNs;
        for (int i = 0; i < 10_000; i++) {
            long next = nowNs + periodNs;
            work(CYCLE_NS);
            vainNs += awakeNs();
            rest(next - nowNs);
        }
        assertThat((double) vainNs / (nowNs - from)).isBetween(0.9 / Idling.LINGER_SHARE, 1.05 / Idling.LINGER_SHARE);
    }

    /** Though nothing may be in vain yet. */
    @Test
    void staysAwakeWhileItIsBusy() {
        long busyNs = Idling.WINDOW_NS / Idling.BUSY_SHARE;
        work(busyNs - CYCLE_NS);
        rest(Idling.WINDOW_NS - busyNs + CYCLE_NS);
        assertThat(idling.isAwake()).as("for less than a quarter of the time").isFalse();
        for (int i = 0; i < 3; i++) {
            work(busyNs);
            rest(Idling.WINDOW_NS - busyNs);
            assertThat(idling.isAwake()).as("for a quarter of the time").isTrue();
        }
        idling.setGoesFirst(true);
        assertThat(idling.isAwake()).as("before threads that it cannot yield to").isFalse();
        idling.setGoesFirst(false);
        assertThat(awakeNs()).as("when it has nothing more to do").isBetween(CYCLE_NS, Idling.WINDOW_NS);
    }
}
