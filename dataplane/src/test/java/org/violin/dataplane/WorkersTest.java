package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** One dataplane of two workers, guests at real unix sockets, each of which one of the workers reads. */
@ParameterizedClass
@EnumSource(names = {"EPOLL", "IO_URING"})
class WorkersTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int FRAME_BYTES = 60;
    private static final int SEQUENCE = 14;
    private static final int MANY_PORTS = 512;

    @Parameter
    private IoEngine engine;

    @TempDir
    private Path directory;
    private Dataplane dataplane;

    @BeforeEach
    void launch() {
        try {
            dataplane = Dataplane.launch(DataplaneConfig.of("w", null).withEngine(engine).withWorkers(2, List.of()));
        } catch (DataplaneException e) {
            assumeThat(e).as("io_uring is there").hasMessageNotContaining("io_uring_setup");
            throw e;
        }
    }

    @AfterEach
    void close() throws Exception {
        if (dataplane != null) {
            dataplane.close();
            dataplane.terminated().get();
        }
    }

    @Test
    void guestsOfDifferentWorkersReachEachOther() {
        dataplane.addSwitch(SwitchConfig.of("lan"));
        List<TestGuest> guests = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            guests.add(plug(i, "lan"));
        }
        for (int from = 0; from < 5; from++) {
            guests.get(from).send(frame(0xFFFF_FFFF_FFFFL, from, from));
            for (int to = 0; to < 5; to++) {
                if (to != from) {
                    assertThat(guests.get(to).receive(DEADLINE)).isEqualTo(frame(0xFFFF_FFFF_FFFFL, from, from));
                }
            }
        }
        for (int from = 0; from < 5; from++) {
            for (int to = 0; to < 5; to++) {
                if (to != from) {
                    guests.get(from).send(frame(station(to), from, 10 * from + to));
                    assertThat(guests.get(to).receive(DEADLINE)).isEqualTo(frame(station(to), from, 10 * from + to));
                }
            }
        }
        assertThat(dataplane.macs("lan")).extracting(MacStatus::port)
            .containsExactlyInAnyOrder("0", "1", "2", "3", "4");
        assertThat(dataplane.ports()).allMatch(port -> port.rxFrames() == 5 && port.drops().isEmpty());
        guests.forEach(TestGuest::close);
    }

    /** The number of a switch's ports is the host's limit alone (VIOLIN, 3.4). */
    @Test
    void aSwitchHasPortsByTheHundreds() {
        dataplane.addSwitch(SwitchConfig.of("lan"));
        List<TestGuest> guests = new ArrayList<>();
        for (int i = 0; i < MANY_PORTS; i++) {
            guests.add(plug(i, "lan", TestGuest.FEW_SLOTS));
        }
        TestGuest first = guests.getFirst();
        first.send(frame(0xFFFF_FFFF_FFFFL, 0, 0));
        for (int i = 1; i < MANY_PORTS; i++) {
            assertThat(guests.get(i).receive(DEADLINE)).isEqualTo(frame(0xFFFF_FFFF_FFFFL, 0, 0));
            guests.get(i).send(frame(station(0), i, i));
            assertThat(first.receive(DEADLINE)).isEqualTo(frame(station(0), i, i));
        }
        for (int i = 1; i < MANY_PORTS; i++) {
            first.send(frame(station(i), 0, -i));
            assertThat(guests.get(i).receive(DEADLINE)).isEqualTo(frame(station(i), 0, -i));
        }
        assertThat(dataplane.macs("lan")).hasSize(MANY_PORTS);
        assertThat(dataplane.ports()).hasSize(MANY_PORTS).allMatch(port -> port.drops().isEmpty());
        guests.forEach(TestGuest::close);
    }

    /** Also where it is another worker that sends to it. */
    @Test
    void aGuestThatComesBackIsServedAgain() {
        dataplane.addPatch("cable");
        try (TestGuest other = plug(0, "cable")) {
            dataplane.openUnix(new UnixPortConfig("1", directory.resolve("1")), "cable");
            for (int i = 0; i < 10; i++) {
                try (TestGuest guest = guestAt(1)) {
                    guest.send(frame(station(0), 1, i));
                    assertThat(other.receive(DEADLINE)).isEqualTo(frame(station(0), 1, i));
                    other.send(frame(station(1), 0, i));
                    assertThat(guest.receive(DEADLINE)).isEqualTo(frame(station(1), 0, i));
                    if (i % 2 == 0) {
                        // The newest connection wins, and the old one ends, whoever still has a descriptor of it.
                        try (TestGuest young = new TestGuest(directory.resolve("1"))) {
                            young.send(frame(station(0), 1, 100 + i));
                            assertThat(other.receive(DEADLINE)).isEqualTo(frame(station(0), 1, 100 + i));
                            assertThat(guest.receive(DEADLINE)).isNull();
                            other.send(frame(station(1), 0, 100 + i));
                            assertThat(young.receive(DEADLINE)).isEqualTo(frame(station(1), 0, 100 + i));
                        }
                    }
                }
                await("the guest's leaving", () -> !port("1").up());
            }
        }
    }

    /** Ports come and go, in one network, under indices used again and again, while frames flow in another. */
    @Test
    void networksStayApartWhilePortsComeAndGo() throws Exception {
        dataplane.addSwitch(SwitchConfig.of("lan"));
        dataplane.addSwitch(SwitchConfig.of("other"));
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newCachedThreadPool();
             TestGuest left = plug(0, "lan"); TestGuest right = plug(1, "lan")) {
            List<Callable<Integer>> flood = List.of(() -> flood(left, 0, stop), () -> flood(right, 1, stop));
            List<Future<Integer>> floods = flood.stream().map(threads::submit).toList();
            for (int i = 0; i < 100; i++) {
                String network = i % 2 == 0 ? "other" : "lan";
                try (TestGuest stranger = plug(2, network)) {
                    stranger.send(frame(station(0), 2, i));
                    if (i % 2 == 0) {
                        assertThat(stranger.receive(Duration.ofMillis(1))).as("frames of another network").isNull();
                    } else {
                        assertThat(stranger.receive(DEADLINE)).as("the flood").isNotNull();
                    }
                }
                dataplane.closePort("2");
                assertThat(dataplane.macs(network)).extracting(MacStatus::port).doesNotContain("2");
            }
            stop.set(true);
            for (Future<Integer> sent : floods) {
                assertThat(sent.get()).isPositive();
            }
        }
    }

    /** Broadcasts until told to stop, and takes what comes. */
    private static int flood(TestGuest guest, int from, AtomicBoolean stop) {
        int sent = 0;
        while (!stop.get()) {
            guest.send(frame(0xFFFF_FFFF_FFFFL, from, sent++));
            guest.receive(Duration.ZERO);
        }
        return sent;
    }

    @Test
    void aPortThatOneWorkerRefusesIsAtNone() {
        dataplane.addPatch("cable");
        dataplane.openUnix(new UnixPortConfig("0", directory.resolve("0")), "cable");
        dataplane.openUnix(new UnixPortConfig("1", directory.resolve("1")), "cable");
        assertThatThrownBy(() -> dataplane.openUnix(new UnixPortConfig("2", directory.resolve("2")), "cable"))
            .hasMessageContaining("has both");
        assertThat(directory.resolve("2")).doesNotExist();
        dataplane.closePort("1");
        try (TestGuest left = guestAt(0); TestGuest right = plug(2, "cable")) {
            left.send(frame(station(2), 0, 1));
            assertThat(right.receive(DEADLINE)).isEqualTo(frame(station(2), 0, 1));
        }
    }

    @Test
    void frameOrderIsKeptFromWorkerToWorker() throws Exception {
        dataplane.addSwitch(SwitchConfig.of("lan"));
        int count = 200_000;
        try (ExecutorService threads = Executors.newCachedThreadPool();
             TestGuest left = plug(0, "lan"); TestGuest right = plug(1, "lan")) {
            right.send(frame(station(0), 1, 0));
            assertThat(left.receive(DEADLINE)).isNotNull();
            Future<?> sender = threads.submit(() -> {
                for (int i = 0; i < count; i++) {
                    left.send(frame(station(1), 0, i));
                }
            });
            int last = -1;
            while (last < count - 1) {
                byte[] frame = right.receive(sender.isDone() ? Duration.ofMillis(100) : DEADLINE);
                if (frame == null) {
                    break; // the last ones may have found the socket full
                }
                int sequence = ByteBuffer.wrap(frame).getInt(SEQUENCE);
                assertThat(sequence).isGreaterThan(last);
                last = sequence;
            }
            sender.get();
            assertThat(last).isPositive();
        }
    }

    /** See {@code DataplaneTest}: the JVM may allocate in the first rounds. */
    @Test
    void workersAllocateNothingForFramesOfEachOther() {
        dataplane.addSwitch(SwitchConfig.of("lan"));
        try (TestGuest left = plug(0, "lan"); TestGuest right = plug(1, "lan")) {
            List<Long> allocated = new ArrayList<>();
            pump(left, right, 200_000);
            while (allocated.size() < 4 && !allocated.contains(0L)) {
                long before = allocatedByWorkers();
                pump(left, right, 500_000);
                allocated.add(allocatedByWorkers() - before);
            }
            assertThat(allocated).as("bytes allocated by the workers in each half million").contains(0L);
        }
    }

    private static void pump(TestGuest left, TestGuest right, int count) {
        byte[] there = frame(station(1), 0, 0);
        byte[] back = frame(station(0), 1, 0);
        for (int sent = 0; sent < count; sent += 100) {
            for (int i = 0; i < 50; i++) {
                left.send(there);
                right.send(back);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(right.receive(DEADLINE)).isNotNull();
                assertThat(left.receive(DEADLINE)).isNotNull();
            }
        }
    }

    private static long allocatedByWorkers() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("worker-"))
            .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.threadId())).sum();
    }

    @Test
    void aCpuThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> Dataplane.launch(DataplaneConfig.of("x", null).withWorkers(2, List.of(0, 1000))))
            .isInstanceOf(DataplaneException.class).hasMessageContaining("cpu 1000").hasMessageContaining("EINVAL");
        assertThatThrownBy(() -> DataplaneConfig.of("x", null).withWorkers(2, List.of(0)))
            .hasMessageContaining("cpus: 1 for 2 workers");
        assertThatThrownBy(() -> DataplaneConfig.of("x", null).withWorkers(0, List.of()))
            .hasMessageContaining("workers: 0");
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
            .noneMatch(name -> name.endsWith("-x"));
    }

    @Test
    void goesFirstWhereItMay() {
        DataplaneConfig first = DataplaneConfig.of("r", null).withEngine(engine)
            .withPriority(WorkerPriority.REALTIME);
        try (Dataplane realtime = Dataplane.launch(first)) {
            realtime.addSwitch(SwitchConfig.of("lan"));
            assertThat(realtime.ports()).isEmpty();
        } catch (DataplaneException e) {
            assertThat(e).hasMessageContaining("CAP_SYS_NICE");
        }
    }

    private TestGuest plug(int index, String bridge) {
        return plug(index, bridge, TestGuest.SLOTS);
    }

    private TestGuest plug(int index, String bridge, int slots) {
        dataplane.openUnix(new UnixPortConfig(String.valueOf(index), directory.resolve(String.valueOf(index))), bridge);
        return guestAt(index, slots);
    }

    private TestGuest guestAt(int index) {
        return guestAt(index, TestGuest.SLOTS);
    }

    private TestGuest guestAt(int index, int slots) {
        TestGuest guest = new TestGuest(directory.resolve(String.valueOf(index)), slots);
        await("the guest at " + index, () -> port(String.valueOf(index)).up());
        return guest;
    }

    private PortStatus port(String name) {
        return dataplane.ports().stream().filter(port -> port.name().equals(name)).findFirst().orElseThrow();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }

    private static long station(int index) {
        return 0x0200_0000_0000L + index;
    }

    private static byte[] frame(long destination, int from, int sequence) {
        return ByteBuffer.allocate(FRAME_BYTES).putLong(destination << 16 | station(from) >>> 32)
            .putInt((int) station(from)).putShort((short) 0x88B5).putInt(SEQUENCE, sequence).array();
    }
}
