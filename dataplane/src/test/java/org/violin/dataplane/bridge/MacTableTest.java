package org.violin.dataplane.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;

class MacTableTest {
    private static final long STATION = 0x0200_0000_0000L;
    private static final int AGEING_SECONDS = 300;
    private static final int PORTS = 64;
    private static final int WORKERS = 4;

    private static MacTable table(int capacity, long secret) {
        MacTable table = new MacTable(capacity, AGEING_SECONDS, secret, 0);
        for (int port = 0; port < PORTS; port++) {
            table.addPort(port);
        }
        table.addPort(MacTable.MAX_PORT);
        return table;
    }

    private static void pass(MacTable table, int fromSeconds, int toSeconds) {
        for (int second = fromSeconds; second <= toSeconds; second++) {
            table.onTick(TimeUnit.SECONDS.toNanos(second));
        }
    }

    private static int[] countByPort(MacTable table, int ports) {
        long[] stations = new long[table.capacity()];
        int count = table.snapshot(stations, new int[stations.length]);
        int[] byPort = new int[ports];
        for (int i = 0; i < count; i++) {
            byPort[MacTable.portOf(stations[i])]++;
        }
        return byPort;
    }

    @Test
    void learnsMovesAndForgetsWithThePort() {
        MacTable table = table(64, 1);
        assertThat(table.lookup(STATION)).isEqualTo(MacTable.ABSENT);
        table.learn(STATION, 0);
        table.learn(STATION + 1, MacTable.MAX_PORT);
        assertThat(table.lookup(STATION)).isZero();
        assertThat(table.lookup(STATION + 1)).isEqualTo(MacTable.MAX_PORT);
        table.learn(STATION, 7);
        table.learn(STATION, 7);
        assertThat(table.lookup(STATION)).isEqualTo(7);
        assertThat(table.counters().toMap()).isEqualTo(Map.of("mac-learned", 2L, "mac-moved", 1L));
        table.removePort(7);
        assertThat(table.lookup(STATION)).isEqualTo(MacTable.ABSENT);
        assertThat(table.lookup(STATION + 1)).isEqualTo(MacTable.MAX_PORT);
        assertThat(table.size()).isEqualTo(1);
    }

    /** It keeps its age, and what a frame has said goes before it. */
    @Test
    void entersWhatAnotherSwitchHasLearned() {
        MacTable table = table(64, 1);
        pass(table, 1, 10);
        table.learn(STATION, 0);
        assertThat(table.enter(STATION, 7, 0)).isFalse();
        assertThat(table.lookup(STATION)).isZero();
        assertThat(table.enter(STATION + 1, 7, 100)).isTrue();
        assertThat(table.enter(STATION + 1, 7, 100)).isFalse();
        assertThat(table.lookup(STATION + 1)).isEqualTo(7);
        assertThat(table.held(7)).isEqualTo(1);
        assertThat(table.size()).isEqualTo(2);
        table.learn(STATION + 1, 3);
        assertThat(table.lookup(STATION + 1)).isEqualTo(3);
        assertThat(table.held(7)).isZero();
        assertThat(table.enter(STATION + 2, 7, AGEING_SECONDS - 100)).isTrue();
        pass(table, 11, 110 + AGEING_SECONDS / 4);
        assertThat(table.lookup(STATION + 2)).isEqualTo(MacTable.ABSENT);
        assertThat(table.lookup(STATION + 1)).isEqualTo(3);
    }

    /** Nobody gives way to it, and a port gets no more by it than it may have. */
    @Test
    void whatIsEnteredTakesFreePlacesOnly() {
        MacTable table = table(64, 1);
        table.limitPort(2, 3);
        int entered = 0;
        for (int i = 0; i < 1000; i++) {
            entered += table.enter(STATION + i, 2, 0) ? 1 : 0;
        }
        assertThat(entered).isEqualTo(3);
        for (int i = 0; i < 1000; i++) {
            entered += table.enter(STATION + 1000 + i, i % 2, 0) ? 1 : 0;
        }
        assertThat(table.size()).isEqualTo(entered).isLessThanOrEqualTo(64);
        assertThat(table.counters().toMap()).isEqualTo(Map.of("mac-learned", (long) entered));
        assertThat(countByPort(table, 3)[2]).isEqualTo(3);
    }

    @Test
    void noStationHasTheAddressZero() {
        MacTable table = table(64, 1);
        assertThat(table.lookup(0)).isEqualTo(MacTable.ABSENT);
    }

    @Test
    void forgetsASilentStationWithinAQuarterOfTheAgeingTime() {
        MacTable table = table(1 << 13, 2);
        for (int i = 0; i < 1000; i++) {
            table.learn(STATION + i, 1);
        }
        pass(table, 1, AGEING_SECONDS - 1);
        table.learn(STATION, 1);
        assertThat(table.size()).isEqualTo(1000);
        pass(table, AGEING_SECONDS, AGEING_SECONDS + AGEING_SECONDS / 4);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.lookup(STATION)).isEqualTo(1);
        assertThat(table.counters().get(MacCounter.AGED)).isEqualTo(999);
    }

    @Test
    void agesAlsoWhenTheClockJumps() {
        MacTable table = table(1 << 13, 2);
        table.learn(STATION, 1);
        table.onTick(TimeUnit.DAYS.toNanos(30));
        assertThat(table.size()).isZero();
    }

    @Test
    void theSnapshotIsBoundedAndGivesAges() {
        MacTable table = table(256, 3);
        pass(table, 0, 5);
        table.learn(STATION, 3);
        pass(table, 6, 12);
        table.learn(STATION + 1, 4);
        long[] stations = new long[8];
        int[] ages = new int[8];
        assertThat(table.snapshot(stations, ages)).isEqualTo(2);
        Map<Long, String> seen = new HashMap<>();
        for (int i = 0; i < 2; i++) {
            seen.put(MacTable.macOf(stations[i]), MacTable.portOf(stations[i]) + " " + ages[i]);
        }
        assertThat(seen).isEqualTo(Map.of(STATION, "3 7", STATION + 1, "4 0"));
        assertThat(table.snapshot(new long[1], new int[1])).isEqualTo(1);
    }

    @Test
    void refusesSizesAndPortsThatItCannotHold() {
        assertThatThrownBy(() -> new MacTable(100, 300, 0, 0)).hasMessageContaining("power of two");
        assertThatThrownBy(() -> new MacTable(8, 300, 0, 0)).hasMessageContaining("16 or more");
        assertThatThrownBy(() -> table(16, 0).addPort(65_535)).hasMessageContaining("65534");
    }

    /** With room for all, the table is a map. */
    @Test
    void agreesWithAMapWhenNothingHasToGiveWay() {
        SplittableRandom random = Seeds.random("MacTable against a map");
        MacTable table = table(1 << 16, random.nextLong());
        Map<Long, Integer> model = new HashMap<>();
        for (int step = 0; step < 300_000; step++) {
            long mac = STATION + random.nextInt(2000) * 0x1_0001L;
            int port = random.nextInt(50);
            switch (random.nextInt(100)) {
                case 0 -> {
                    table.removePort(port);
                    model.values().removeIf(p -> p == port);
                }
                case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> {
                    table.learn(mac, port);
                    model.put(mac, port);
                }
                default -> assertThat(table.lookup(mac)).isEqualTo(model.getOrDefault(mac, MacTable.ABSENT));
            }
        }
        assertThat(table.size()).isEqualTo(model.size());
        model.forEach((mac, port) -> assertThat(table.lookup(mac)).isEqualTo(port));
        assertThat(table.counters().get(MacCounter.EVICTED) + table.counters().get(MacCounter.REFUSED)).isZero();
    }

    /** In need of room it may know less than the map, but nothing else. */
    @Test
    void neverContradictsAMap() {
        SplittableRandom random = Seeds.random("MacTable in need of room");
        MacTable table = table(256, random.nextLong());
        Map<Long, Integer> model = new HashMap<>();
        int seconds = 0;
        int removed = 0;
        for (int step = 0; step < 300_000; step++) {
            long mac = STATION + random.nextInt(1000);
            int port = (int) Math.sqrt(random.nextInt(64));
            if (random.nextInt(1000) == 0) {
                int before = table.size();
                table.removePort(port);
                removed += before - table.size();
                model.values().removeIf(p -> p == port);
            } else if (random.nextInt(200) == 0) {
                table.onTick(TimeUnit.SECONDS.toNanos(++seconds));
            } else {
                int found = table.lookup(mac);
                assertThat(found == MacTable.ABSENT || model.get(mac) == found).isTrue();
                table.learn(mac, port);
                model.put(mac, port);
                found = table.lookup(mac);
                assertThat(found == MacTable.ABSENT || found == port).isTrue();
            }
        }
        var counters = table.counters();
        assertThat(counters.get(MacCounter.EVICTED)).isPositive();
        assertThat(counters.get(MacCounter.REFUSED)).isPositive();
        assertThat((long) table.size()).isEqualTo(counters.get(MacCounter.LEARNED) - counters.get(MacCounter.AGED)
            - counters.get(MacCounter.EVICTED) - removed).isLessThanOrEqualTo(table.capacity());
    }

    /** The promise that a flood is held to: a port loses entries only to ports that hold fewer. */
    @Test
    void takesOnlyFromPortsThatHoldMore() {
        SplittableRandom random = Seeds.random("MacTable fairness");
        MacTable table = table(128, random.nextLong());
        int ports = 6;
        for (int step = 0; step < 20_000; step++) {
            int port = Math.min(random.nextInt(ports), random.nextInt(ports));
            int[] before = countByPort(table, ports);
            table.learn(random.nextLong(1, 1L << 40), port);
            int[] after = countByPort(table, ports);
            for (int other = 0; other < ports; other++) {
                if (other != port && after[other] < before[other]) {
                    assertThat(before[other]).isGreaterThan(before[port]);
                }
            }
            assertThat(after[port]).isLessThanOrEqualTo(96);
        }
    }

    @Test
    void aFloodOnOnePortStarvesNoStationOnOthers() {
        SplittableRandom random = Seeds.random("MAC flood");
        MacTable table = table(8192, random.nextLong());
        for (int i = 0; i < 100; i++) {
            table.learn(STATION + i, 1 + i % 10);
        }
        for (int i = 0; i < 100_000; i++) {
            table.learn(random.nextLong(1, 1L << 40), 0);
            if (i % 1000 == 0) {
                long newcomer = STATION + 0x10_0000 + i;
                int port = 1 + i / 1000 % 10;
                table.learn(newcomer, port);
                assertThat(table.lookup(newcomer)).isEqualTo(port);
            }
        }
        for (int i = 0; i < 100; i++) {
            assertThat(table.lookup(STATION + i)).isEqualTo(1 + i % 10);
            assertThat(table.lookup(STATION + 0x10_0000 + 1000 * i)).isEqualTo(1 + i % 10);
        }
        assertThat(table.size()).isLessThanOrEqualTo(8192 * 3 / 4 + 200);
        assertThat(table.counters().get(MacCounter.EVICTED)).isPositive();
    }

    /** Whether its stations are new, or were another port's before. Other ports are as they were. */
    @Test
    void aLimitedPortHoldsNoMoreAndTakesNoMoreFromOthers() {
        SplittableRandom random = Seeds.random("MacTable limit");
        MacTable table = table(1024, random.nextLong());
        for (int i = 0; i < 100; i++) {
            table.learn(STATION + i, 1);
        }
        table.limitPort(0, 10);
        for (int i = 0; i < 5000; i++) {
            table.learn(random.nextInt(2) == 0 ? STATION + random.nextInt(100) : random.nextLong(1, 1L << 40), 0);
            assertThat(table.held(0)).isLessThanOrEqualTo(10);
        }
        assertThat(table.held(0)).isEqualTo(10);
        assertThat(table.held(1)).isGreaterThanOrEqualTo(90);
        assertThat(table.counters().get(MacCounter.REFUSED)).isPositive();
        table.limitPort(0, 0);
        table.learn(STATION, 0);
        assertThat(table.lookup(STATION)).isZero();
        table.limitPort(0, 1);
        table.removePort(0);
        table.learn(STATION, 0);
        table.learn(STATION + 1, 0);
        assertThat(table.held(0)).as("the limit has gone with the port").isEqualTo(2);
    }

    /** Or it would be looked for in vain, where it was, for as long as it sends. */
    @Test
    void aStationThatALimitedPortMayNotTakeAgesWhereItWas() {
        MacTable table = table(64, 1);
        table.limitPort(0, 1);
        table.learn(STATION, 0);
        table.learn(STATION + 1, 1);
        for (int second = 1; second < 2 * AGEING_SECONDS; second++) {
            pass(table, second, second);
            int before = table.lookup(STATION + 1);
            table.learn(STATION + 1, 0);
            assertThat(before).isNotZero();
            if (before == MacTable.ABSENT) {
                return;
            }
        }
        throw new AssertionError("still on the other port");
    }

    /** What several workers learn at once, and forget, adds up, and no station is ever anywhere but at its port. */
    @Test
    void workersShareItWithoutLosingCount() throws Exception {
        SplittableRandom random = Seeds.random("MacTable shared");
        MacTable table = table(256, random.nextLong());
        List<Callable<Long>> workers = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            SplittableRandom own = random.split();
            workers.add(() -> learnAndLookUp(table, own));
        }
        workers.add(() -> forgetPortsAgainAndAgain(table));
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (Future<Long> worker : threads.invokeAll(workers)) {
                assertThat(worker.get()).as("stations found at another's port").isZero();
            }
        }
        assertAccountsAreRight(table);
    }

    /** Stations 0 to 999, each at one port for ever: returns how many were found elsewhere. */
    private static long learnAndLookUp(MacTable table, SplittableRandom random) {
        long astray = 0;
        for (int step = 0; step < 500_000; step++) {
            int station = random.nextInt(1000);
            if (random.nextInt(3) == 0) {
                // Ports 8 and above are being removed, which no worker may learn on.
                station -= station % 16 >= 8 ? 8 : 0;
                table.learn(STATION + station, station % 16);
            }
            int port = table.lookup(STATION + station);
            astray += port == MacTable.ABSENT || port == station % 16 ? 0 : 1;
        }
        return astray;
    }

    private static long forgetPortsAgainAndAgain(MacTable table) {
        for (int second = 1; second < 2000; second++) {
            int port = 8 + second % 8;
            for (int i = 0; i < 10; i++) {
                table.learn(STATION + port + 16 * i, port);
            }
            table.removePort(port);
            table.onTick(TimeUnit.SECONDS.toNanos(second));
        }
        return 0L;
    }

    private static void assertAccountsAreRight(MacTable table) {
        long[] stations = new long[table.capacity()];
        int count = table.snapshot(stations, new int[stations.length]);
        Map<Long, Integer> seen = new HashMap<>();
        int[] byPort = new int[PORTS];
        for (int i = 0; i < count; i++) {
            assertThat(seen.put(MacTable.macOf(stations[i]), 0)).as("a station has one entry").isNull();
            byPort[MacTable.portOf(stations[i])]++;
        }
        assertThat(table.size()).isEqualTo(count);
        for (int port = 0; port < PORTS; port++) {
            assertThat(table.held(port)).as("entries of port %d", port).isEqualTo(byPort[port]);
        }
        for (int port = 0; port < PORTS; port++) {
            table.removePort(port);
        }
        assertThat(table.size()).isZero();
        assertThat(table.snapshot(stations, new int[stations.length])).isZero();
    }

    /** Workers meet a new station at the same moment, again and again. */
    @Test
    void aStationThatManyLearnAtOnceHasOneEntry() throws Exception {
        SplittableRandom random = Seeds.random("MacTable doubles");
        MacTable table = table(1024, random.nextLong());
        CyclicBarrier barrier = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Callable<Void>> workers = new ArrayList<>();
            for (int worker = 0; worker < 2; worker++) {
                int port = worker;
                workers.add(() -> {
                    for (int station = 0; station < 5000; station++) {
                        barrier.await();
                        table.learn(STATION + station % 500, (station + port) % 2);
                        barrier.await();
                        table.removePort(port);
                    }
                    return null;
                });
            }
            for (Future<Void> worker : threads.invokeAll(workers)) {
                worker.get();
            }
        }
        assertAccountsAreRight(table);
    }

    /** Addresses as they are handed out, one after the other, must not crowd into few buckets under any secret. */
    @Test
    void consecutiveAddressesSpread() {
        SplittableRandom random = Seeds.random("MacTable spread");
        for (int trial = 0; trial < 50; trial++) {
            MacTable table = table(8192, random.nextLong());
            long stride = random.nextBoolean() ? 1 : 1L << random.nextInt(24);
            for (int i = 0; i < 2048; i++) {
                table.learn(STATION + i * stride, i % 16);
            }
            assertThat(table.counters().get(MacCounter.REFUSED) + table.counters().get(MacCounter.EVICTED))
                .as("stride %d", stride).isLessThanOrEqualTo(8);
        }
    }
}
