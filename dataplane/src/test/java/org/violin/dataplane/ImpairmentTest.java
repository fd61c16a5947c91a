package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Link emulation as its users ask for it, on real ports. */
class ImpairmentTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long MS = 1_000_000;

    @TempDir
    private Path directory;

    private static Impairment delay(long delayNs) {
        return new Impairment(delayNs, 0, 0, 0, 0, 0, 0, 0, 0, false, 0);
    }

    private static Impairment loss(double loss) {
        return new Impairment(0, 0, loss, 0, 0, 0, 0, 0, 0, false, 1);
    }

    private TestGuest plug(Dataplane dataplane, String name) {
        dataplane.openUnix(new UnixPortConfig(name, directory.resolve(name)), "cable");
        TestGuest guest = new TestGuest(directory.resolve(name));
        FastPath.await("guest " + name, () -> dataplane.ports().stream()
            .anyMatch(port -> port.name().equals(name) && port.up()));
        return guest;
    }

    private static byte[] frame(int number) {
        return ByteBuffer.allocate(60).put(5, (byte) 2).put(11, (byte) 4).putInt(14, number).array();
    }

    /** With two workers one guest's frames are offered by one of them and taken by the other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void framesComeLateInOrderAndNoneIsLost(int workers) {
        DataplaneConfig config = DataplaneConfig.of("i", null).withWorkers(workers, List.of());
        try (Dataplane dataplane = Dataplane.launch(config)) {
            dataplane.addPatch("cable");
            try (TestGuest left = plug(dataplane, "left"); TestGuest right = plug(dataplane, "right")) {
                dataplane.impair("left", delay(30 * MS));
                dataplane.impair("right", delay(30 * MS));
                for (List<TestGuest> way : List.of(List.of(left, right), List.of(right, left))) {
                    long sentNs = System.nanoTime();
                    for (int i = 0; i < 100; i++) {
                        way.get(0).send(frame(i));
                    }
                    for (int i = 0; i < 100; i++) {
                        assertThat(way.get(1).receive(DEADLINE)).isEqualTo(frame(i));
                        assertThat(System.nanoTime() - sentNs).isGreaterThanOrEqualTo(30 * MS);
                    }
                }
            }
        }
    }

    @Test
    void aLineCanBeChangedAndTakenAwayWhileFramesPass() {
        try (Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("i", null).withWorkers(2, List.of()))) {
            dataplane.addPatch("cable");
            try (TestGuest left = plug(dataplane, "left"); TestGuest right = plug(dataplane, "right")) {
                for (int i = 0; i < 50; i++) {
                    dataplane.impair("right", i % 3 == 2 ? Impairment.NONE : delay(1 + i * MS));
                    left.send(frame(i));
                }
                dataplane.impair("right", Impairment.NONE);
                Set<ByteBuffer> came = new HashSet<>();
                for (int i = 0; i < 50; i++) {
                    came.add(ByteBuffer.wrap(right.receive(DEADLINE)));
                }
                assertThat(came).isEqualTo(IntStream.range(0, 50)
                    .mapToObj(i -> ByteBuffer.wrap(frame(i))).collect(Collectors.toSet()));
                dataplane.impair("right", loss(1));
                left.send(frame(1));
                Supplier<PortStatus> port = () -> dataplane.ports().get(1);
                FastPath.await("the loss", () -> port.get().drops().containsKey("impair-loss"));
                dataplane.closePort("right");
                assertThatThrownBy(() -> dataplane.impair("right", Impairment.NONE))
                    .isInstanceOf(DataplaneException.class).hasMessage("port right: no such port");
            }
        }
    }

    /** A caller that is interrupted does not wait for the worker's answer, though the worker obeys. */
    @Test
    void aChangeThatIsRefusedLeavesTheLineThatWasThere() {
        try (Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("i", null).withWorkers(2, List.of()))) {
            dataplane.addPatch("cable");
            try (TestGuest left = plug(dataplane, "left"); TestGuest right = plug(dataplane, "right")) {
                dataplane.impair("right", delay(30 * MS));
                while (!isRefused(dataplane, "right", loss(1))) {
                    dataplane.impair("right", delay(30 * MS));
                }
                // Behind whatever the workers have still to do.
                dataplane.impair("left", Impairment.NONE);
                long sentNs = System.nanoTime();
                left.send(frame(1));
                assertThat(right.receive(DEADLINE)).isEqualTo(frame(1));
                assertThat(System.nanoTime() - sentNs).isGreaterThanOrEqualTo(30 * MS);
                assertThat(dataplane.ports()).allSatisfy(port -> assertThat(port.drops()).isEmpty());
            }
        }
    }

    private static boolean isRefused(Dataplane dataplane, String port, Impairment impairment) {
        Thread.currentThread().interrupt();
        try {
            dataplane.impair(port, impairment);
            return false;
        } catch (DataplaneException e) {
            assertThat(e).hasMessageContaining("interrupted");
            return true;
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** TCP over a link that does all of it at once, with super-frames at both ends. */
    @Test
    void streamsSurviveABadLine() throws Exception {
        SplittableRandom random = Seeds.random("ImpairmentTest");
        try (FastPath path = new FastPath(1500, 1500)) {
            Impairment bad = new Impairment(3 * MS, MS, 0.01, 2, 100_000_000, 0, 0.01, 0.01, 0.005, false,
                random.nextLong());
            // ARP has no checksum: an address that the line has changed would be believed for half a minute.
            for (String address : List.of(FastPath.RIGHT4, FastPath.RIGHT6)) {
                path.left.run("", "ping", "-q", "-c", "1", "-W", "10", address);
            }
            path.a.impair("link", bad);
            path.b.impair("tap", bad);
            for (String address : List.of(FastPath.RIGHT4, FastPath.RIGHT6)) {
                TcpStreams.exchange(path.left, path.right, address, 1 << 20, random.nextLong());
            }
            assertThat(path.drops()).containsKeys("a.link.impair-loss", "b.tap.impair-loss");
        }
    }

    /** As long as chance alone makes them, where 1 - 0.9 is a little more than a tenth. */
    @Test
    void theShortestBurstIsTaken() {
        for (double loss : new double[] {0.1, 0.5, 0.8, 0.9, 0.99}) {
            assertThat(new Impairment(0, 0, loss, 1 / (1 - loss), 0, 0, 0, 0, 0, false, 0).loss()).isEqualTo(loss);
        }
        assertThat(new Impairment(0, 0, 0.9, 10, 0, 0, 0, 0, 0, false, 0).burstFrames()).isEqualTo(10);
    }

    @Test
    void whatMakesNoSenseIsRefusedWithTheField() {
        List<String> faults = new ArrayList<>();
        List<Supplier<Impairment>> bad = List.of(
            () -> delay(-1), () -> delay(Impairment.MAX_DELAY_NS + 1), () -> loss(1.1), () -> loss(Double.NaN),
            () -> new Impairment(5, 6, 0, 0, 0, 0, 0, 0, 0, false, 0),
            () -> new Impairment(0, 0, 0, 3, 0, 0, 0, 0, 0, false, 0),
            () -> new Impairment(0, 0, 0.5, 1.9, 0, 0, 0, 0, 0, false, 0),
            () -> new Impairment(0, 0, 0, 0, 999, 0, 0, 0, 0, false, 0),
            () -> new Impairment(0, 0, 0, 0, 0, 1000, 0, 0, 0, false, 0),
            () -> new Impairment(0, 0, 0, 0, 0, 0, 0.1, 0, 0, false, 0),
            () -> new Impairment(0, 0, 0, 0, 0, 0, 0, -0.1, 0, false, 0),
            () -> new Impairment(0, 0, 0, 0, 0, 0, 0, 0, 2, false, 0));
        for (Supplier<Impairment> each : bad) {
            assertThatThrownBy(each::get).isInstanceOf(IllegalArgumentException.class)
                .satisfies(fault -> faults.add(fault.getMessage().split(":")[0]));
        }
        assertThat(faults).containsExactly("delay", "delay", "loss", "loss", "jitter", "burst", "burst", "rate",
            "queue", "reorder", "duplicate", "corrupt");
    }
}
