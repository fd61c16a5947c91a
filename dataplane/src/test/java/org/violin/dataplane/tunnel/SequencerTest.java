package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;

class SequencerTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long HOLD_NS = 10 * MS;

    private final List<Long> out = new ArrayList<>();
    private final ReplayWindow window = new ReplayWindow();
    private final Sequencer order = new Sequencer(this::handOver);
    private long nowNs = -5 * MS;

    private void handOver(long counter) {
        out.add(counter);
    }

    private void begin() {
        order.roundTrip(2 * HOLD_NS);
        order.begin(window);
    }

    private void data(long... counters) {
        for (long counter : counters) {
            window.mark(counter);
            order.makeRoom(counter);
            order.settle(counter);
            bringBack(counter);
        }
    }

    private void bringBack(long counter) {
        window.mark(counter);
        if (order.offer(counter, nowNs)) {
            handOver(counter);
            order.drain();
        }
    }

    /** Parity or a hello. */
    private void other(long counter) {
        window.mark(counter);
        order.drain();
    }

    @Test
    void whatIsBehindAGapWaitsUntilItIsClosed() {
        window.mark(4);
        begin();
        data(5, 7, 8, 10);
        assertThat(out).containsExactly(5L);
        bringBack(6);
        assertThat(out).containsExactly(5L, 6L, 7L, 8L);
        bringBack(9);
        assertThat(out).containsExactly(5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(order.held()).isZero();
        assertThat(order.dueNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void nobodyWaitsForWhatHasNoFrames() {
        begin();
        other(1);
        data(0, 2, 4);
        assertThat(out).containsExactly(0L, 2L);
        other(3);
        assertThat(out).containsExactly(0L, 2L, 4L);
    }

    @Test
    void theWaitEndsWhenItsTimeHasPassedAndWhatIsLateComesAtOnce() {
        begin();
        data(0, 2);
        nowNs += HOLD_NS / 2;
        data(3, 5);
        assertThat(order.dueNs()).isEqualTo(nowNs + HOLD_NS / 2);
        nowNs += HOLD_NS / 2;
        order.onDue(nowNs - 1);
        assertThat(out).containsExactly(0L);
        order.onDue(nowNs);
        assertThat(out).as("5 has waited for half the time").containsExactly(0L, 2L, 3L);
        assertThat(order.dueNs()).isEqualTo(nowNs + HOLD_NS / 2);
        data(1);
        assertThat(out).endsWith(1L);
        data(4);
        assertThat(out).endsWith(4L, 5L);
    }

    @Test
    void parityOfALaterBlockEndsItWithTheNextDatagram() {
        begin();
        data(0, 1, 2, 3);
        // 4 was parity, and lost.
        data(5, 6);
        order.onParityOf(0);
        data(7);
        assertThat(out).endsWith(3L);
        order.onParityOf(5);
        other(8);
        assertThat(out).endsWith(3L);
        data(9);
        assertThat(out).endsWith(5L, 6L, 7L, 9L);
        assertThat(order.held()).isZero();
    }

    @Test
    void noMoreIsHeldThanThereAreCopiesOf() {
        begin();
        for (int i = 1; i < 5 * Sequencer.WINDOW; i++) {
            data(i);
            assertThat(order.held()).isLessThan(Sequencer.WINDOW);
        }
        assertThat(order.held()).as("the gap is further back than copies are kept").isZero();
        assertThat(out).hasSize(5 * Sequencer.WINDOW - 1).isSorted();
    }

    @Test
    void aCopyThatWouldBeOverwrittenIsHandedOverFirst() {
        begin();
        data(600, 700);
        order.stop();
        order.begin(window);
        data(702, 1200);
        assertThat(order.held()).isEqualTo(2);
        order.makeRoom(1200 - Sequencer.WINDOW);
        assertThat(out).endsWith(702L, 1200L);
        data(1300, 1300 + Sequencer.WINDOW);
        assertThat(out).endsWith(1300L);
    }

    @Test
    void whoeverWantsNoOrderAnyMoreGetsWhatIsHeld() {
        begin();
        data(0, 2, 4);
        order.stop();
        assertThat(order.isOn()).isFalse();
        assertThat(out).containsExactly(0L, 2L, 4L);
        order.begin(window);
        data(6);
        order.flush();
        assertThat(out).endsWith(6L);
        data(8);
        order.forget();
        assertThat(order.held()).isZero();
        assertThat(out).doesNotContain(8L);
    }

    @Test
    void theHighestCounterIsOneAsAnyOther() {
        begin();
        data(0, Long.MAX_VALUE - 1, Long.MAX_VALUE, 3);
        order.onDue(nowNs + HOLD_NS);
        assertThat(out).containsExactlyInAnyOrder(0L, 3L, Long.MAX_VALUE - 1, Long.MAX_VALUE);
    }

    @Test
    void holdsForHalfARoundTripWithinBounds() {
        order.roundTrip(-1);
        order.begin(window);
        data(1);
        assertThat(order.dueNs()).isEqualTo(nowNs + Sequencer.HOLD_MIN_NS);
        order.roundTrip(60 * MS);
        assertThat(order.dueNs()).isEqualTo(nowNs + 30 * MS);
        order.roundTrip(1000 * MS);
        assertThat(order.dueNs()).isEqualTo(nowNs + Sequencer.HOLD_MAX_NS);
    }

    @Test
    void allocatesNothing() {
        Sequencer quiet = new Sequencer(counter -> { });
        quiet.begin(window);
        long[] counter = {0};
        Runnable work = () -> {
            for (int i = 0; i < 10_000; i++) {
                long at = counter[0] += i % 10 == 0 ? 2 : 1;
                window.mark(at);
                quiet.makeRoom(at);
                quiet.settle(at);
                if (quiet.offer(at, at * MS / 10)) {
                    quiet.drain();
                }
                if (quiet.dueNs() <= at * MS / 10) {
                    quiet.onDue(at * MS / 10);
                }
            }
        };
        assertThat(Allocations.of(20, work)).isZero();
    }

    private enum Kind { DATA, PARITY, BROUGHT_BACK }

    private record Event(long atNs, Kind kind, long counter) {
    }

    /** What is on its way: a block of ten, and its parity; some lost, some of that brought back, some late. */
    private static PriorityQueue<Event> path(SplittableRandom random, int blocks, Map<Long, Kind> comes) {
        PriorityQueue<Event> path = new PriorityQueue<>((x, y) -> Long.compare(x.atNs, y.atNs));
        long lateNs = random.nextInt(3) * 7 * MS;
        for (long counter = 0; counter < 11L * blocks; counter++) {
            long atNs = counter * MS / 5 + (random.nextInt(20) == 0 && lateNs > 0 ? random.nextLong(lateNs) : 0);
            boolean parity = counter % 11 == 10;
            boolean lost = random.nextInt(20) == 0;
            Kind kind = parity ? Kind.PARITY : lost ? Kind.BROUGHT_BACK : Kind.DATA;
            if (!lost || !parity && random.nextInt(5) != 0) {
                path.add(new Event(atNs + (lost ? MS + random.nextLong(20 * MS) : 0), kind, counter));
                comes.put(counter, kind);
            }
        }
        return path;
    }

    /**
     * Whatever is lost, late and brought back: all that comes with frames is handed over once, in order but for what
     * was given up; and that only for one of the reasons there are.
     */
    @Test
    void nothingIsLostForTheSakeOfOrder() {
        SplittableRandom random = Seeds.random("SequencerTest");
        for (int round = 0; round < 40; round++) {
            out.clear();
            window.reset();
            order.forget();
            begin();
            new Round(random).run();
        }
    }

    /** One path, and what is known of it besides. */
    private final class Round {
        private final Map<Long, Kind> comes = new HashMap<>();
        private final PriorityQueue<Event> path;
        private final boolean settles;
        /** With frames, and still to come; and held, since when. */
        private final TreeSet<Long> missing = new TreeSet<>();
        private final Map<Long, Long> held = new HashMap<>();
        private final TreeSet<Long> givenUp = new TreeSet<>();
        private long settled;
        private long newest;
        private int seen;

        Round(SplittableRandom random) {
            path = path(random, 200, comes);
            settles = random.nextBoolean();
            comes.forEach((counter, kind) -> {
                if (kind != Kind.PARITY) {
                    missing.add(counter);
                }
            });
        }

        void run() {
            while (!path.isEmpty() || order.held() > 0) {
                long dueNs = order.dueNs();
                if (path.isEmpty() || dueNs <= path.peek().atNs) {
                    nowNs = dueNs;
                    order.onDue(nowNs);
                } else {
                    take(path.poll());
                }
                look();
                assertThat(order.dueNs()).as("nothing waits for longer").isGreaterThan(nowNs);
                assertThat(order.held()).isEqualTo(held.size()).isLessThan(Sequencer.WINDOW);
            }
            assertThat(out).doesNotHaveDuplicates().hasSize((int) comes.values().stream()
                .filter(kind -> kind != Kind.PARITY).count());
            assertThat(out.stream().filter(counter -> !givenUp.contains(counter))).isSorted();
        }

        private void take(Event event) {
            nowNs = event.atNs;
            long counter = event.counter;
            newest = Math.max(newest, counter);
            if (event.kind == Kind.PARITY) {
                other(counter);
                if (settles) {
                    order.onParityOf(counter - 10);
                    settled = Math.max(settled, counter - 10);
                }
                return;
            }
            missing.remove(counter);
            held.put(counter, nowNs);
            if (event.kind == Kind.DATA) {
                data(counter);
            } else {
                bringBack(counter);
            }
        }

        /** What has been handed over since the last time. */
        private void look() {
            for (; seen < out.size(); seen++) {
                long counter = out.get(seen);
                for (long passed : missing.headSet(counter)) {
                    boolean waited = held.entrySet().stream()
                        .anyMatch(entry -> entry.getKey() >= counter && nowNs - entry.getValue() >= HOLD_NS);
                    boolean reason = passed < settled || waited || newest - passed >= Sequencer.WINDOW - 1;
                    assertThat(givenUp.contains(passed) || reason).as("%d before %d", counter, passed).isTrue();
                    givenUp.add(passed);
                }
                held.remove(counter);
            }
        }
    }
}
