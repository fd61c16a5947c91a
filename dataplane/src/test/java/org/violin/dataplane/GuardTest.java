package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guards as their users ask for them, on real ports. */
class GuardTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long LEFT = 0x0200_0000_0001L;
    private static final long RIGHT = 0x0200_0000_0002L;
    private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
    private static final long BPDU = 0x0180_C200_0000L;
    private static final int OTHER_TYPE = 0x88B5;
    private static final int IPV4 = 0x0800;

    @TempDir
    private Path directory;

    private static Guard declaring(List<String> macs, List<String> addresses) {
        return new Guard(macs, addresses, 0, 0, 0, 0, true);
    }

    private TestGuest plug(Dataplane dataplane, String name, String bridge) {
        dataplane.openUnix(new UnixPortConfig(name, directory.resolve(name)), bridge);
        TestGuest guest = new TestGuest(directory.resolve(name));
        FastPath.await("guest " + name, () -> FastPath.port(dataplane, name).up());
        return guest;
    }

    /** Its source is no IPv4 address but where the type says so: 10.0.0.{@code number}. */
    private static byte[] frame(long destination, long source, int type, int number) {
        ByteBuffer frame = ByteBuffer.allocate(60);
        frame.putLong(0, destination << 16).putLong(6, source << 16).putShort(12, (short) type);
        return frame.put(14, (byte) 0x45).putInt(26, 10 << 24 | number).array();
    }

    private static void assertDrops(Dataplane dataplane, String port, String reason, long count) {
        FastPath.await(reason + " at " + port,
            () -> FastPath.port(dataplane, port).drops().getOrDefault(reason, 0L) == count);
    }

    /** Whoever sends first is known; a frame that is let in comes after all that were not. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsNotDeclaredIsDroppedAndCountedUntilItIs(int workers) {
        try (Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("g", null).withWorkers(workers, List.of()))) {
            dataplane.addSwitch(SwitchConfig.of("lan"));
            try (TestGuest left = plug(dataplane, "left", "lan"); TestGuest right = plug(dataplane, "right", "lan")) {
                dataplane.guard("left", declaring(List.of("02:00:00:00:00:01"), List.of("10.0.0.0/30")));
                left.send(frame(BROADCAST, RIGHT, OTHER_TYPE, 1));
                left.send(frame(BROADCAST, LEFT, IPV4, 4));
                left.send(frame(BPDU, LEFT, OTHER_TYPE, 1));
                left.send(frame(BROADCAST, LEFT, IPV4, 3));
                assertThat(right.receive(DEADLINE)).isEqualTo(frame(BROADCAST, LEFT, IPV4, 3));
                for (String reason : List.of("undeclared-mac", "undeclared-ip", "bpdu-guard")) {
                    assertDrops(dataplane, "left", reason, 1);
                }
                assertThat(dataplane.macs("lan")).extracting(MacStatus::mac).containsExactly("02:00:00:00:00:01");
                dataplane.guard("left", Guard.NONE);
                for (byte[] frame : List.of(frame(BROADCAST, LEFT, IPV4, 4), frame(BPDU, LEFT, OTHER_TYPE, 1))) {
                    left.send(frame);
                    assertThat(right.receive(DEADLINE)).isEqualTo(frame);
                }
                dataplane.closePort("left");
                assertThatThrownBy(() -> dataplane.guard("left", null)).isInstanceOf(DataplaneException.class)
                    .hasMessage("port left: no such port");
            }
        }
    }

    @Test
    void aGuestIsNoBridgeUnlessItIsSaidOnASwitchAndACableCarriesEverything() {
        try (Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("g", null))) {
            dataplane.addSwitch(SwitchConfig.of("lan"));
            dataplane.addPatch("cable");
            try (TestGuest a = plug(dataplane, "a", "lan"); TestGuest b = plug(dataplane, "b", "lan");
                TestGuest c = plug(dataplane, "c", "cable"); TestGuest d = plug(dataplane, "d", "cable")) {
                byte[] bpdu = frame(BPDU, LEFT, OTHER_TYPE, 1);
                byte[] other = frame(BROADCAST, LEFT, OTHER_TYPE, 2);
                c.send(bpdu);
                assertThat(d.receive(DEADLINE)).isEqualTo(bpdu);
                a.send(bpdu);
                a.send(other);
                assertThat(b.receive(DEADLINE)).isEqualTo(other);
                assertDrops(dataplane, "a", "bpdu-guard", 1);
                dataplane.guard("a", Guard.NONE);
                a.send(bpdu);
                assertThat(b.receive(DEADLINE)).isEqualTo(bpdu);
                dataplane.guard("a", null);
                a.send(bpdu);
                a.send(other);
                assertThat(b.receive(DEADLINE)).isEqualTo(other);
                assertDrops(dataplane, "a", "bpdu-guard", 2);
            }
        }
    }

    /** With the guard that every guest has: 100,000 addresses of one guest push none of another's out of the table. */
    @Test
    void aFloodOfAddressesStaysOnItsOwnPort() {
        SplittableRandom random = Seeds.random("GuardTest");
        try (Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("g", null))) {
            dataplane.addSwitch(SwitchConfig.of("lan"));
            try (TestGuest left = plug(dataplane, "left", "lan"); TestGuest right = plug(dataplane, "right", "lan")) {
                for (int i = 0; i < 50; i++) {
                    right.send(frame(LEFT, RIGHT + i, OTHER_TYPE, i));
                }
                for (int sent = 0; sent < 100_000; sent += 100) {
                    for (int i = 0; i < 100; i++) {
                        // To itself, as it were: it is the switch that is to be flooded here, not its stations.
                        long source = 0x0200_0100_0000L + random.nextInt(1 << 24);
                        left.send(frame(source, source, OTHER_TYPE, i));
                    }
                    long expected = sent + 100;
                    FastPath.await("the flood", () -> FastPath.port(dataplane, "left").rxFrames() >= expected);
                }
                assertThat(stations(dataplane, "right")).isEqualTo(50);
                assertThat(stations(dataplane, "left")).isBetween(1000L, 8192L * 3 / 4);
                dataplane.closePort("left");
            }
            try (TestGuest left = plug(dataplane, "left", "lan")) {
                dataplane.guard("left", new Guard(null, null, 4, 0, 0, 0, true));
                for (int i = 0; i < 100; i++) {
                    left.send(frame(RIGHT, LEFT + 1000 + i, OTHER_TYPE, i));
                }
                FastPath.await("the flood", () -> FastPath.port(dataplane, "left").rxFrames() >= 100);
                assertThat(stations(dataplane, "left")).isEqualTo(4);
            }
        }
    }

    private static long stations(Dataplane dataplane, String port) {
        return dataplane.macs("lan").stream().filter(mac -> mac.port().equals(port)).count();
    }

    @Test
    void whatMakesNoSenseIsRefusedWithTheField() {
        List<String> mac = List.of("02:00:00:00:00:01");
        List<Supplier<Guard>> bad = List.of(
            () -> declaring(List.of(), null), () -> declaring(Collections.nCopies(17, mac.getFirst()), null),
            () -> declaring(List.of("declared"), null), () -> declaring(List.of("03:00:00:00:00:01"), null),
            () -> declaring(List.of("00:00:00:00:00:00"), null),
            () -> declaring(mac, Collections.nCopies(65, "10.0.0.1")), () -> declaring(mac, List.of("10.0.0.1/33")),
            () -> declaring(mac, List.of("fd00::/129")), () -> declaring(mac, List.of("10.0.0.1/")),
            () -> new Guard(null, null, -1, 0, 0, 0, false), () -> new Guard(null, null, 0, 1_000_001, 0, 0, false),
            () -> new Guard(null, null, 0, 0, -1, 0, false), () -> new Guard(null, null, 0, 0, 0, -1, false));
        List<String> faults = new ArrayList<>();
        for (Supplier<Guard> each : bad) {
            assertThatThrownBy(each::get).isInstanceOf(IllegalArgumentException.class)
                .satisfies(fault -> faults.add(fault.getMessage().split(":")[0]));
        }
        assertThat(faults).containsExactly("macs", "macs", "macs", "macs", "macs", "addresses", "addresses",
            "addresses", "addresses", "max-macs", "broadcast", "unknown", "multicast");
        assertThatThrownBy(() -> declaring(mac, List.of("here"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(declaring(mac, List.of()).addresses()).isEmpty();
    }
}
