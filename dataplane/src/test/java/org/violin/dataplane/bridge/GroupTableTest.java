package org.violin.dataplane.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.bridge.GroupTable.Entry;
import org.violin.dataplane.bridge.GroupTable.Limits;
import org.violin.dataplane.bridge.GroupTable.Role;
import org.violin.dataplane.wire.GroupAddress;

/** The table against a slow model, and shared by many. */
class GroupTableTest {
    private static final Limits LIMITS = new Limits(12, 4, 5);
    private static final int GROUPS = 20;
    private static final int PORTS = 8;
    private static final int INTERVAL_SECONDS = 20;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long MEMBERSHIP_NS = (2 * INTERVAL_SECONDS + 10) * SECOND_NS;
    private static final long NEW_NS = (INTERVAL_SECONDS + 10) * SECOND_NS;
    private static final int WORKERS = 4;

    private static GroupTable table(Limits limits, long nowNs) {
        return new GroupTable(new Snooping(true, INTERVAL_SECONDS, true, 0x0200_0000_0050L), limits, nowNs);
    }

    /** Groups of both families, in the order of their numbers. */
    private static long high(int group) {
        return group % 2 == 0 ? 0 : 0xFF15L << 48;
    }

    private static long low(int group) {
        return group % 2 == 0 ? GroupAddress.ofIpv4(0xEF00_0000 + group) : group;
    }

    /** What the RFCs say, in the plainest words. Times are when a thing is over. */
    private static final class Model {
        private final Map<Integer, TreeMap<Integer, Long>> members = new TreeMap<>();
        private final Map<Boolean, TreeMap<Integer, Long>> routers =
            Map.of(false, new TreeMap<>(), true, new TreeMap<>());
        private final TreeMap<Integer, Long> newPorts = new TreeMap<>();
        private final TreeMap<Integer, Long> overflowing = new TreeMap<>();
        /** By group and port: when the next question is due, and how many are left. */
        private final Map<List<Integer>, long[]> questions = new TreeMap<>((a, b) ->
            a.get(0).equals(b.get(0)) ? a.get(1) - b.get(1) : a.get(0) - b.get(0));
        private long nowNs;

        void join(int group, int port) {
            TreeMap<Integer, Long> of = members.getOrDefault(group, new TreeMap<>());
            long held = members.values().stream().filter(ports -> ports.containsKey(port)).count();
            boolean isGroup = members.containsKey(group);
            boolean fits = of.containsKey(port) || held < LIMITS.groupsOfPort()
                && (isGroup ? of.size() < LIMITS.portsOfGroup() : members.size() < LIMITS.groups());
            if (fits) {
                of.put(port, nowNs + MEMBERSHIP_NS);
                members.put(group, of);
                questions.remove(List.of(group, port));
            } else {
                overflowing.put(port, nowNs + MEMBERSHIP_NS);
            }
        }

        void leave(int group, int port) {
            if (members.containsKey(group) && members.get(group).containsKey(port)) {
                questions.putIfAbsent(List.of(group, port), new long[] {nowNs, 2});
            }
        }

        void tick(long now) {
            nowNs = now;
            for (Iterator<Map.Entry<List<Integer>, long[]>> all = questions.entrySet().iterator(); all.hasNext();) {
                Map.Entry<List<Integer>, long[]> question = all.next();
                TreeMap<Integer, Long> of = members.get(question.getKey().get(0));
                int port = question.getKey().get(1);
                long[] due = question.getValue();
                if (due[0] <= now) {
                    due[0] = now + SECOND_NS;
                    due[1]--;
                    of.put(port, Math.min(of.get(port), now + (due[1] + 1) * SECOND_NS + SECOND_NS / 2));
                    if (due[1] == 0) {
                        all.remove();
                    }
                }
            }
            members.values().forEach(this::age);
            members.values().removeIf(Map::isEmpty);
            routers.values().forEach(this::age);
            age(newPorts);
            age(overflowing);
            questions.keySet().removeIf(question -> !members.containsKey(question.get(0))
                || !members.get(question.get(0)).containsKey(question.get(1)));
        }

        private void age(TreeMap<Integer, Long> ports) {
            ports.values().removeIf(untilNs -> untilNs <= nowNs);
        }

        void remove(int port) {
            members.values().forEach(ports -> ports.remove(port));
            members.values().removeIf(Map::isEmpty);
            routers.values().forEach(ports -> ports.remove(port));
            newPorts.remove(port);
            overflowing.remove(port);
            questions.keySet().removeIf(question -> question.get(1) == port);
        }

        int[] egress(int group) {
            TreeSet<Integer> ports = new TreeSet<>(newPorts.keySet());
            ports.addAll(overflowing.keySet());
            ports.addAll(routers.get(group % 2 == 1).keySet());
            ports.addAll(members.getOrDefault(group, new TreeMap<>()).keySet());
            return ports.stream().mapToInt(Integer::intValue).toArray();
        }

        int size() {
            return members.values().stream().mapToInt(Map::size).sum();
        }
    }

    @Test
    void agreesWithAModel() {
        SplittableRandom random = Seeds.random("GroupTable against a model");
        GroupTable table = table(LIMITS, 0);
        Model model = new Model();
        Bridge bridge = new Patch();
        long nowNs = 11 * SECOND_NS;
        table.onTick(nowNs, bridge, (from, ports, count, frame, length) -> true);
        model.tick(nowNs);
        int refused = 0;
        for (int step = 0; step < 200_000; step++) {
            int group = random.nextInt(random.nextInt(GROUPS) + 1);
            int port = random.nextInt(PORTS);
            switch (random.nextInt(20)) {
                case 0 -> {
                    table.leave(high(group), low(group), port);
                    model.leave(group, port);
                }
                case 1 -> {
                    boolean isIpv6 = random.nextBoolean();
                    table.onRouter(isIpv6, port, 0);
                    model.routers.get(isIpv6).put(port, model.nowNs + MEMBERSHIP_NS);
                }
                case 2 -> {
                    table.removePort(port);
                    model.remove(port);
                    table.addPort(port);
                    model.newPorts.put(port, model.nowNs + NEW_NS);
                }
                case 3, 4, 5, 6, 7, 8 -> {
                    int before = model.overflowing.size();
                    table.join(high(group), low(group), port, 2);
                    model.join(group, port);
                    refused += model.overflowing.size() - before;
                }
                default -> {
                    nowNs += random.nextLong(3 * SECOND_NS);
                    table.onTick(nowNs, bridge, (from, ports, count, frame, length) -> true);
                    model.tick(nowNs);
                }
            }
            assertThat(table.egress(group % 2 == 1, high(group), low(group))).isEqualTo(model.egress(group));
            if (step % 100 == 0) {
                assertThat(table.entries().stream().filter(entry -> entry.role() == Role.MEMBER))
                    .hasSize(model.size());
            }
        }
        assertThat(refused).isPositive();
        assertThat(table.counters().get(GroupCounter.REFUSED)).isGreaterThanOrEqualTo(refused);
    }

    /** What several workers join at once, while others forget, adds up. */
    @Test
    void workersShareItWithoutLosingCount() throws Exception {
        SplittableRandom random = Seeds.random("GroupTable shared");
        GroupTable table = table(new Limits(200, 8, 150), 0);
        List<Callable<Void>> workers = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            SplittableRandom own = random.split();
            workers.add(() -> {
                for (int i = 0; i < 50_000; i++) {
                    int group = own.nextInt(300);
                    table.join(high(group), low(group), own.nextInt(PORTS), 2);
                    table.egress(group % 2 == 1, high(group), low(group));
                }
                return null;
            });
        }
        workers.add(() -> {
            for (int i = 1; i < 3000; i++) {
                table.onTick(i * SECOND_NS, new Patch(), (from, ports, count, frame, length) -> true);
            }
            return null;
        });
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (Future<Void> worker : threads.invokeAll(workers)) {
                worker.get();
            }
        }
        List<Entry> members = table.entries().stream().filter(entry -> entry.role() == Role.MEMBER).toList();
        assertThat(members).extracting(entry -> List.of(entry.high(), entry.low(), entry.port()))
            .doesNotHaveDuplicates();
        assertThat(members.stream().map(entry -> List.of(entry.high(), entry.low())).distinct().count())
            .isLessThanOrEqualTo(200);
        assertThat((long) members.size()).isEqualTo(
            table.counters().get(GroupCounter.JOINED) - table.counters().get(GroupCounter.AGED));
        for (int port = 0; port < PORTS; port++) {
            table.removePort(port);
        }
        assertThat(table.entries()).extracting(Entry::role).containsExactly(Role.QUERIER, Role.QUERIER);
        for (int group = 0; group < 150; group++) {
            table.join(high(group), low(group), 0, 2);
        }
        assertThat(table.entries()).as("the port's whole share is there again").hasSize(2 + 150);
    }

    /**
     * A member is renewed by one worker just when another forgets it: the one who comes second sees the other, so what
     * was renewed is still there.
     */
    @Test
    void whatIsRenewedWhileItIsForgottenStays() throws Exception {
        int rounds = 20_000;
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            GroupTable table = table(Limits.DEFAULT, 0);
            long nowNs = 0;
            for (int round = 0; round < rounds; round++) {
                table.join(high(0), low(0), 1, 2);
                nowNs += MEMBERSHIP_NS;
                long tickNs = nowNs;
                // The clock stands where the member is just over; one worker has it renewed, the other sweeps.
                Future<?> sweep = threads.submit(() -> table.onTick(tickNs, new Patch(),
                    (from, ports, count, frame, length) -> true));
                Future<?> renewal = threads.submit(() -> table.enter(high(0), low(0), 1, 2, tickNs + MEMBERSHIP_NS));
                sweep.get();
                renewal.get();
                assertThat(table.egress(false, high(0), low(0))).as("round %d", round).containsExactly(1);
            }
        }
    }
}
