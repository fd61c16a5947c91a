package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.wire.Ethernet;

/** Ports that are plugged into another bridge while their guests stay connected. */
@ParameterizedClass
@CsvSource({"EPOLL, 1", "EPOLL, 2", "IO_URING, 1", "IO_URING, 2"})
class PortMoveTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
    private static final int ROUNDS = 5000;

    @Parameter(0)
    private IoEngine engine;

    @Parameter(1)
    private int workers;

    @TempDir
    private Path directory;
    private Dataplane dataplane;

    @BeforeEach
    void launch() {
        try {
            dataplane = Dataplane.launch(
                DataplaneConfig.of("m", null).withEngine(engine).withWorkers(workers, List.of()));
        } catch (DataplaneException e) {
            assumeThat(e).as("io_uring is there").hasMessageNotContaining("io_uring_setup");
            throw e;
        }
        dataplane.addSwitch(SwitchConfig.of("lan"));
        dataplane.addSwitch(SwitchConfig.of("other"));
    }

    @AfterEach
    void close() throws Exception {
        if (dataplane != null) {
            dataplane.close();
            dataplane.terminated().get();
        }
    }

    @Test
    void aPortThatMovesIsOnItsNewSwitchAndOnNoOther() {
        try (TestGuest mover = plug(0, "lan"); TestGuest before = plug(1, "lan"); TestGuest after = plug(2, "other")) {
            assertReach(mover, 0, before, 1);
            dataplane.movePorts(Map.of("0", "other"));
            assertThat(port(0)).matches(PortStatus::up).extracting(PortStatus::bridge).isEqualTo("other");
            assertThat(dataplane.macs("lan")).extracting(MacStatus::port).containsExactly("1");
            assertReach(mover, 0, after, 2);
            before.send(frame(BROADCAST, 1, 7));
            before.send(frame(station(0), 1, 8));
            mover.send(frame(BROADCAST, 0, 9));
            assertThat(after.receive(DEADLINE)).isEqualTo(frame(BROADCAST, 0, 9));
            assertThat(before.receive(Duration.ofMillis(1))).isNull();
            assertThat(mover.receive(Duration.ofMillis(1))).isNull();
            assertThat(port(0).rxFrames()).isEqualTo(5);
            dataplane.movePorts(Map.of("0", "lan"));
            assertReach(mover, 0, before, 1);
            dataplane.closePort("2");
            dataplane.removeBridge("other");
        }
    }

    /** A frame to one that is known reaches nobody else; a guard that does not let it send keeps it out. */
    @Test
    void whatAnotherSwitchHasLearnedIsKnown() {
        try (TestGuest first = plug(0, "lan"); TestGuest second = plug(1, "lan"); TestGuest third = plug(2, "lan")) {
            dataplane.guard("1", new Guard(List.of(mac(1)), null, 0, 0, 0, 0, true));
            assertThat(dataplane.learn(List.of(new MacStatus("lan", mac(7), "0", 3),
                new MacStatus("lan", mac(8), "1", 0), new MacStatus("other", mac(9), "0", 0),
                new MacStatus("lan", mac(9), "gone", 0)))).isEqualTo(1);
            assertThat(dataplane.macs("lan")).extracting(MacStatus::mac, MacStatus::port)
                .containsExactly(tuple(mac(7), "0"));
            third.send(frame(station(7), 2, 1));
            assertThat(first.receive(DEADLINE)).isEqualTo(frame(station(7), 2, 1));
            third.send(frame(station(8), 2, 2));
            assertThat(second.receive(DEADLINE)).isEqualTo(frame(station(8), 2, 2));
            third.send(frame(BROADCAST, 7, 3));
            assertThat(first.receive(DEADLINE)).isEqualTo(frame(station(8), 2, 2));
            assertThat(first.receive(DEADLINE)).isEqualTo(frame(BROADCAST, 7, 3));
            assertThat(dataplane.learn(List.of(new MacStatus("lan", mac(7), "0", 0)))).isZero();
            assertThat(dataplane.macs("lan")).extracting(MacStatus::mac, MacStatus::port)
                .contains(tuple(mac(7), "2"));
            for (String bad : List.of("01:00:5e:00:00:01", "00:00:00:00:00:00", "x")) {
                assertThatThrownBy(() -> dataplane.learn(List.of(new MacStatus("lan", bad, "0", 0))))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(bad);
            }
        }
    }

    private static String mac(int index) {
        return Ethernet.format(station(index));
    }

    /** A patch has no room for a third, not even for a moment. */
    @Test
    void portsOfPatchesChangePlaces() {
        dataplane.addPatch("p");
        dataplane.addPatch("q");
        try (TestGuest a = plug(0, "p"); TestGuest b = plug(1, "p"); TestGuest c = plug(2, "q");
            TestGuest d = plug(3, "q")) {
            dataplane.movePorts(Map.of("1", "q", "3", "p", "0", "p"));
            assertReach(a, 0, d, 3);
            assertReach(b, 1, c, 2);
            assertThatThrownBy(() -> dataplane.movePorts(Map.of("1", "p", "2", "lan")))
                .isInstanceOf(DataplaneException.class).hasMessage("bridge p: a patch joins two ports, not 3");
            assertThatThrownBy(() -> dataplane.movePorts(Map.of("0", "lan", "9", "lan")))
                .hasMessageContaining("port 9");
            assertThatThrownBy(() -> dataplane.movePorts(Map.of("0", "x"))).hasMessageContaining("bridge x");
            assertReach(a, 0, d, 3);
            assertReach(b, 1, c, 2);
        }
    }

    /** Each worker moves both between two batches, so that none of them has one here and the other there. */
    @Test
    void portsThatMoveTogetherMissNothing() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newCachedThreadPool();
             TestGuest left = plug(0, "lan"); TestGuest right = plug(1, "lan")) {
            Future<Integer> moves = threads.submit(() -> {
                int count = 0;
                while (!stop.get()) {
                    String bridge = count++ % 2 == 0 ? "other" : "lan";
                    dataplane.movePorts(Map.of("0", bridge, "1", bridge));
                }
                return count;
            });
            try {
                for (int i = 0; i < ROUNDS; i++) {
                    left.send(frame(station(1), 0, i));
                    right.send(frame(station(0), 1, i));
                    assertThat(right.receive(DEADLINE)).isEqualTo(frame(station(1), 0, i));
                    assertThat(left.receive(DEADLINE)).isEqualTo(frame(station(0), 1, i));
                }
            } finally {
                stop.set(true);
            }
            assertThat(moves.get()).isPositive();
            assertThat(dataplane.ports()).allMatch(port -> port.drops().isEmpty() && port.rxFrames() == ROUNDS);
        }
    }

    private static void assertReach(TestGuest first, int firstStation, TestGuest second, int secondStation) {
        for (long to : new long[] {BROADCAST, station(secondStation)}) {
            first.send(frame(to, firstStation, 1));
            assertThat(second.receive(DEADLINE)).isEqualTo(frame(to, firstStation, 1));
            second.send(frame(station(firstStation), secondStation, 2));
            assertThat(first.receive(DEADLINE)).isEqualTo(frame(station(firstStation), secondStation, 2));
        }
    }

    private TestGuest plug(int index, String bridge) {
        Path socket = directory.resolve(String.valueOf(index));
        dataplane.openUnix(new UnixPortConfig(String.valueOf(index), socket), bridge);
        TestGuest guest = new TestGuest(socket);
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!port(index).up()) {
            assertThat(System.nanoTime()).as("waiting for guest " + index).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
        return guest;
    }

    private PortStatus port(int index) {
        return dataplane.ports().stream().filter(port -> port.name().equals(String.valueOf(index))).findFirst()
            .orElseThrow();
    }

    private static long station(int index) {
        return 0x0200_0000_0000L + index;
    }

    private static byte[] frame(long destination, int from, int sequence) {
        return ByteBuffer.allocate(60).putLong(destination << 16 | station(from) >>> 32)
            .putInt((int) station(from)).putShort((short) 0x88B5).putInt(sequence).array();
    }
}
